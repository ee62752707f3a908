//! `cargo dev` as a newcomer runs it, on a database that is already there:
//! the real `cargo lambda watch` with its router.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use local::stack::StackOptions;
use serde_json::{Value, json};

use crate::harness::{Service, new_email};

/// Everything may have to be compiled once more.
const START_LIMIT: Duration = Duration::from_secs(600);

/// `cargo dev`, stopped when the test is over.
struct Dev {
    child: Child,
    port: u16,
    output: PathBuf,
}

impl Dev {
    fn start(service: &Service) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let port = free.local_addr().expect("it is bound").port();
        drop(free);
        let output = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("dev-{port}.log"));
        let log = File::create(&output).expect("target is writable");
        let child = Command::new(env!("CARGO"))
            .args(["dev", "--port", &port.to_string()])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .envs(service.environment().iter().cloned())
            .stdout(log)
            .spawn()
            .expect("cargo is there");
        Self {
            child,
            port,
            output,
        }
    }

    /// What it has printed so far.
    fn said(&self) -> String {
        fs::read_to_string(&self.output).expect("the log is there")
    }

    fn wait_until_ready(&mut self) {
        let started = Instant::now();
        while !self.said().contains("Ctrl-C stops everything") {
            let ended = self.child.try_wait().expect("it can be asked");
            assert!(ended.is_none(), "cargo dev ended: {ended:?}");
            assert!(started.elapsed() < START_LIMIT, "cargo dev is not ready");
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Status and body; `None` while nobody listens.
    fn send(
        &self,
        method: &str,
        path: &str,
        token: Option<&str>,
        body: Option<&Value>,
    ) -> Option<(u16, Value)> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        let body = body.map(Value::to_string).unwrap_or_default();
        let mut head = format!("{method} {path} HTTP/1.0\r\nhost: localhost\r\n");
        if let Some(token) = token {
            head += &format!("authorization: Bearer {token}\r\n");
        }
        if !body.is_empty() {
            head += "content-type: application/json\r\n";
        }
        head += &format!("content-length: {}\r\n\r\n", body.len());
        stream.write_all((head + &body).as_bytes()).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        let status = head.split(' ').nth(1)?.parse().ok()?;
        Some((status, serde_json::from_str(body).unwrap_or_default()))
    }

    #[track_caller]
    fn expect(
        &self,
        status: u16,
        method: &str,
        path: &str,
        token: &str,
        body: Option<&Value>,
    ) -> Value {
        let answer = self.send(method, path, Some(token), body);
        let (actual, value) = answer.unwrap_or_else(|| panic!("{method} {path}: no answer"));
        assert_eq!(actual, status, "{method} {path}: {value}");
        value
    }
}

/// Runs lines of a shell that somebody would paste; a status of 400 or more
/// fails, too.
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

impl Drop for Dev {
    fn drop(&mut self) {
        // What it has started hangs on a pipe of its own and ends with it.
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it can be waited for");
    }
}

#[test]
fn what_cargo_dev_and_the_readme_say_to_paste_works() {
    let service = Service::unmigrated(&StackOptions::default());
    let mut dev = Dev::start(&service);
    dev.wait_until_ready();

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

#[test]
fn the_emulators_router_serves_every_operation_in_both_route_families() {
    let service = Service::unmigrated(&StackOptions::default());
    let mut dev = Dev::start(&service);
    dev.wait_until_ready();

    let account = json!({"name": "Ann", "email": new_email(), "password": "correct horse battery"});
    let session = dev.expect(201, "POST", "/api/v1/auth/register", "", Some(&account));
    let token = session["access_token"].as_str().expect("a token");
    let user = session["user"]["id"].as_str().expect("an id");
    for base in ["/api/v1/tasks".to_owned(), format!("/api/{user}/tasks")] {
        let new = json!({"title": "Through the router"});
        let task = dev.expect(201, "POST", &base, token, Some(&new));
        let path = format!("{base}/{}", task["id"].as_str().expect("an id"));
        assert_eq!(dev.expect(200, "GET", &path, token, None), task);
        let list = dev.expect(
            200,
            "GET",
            &format!("{base}?completed=false&limit=1"),
            token,
            None,
        );
        assert_eq!(list["tasks"], json!([task]));
        let toggled = dev.expect(200, "POST", &format!("{path}/toggle"), token, None);
        assert_eq!(toggled["completed"], true);
        dev.expect(
            200,
            "PATCH",
            &path,
            token,
            Some(&json!({"completed": false})),
        );
        dev.expect(200, "PUT", &path, token, Some(&new));
        dev.expect(204, "DELETE", &path, token, None);
        dev.expect(404, "GET", &path, token, None);
    }
    dev.expect(200, "GET", "/.well-known/jwks.json", "", None);
    dev.expect(200, "GET", "/health/live", "", None);
    dev.expect(200, "GET", "/", "", None);
    dev.expect(200, "GET", "/web/app.js", "", None);
    dev.expect(401, "GET", "/api/v1/tasks", "", None);
    dev.expect(404, "GET", "/api/v1/nothing", token, None);
}
