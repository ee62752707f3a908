//! A real Better Auth on the database of a service, configured as our
//! documentation says: `tests/better-auth`.

use std::io::{BufRead, BufReader, PipeReader};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::Duration;

use local::places;
use parking_lot::Mutex;
use serde_json::{Value, json};

use super::{Service, http, tools};

/// A secret for every Better Auth, so that a second one reads the keys of the first.
const SECRET: &str = "1f0c5be2d1b84a7e93c6a08f7b52d94e6d3a";

const START_LIMIT: Duration = Duration::from_secs(60);

/// A running Better Auth, until it is dropped or this process ends.
pub struct BetterAuth {
    process: Child,
    // The program ends with its standard input, even after `kill -9`.
    _stdin: ChildStdin,
    port: u16,
    log: Arc<Mutex<Vec<String>>>,
}

impl BetterAuth {
    /// Makes Better Auth's tables and returns the changes: `{"created": table, "columns": [..]}`,
    /// `{"extended": ..}`, `{"indexed": ..}`. Our own migration has to run afterwards, even if
    /// it ran before: it grants our functions the right to read Better Auth's keys.
    pub fn migrate(service: &Service) -> Vec<Value> {
        Self::migrate_with(service, &[])
    }

    /// Does the same for a Better Auth with other variables, see [`BetterAuth::start`].
    pub fn migrate_with(service: &Service, variables: &[(&str, &str)]) -> Vec<Value> {
        let output = command(service, "migrate.mjs", variables)
            .stdin(Stdio::null())
            .output()
            .expect("node can be started");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success(),
            "Better Auth's migration failed:\n{errors}"
        );
        let lines = String::from_utf8(output.stdout).expect("it prints UTF-8");
        let lines = lines.lines();
        lines
            .map(|line| serde_json::from_str(line).expect("it prints JSON"))
            .collect()
    }

    /// Starts a Better Auth on a free port. Variables of `tests/better-auth/variant.mjs`: `JWT_ALG`,
    /// `JWKS_ROTATION_SECONDS`, `ADMIN=1`, `STOCK_HASH=1`; and `BETTER_AUTH_URL`, for another
    /// issuer than its own origin.
    pub fn start(service: &Service, variables: &[(&str, &str)]) -> Self {
        let (output, writer) = std::io::pipe().expect("a pipe");
        let mut process = command(service, "server.mjs", variables)
            .stdin(Stdio::piped())
            .stdout(writer.try_clone().expect("a pipe"))
            .stderr(writer)
            .spawn()
            .expect("node can be started");
        let stdin = process.stdin.take().expect("it is piped");
        let log = Arc::<Mutex<Vec<String>>>::default();
        let (ready, port) = channel();
        let lines = Arc::clone(&log);
        thread::spawn(move || collect(output, &lines, &ready));
        let port = port
            .recv_timeout(START_LIMIT)
            .unwrap_or_else(|_| panic!("Better Auth did not start:\n{}", log.lock().join("\n")));
        Self {
            process,
            _stdin: stdin,
            port,
            log,
        }
    }

    /// The address: `AUTH_URL` of the functions.
    pub fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The output so far.
    fn log(&self) -> Vec<String> {
        self.log.lock().clone()
    }

    /// Signs up a new user and returns the token of the session.
    pub async fn sign_up(&self, name: &str, email: &str, password: &str) -> String {
        let session = self.try_sign_up(name, email, password).await;
        session.unwrap_or_else(|status| panic!("{status}\n{}", self.log().join("\n")))
    }

    /// Does the same, or returns the status of the refusal.
    pub async fn try_sign_up(
        &self,
        name: &str,
        email: &str,
        password: &str,
    ) -> Result<String, u16> {
        let body = json!({"name": name, "email": email, "password": password});
        self.session("/sign-up/email", &body).await
    }

    /// Signs in and returns the token of the session, or the status of the refusal.
    pub async fn sign_in(&self, email: &str, password: &str) -> Result<String, u16> {
        let body = json!({"email": email, "password": password});
        self.session("/sign-in/email", &body).await
    }

    /// A JWT for the service.
    pub async fn token(&self, session: &str) -> String {
        let (status, answer) = self.call("GET", "/token", Some(session), None).await;
        self.expect(status, &answer, "token")
    }

    /// Changes the password of a session's user.
    pub async fn change_password(&self, session: &str, current: &str, new: &str) {
        let body = json!({"currentPassword": current, "newPassword": new});
        let (status, answer) = self.post("/change-password", Some(session), &body).await;
        assert_eq!(status, 200, "{answer}");
    }

    /// Deletes the user of a session.
    pub async fn delete_user(&self, session: &str, password: &str) {
        let body = json!({"password": password});
        let (status, answer) = self.post("/delete-user", Some(session), &body).await;
        assert_eq!(
            (status, &answer["success"]),
            (200, &json!(true)),
            "{answer}"
        );
    }

    /// Lets all signing keys expire: the next token is signed with a new key, and the old keys
    /// verify for 30 days more.
    pub async fn rotate_keys(service: &Service) {
        let expire = r#"update jwks set "expiresAt" = now() - interval '1 second'"#;
        let client = service.connect_as_owner().await;
        client
            .batch_execute(expire)
            .await
            .expect("Better Auth's tables are there");
    }

    async fn session(&self, path: &str, body: &Value) -> Result<String, u16> {
        match self.post(path, None, body).await {
            (200, answer) => Ok(self.expect(200, &answer, "token")),
            (status, _) => Err(status),
        }
    }

    async fn post(&self, path: &str, session: Option<&str>, body: &Value) -> (u16, Value) {
        self.call("POST", path, session, Some(body)).await
    }

    async fn call(
        &self,
        method: &str,
        path: &str,
        session: Option<&str>,
        body: Option<&Value>,
    ) -> (u16, Value) {
        let url = format!("{}/api/auth{path}", self.origin());
        let answer = http::call(method, &url, session, body).await;
        let body = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
        (answer.status(), body)
    }

    #[track_caller]
    fn expect(&self, status: u16, answer: &Value, member: &str) -> String {
        let found = answer[member].as_str().filter(|_| status == 200);
        let Some(text) = found else {
            panic!("{status} {answer}\n{}", self.log().join("\n"));
        };
        text.to_owned()
    }
}

impl Drop for BetterAuth {
    fn drop(&mut self) {
        let ended = self.process.kill().and_then(|()| self.process.wait());
        if let Err(cause) = ended {
            eprintln!("Better Auth cannot be stopped: {cause}");
        }
    }
}

/// A program of the project. It signs in as the owner of the tables, over verified TLS.
fn command(service: &Service, program: &str, variables: &[(&str, &str)]) -> Command {
    let node = tools::node().expect("Node.js is there");
    let project = places::workspace().join("tests/better-auth");
    tools::node_modules(&project).expect("the packages are there");
    let mut command = Command::new(node);
    command
        .arg(program)
        .current_dir(project)
        .env_clear()
        .env("DATABASE_URL", service.stack.direct_url())
        .env("NODE_EXTRA_CA_CERTS", service.stack.certificate_authority())
        .env("BETTER_AUTH_SECRET", SECRET)
        .envs(variables.iter().copied());
    command
}

/// Collects the output of Better Auth, and sends the port when it listens.
fn collect(output: PipeReader, log: &Mutex<Vec<String>>, ready: &Sender<u16>) {
    // Reading from a pipe fails only at its end.
    for line in BufReader::new(output).lines().map_while(Result::ok) {
        if let Some(port) = line
            .strip_prefix("listening ")
            .and_then(|it| it.parse().ok())
        {
            // Sending fails when the start has taken too long.
            ready.send(port).unwrap_or_default();
        }
        log.lock().push(line);
    }
}
