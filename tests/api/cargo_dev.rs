//! `cargo dev` as a newcomer runs it, with the real `cargo lambda watch`, on an
//! existing database.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use local::cargo;
use local::cors;
use local::server::free_port;
use local::stack::StackOptions;
use local::supervised::{self, Ending, Supervised};
use serde_json::{Value, json};
use testing::{Service, http, new_email};

use crate::contract;

/// The functions may have to be compiled again.
const START_LIMIT: Duration = Duration::from_secs(600);

/// A `cargo dev`, until it is dropped or this process ends.
pub struct Dev {
    port: u16,
    output: PathBuf,
    _process: Mutex<Supervised>,
}

/// The `cargo dev` of all tests here.
fn dev() -> &'static Dev {
    static SHARED: OnceLock<Dev> = OnceLock::new();
    SHARED.get_or_init(|| Dev::start(service(), free_port(None).expect("a port is free"), &[]))
}

/// The service whose database it uses.
fn service() -> &'static Arc<Service> {
    static SERVICE: OnceLock<Arc<Service>> = OnceLock::new();
    SERVICE.get_or_init(|| Arc::new(Service::unmigrated(&StackOptions::default())))
}

impl Dev {
    /// Starts `cargo dev` on the database of `service` and waits until it is ready.
    pub fn start(service: &Service, port: u16, options: &[&str]) -> Self {
        let output = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("dev-{port}.log"));
        let log = File::create(&output).expect("target is writable");
        let mut command = supervised::command(env!("CARGO"));
        complete(&mut command, service, port);
        command.args(options).stdout(log);
        let mut process = Supervised::spawn(command, Ending::BRISK).expect("cargo is there");
        let said = || fs::read_to_string(&output).expect("the log is there");
        let started = Instant::now();
        while !said().contains("Ctrl-C stops everything") {
            let ended = process.ended().expect("it can be asked");
            assert!(ended.is_none(), "cargo dev ended: {ended:?}");
            assert!(started.elapsed() < START_LIMIT, "cargo dev is not ready");
            std::thread::sleep(Duration::from_millis(100));
        }
        Self {
            port,
            output,
            _process: Mutex::new(process),
        }
    }

    /// The output so far.
    fn said(&self) -> String {
        fs::read_to_string(&self.output).expect("the log is there")
    }

    async fn expect(
        &self,
        status: u16,
        method: &str,
        path: &str,
        token: &str,
        body: Option<&Value>,
    ) -> Value {
        let url = format!("http://127.0.0.1:{}{path}", self.port);
        let answer = http::call(method, &url, Some(token), body).await;
        assert_eq!(answer.status(), status, "{method} {path}: {answer:?}");
        serde_json::from_slice(answer.text().as_bytes()).unwrap_or_default()
    }
}

/// Makes a command of Cargo's `cargo dev` on the database of `service`.
fn complete(command: &mut Command, service: &Service, port: u16) {
    command
        .args(["dev", "--no-install", "--port", &port.to_string()])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .envs(service.environment().iter().cloned());
    cargo::forget_this_package(command);
}

/// Runs lines of a shell as if they were pasted. A status of 400 or more fails.
#[track_caller]
fn paste(lines: &str) -> String {
    let script = lines.replace("curl -sS", "curl -sS --fail-with-body");
    let output = Command::new("sh").args(["-euc", &script]).output();
    let output = output.expect("there is a shell");
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{lines}\n{printed}\n{complaint}");
    printed
}

#[test]
fn what_cargo_dev_and_the_readme_say_to_paste_works() {
    let dev = dev();

    let said = dev.said();
    assert!(
        said.contains(&format!("ready: http://127.0.0.1:{}\n", dev.port)),
        "{said}"
    );
    let is_pasted = |line: &&str| line.starts_with("token=") || line.starts_with("curl ");
    let greeting: Vec<&str> = said.lines().filter(is_pasted).collect();
    assert_eq!(greeting.len(), 3, "{said}");
    assert!(paste(&greeting.join("\n")).contains(r#""total":1"#));

    let readme = include_str!("../../README.md");
    let (_, round) = readme
        .split_once("## A round with curl\n\n```sh\n")
        .expect("it is there");
    let (round, _) = round.split_once("```").expect("it ends");
    let printed = paste(&round.replace(":9000", &format!(":{}", dev.port)));
    assert!(printed.contains("Buy oat milk"), "{printed}");
}

#[tokio::test]
async fn the_emulators_router_serves_every_operation_in_both_route_families() {
    let dev = dev();

    let account = json!({"name": "Ann", "email": new_email(), "password": "correct horse battery"});
    let session = dev
        .expect(201, "POST", "/api/v1/auth/register", "", Some(&account))
        .await;
    let token = session["access_token"].as_str().expect("a token");
    let user = session["user"]["id"].as_str().expect("an id");
    for base in ["/api/v1/tasks".to_owned(), format!("/api/{user}/tasks")] {
        let new = json!({"title": "Through the router"});
        let task = dev.expect(201, "POST", &base, token, Some(&new)).await;
        let path = format!("{base}/{}", task["id"].as_str().expect("an id"));
        assert_eq!(dev.expect(200, "GET", &path, token, None).await, task);
        let list = dev
            .expect(
                200,
                "GET",
                &format!("{base}?completed=false&limit=1"),
                token,
                None,
            )
            .await;
        assert_eq!(list["tasks"], json!([task]));
        let toggled = dev
            .expect(200, "POST", &format!("{path}/toggle"), token, None)
            .await;
        assert_eq!(toggled["completed"], true);
        dev.expect(
            200,
            "PATCH",
            &path,
            token,
            Some(&json!({"completed": false})),
        )
        .await;
        dev.expect(200, "PUT", &path, token, Some(&new)).await;
        dev.expect(204, "DELETE", &path, token, None).await;
        dev.expect(404, "GET", &path, token, None).await;
    }
    dev.expect(200, "GET", "/.well-known/jwks.json", "", None)
        .await;
    dev.expect(200, "GET", "/health/live", "", None).await;
    dev.expect(200, "GET", "/", "", None).await;
    dev.expect(200, "GET", "/web/app.js", "", None).await;
    dev.expect(401, "GET", "/api/v1/tasks", "", None).await;
    dev.expect(404, "GET", "/api/v1/nothing", token, None).await;
}

#[tokio::test]
async fn pages_of_the_named_origins_may_call_it_and_others_may_not() {
    let url = format!("http://127.0.0.1:{}/api/v1/tasks", dev().port);
    for (origin, allowed) in [
        ("http://localhost:3000", true),
        ("http://localhost:5173", true),
        ("http://localhost:3001", false),
        ("https://evil.example", false),
    ] {
        let preflight = [
            ("origin", origin),
            ("access-control-request-method", "PATCH"),
            ("access-control-request-headers", "authorization,if-match"),
        ];
        let asked = http::send("OPTIONS", &url, &preflight, "").await;
        let answered = http::send("GET", &url, &[("origin", origin)], "").await;
        assert_eq!((asked.status(), answered.status()), (200, 401));
        for answer in [&asked, &answered] {
            let said = answer.header("access-control-allow-origin");
            assert_eq!(said, allowed.then_some(origin), "{answer:?}");
            assert_eq!(answer.header("access-control-allow-credentials"), None);
        }
        let list = |name: &str| asked.header(name).map(str::to_lowercase);
        let methods = cors::METHODS.join(",").to_lowercase();
        assert_eq!(list("access-control-allow-methods"), Some(methods));
        let headers = cors::ALLOWED_HEADERS.join(",");
        assert_eq!(list("access-control-allow-headers"), Some(headers));
        assert_eq!(asked.header("access-control-max-age"), Some("3600"));
        let exposed = cors::EXPOSED_HEADERS.join(",");
        let said = answered.header("access-control-expose-headers");
        assert_eq!(said, Some(exposed.as_str()));
    }
}

#[tokio::test]
async fn what_no_function_answers_is_a_problem_of_the_service() {
    let base = format!("http://127.0.0.1:{}", dev().port);
    let nothing = http::send("GET", &format!("{base}/api/v1/nothing"), &[], "").await;
    nothing.expect_problem(404, "not-found");

    let tasks = format!("{base}/api/v1/tasks");
    for (name, status, kind) in [
        ("if-match", 400, "bad-request"),
        ("authorization", 401, "unauthorized"),
        ("x-other", 401, "unauthorized"),
    ] {
        let answer = http::send("GET", &tasks, &[(name, "Bearer \u{e4}")], "").await;
        answer.expect_problem(status, kind);
    }
}

#[tokio::test]
async fn the_answer_says_why_a_token_was_refused() {
    let url = format!("http://127.0.0.1:{}/api/v1/me", dev().port);
    let answer = http::call("GET", &url, Some("no.token."), None).await;
    let problem = answer.expect_problem(401, "unauthorized");
    let detail = problem["detail"].as_str().expect("it is text");
    assert!(detail.starts_with("The token is not a JWT"), "{detail}");
}

#[tokio::test]
async fn schemathesis_finds_nothing_there_either() {
    let origin = format!("http://127.0.0.1:{}", dev().port);
    let user = service().new_user().await;
    let mut schemathesis = contract::schemathesis(&origin, &user, "of no link");
    // Each input at and beyond its limits, once. The functions are those of the other
    // test; and that all routes lead to them, a test here shows.
    schemathesis.args(["--phases", "coverage", "--exclude-tag", "Tasks by user id"]);
    schemathesis.arg("--generation-deterministic");
    // A function starts at its first request.
    schemathesis.args(["--request-timeout", "60"]);
    contract::run(schemathesis);
}

#[test]
fn a_bad_variable_ends_it_with_one_sentence_that_names_it() {
    // The other tests compile whatever has to be.
    let _ready = dev();
    let service = Service::unmigrated(&StackOptions::default());
    let mut command = Command::new(env!("CARGO"));
    complete(
        &mut command,
        &service,
        free_port(None).expect("a port is free"),
    );
    command.env("AUTH_URL", "htp:/hunter2");
    let output = command.output().expect("cargo is there");
    let said = String::from_utf8_lossy(&output.stderr);
    let last = said.trim_end().lines().last().unwrap_or_default();
    assert!(!output.status.success());
    assert!(last.starts_with("AUTH_URL must be an https URL"), "{said}");
    assert!(!said.contains("hunter2"), "{said}");
}
