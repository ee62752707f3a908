//! A real Better Auth on the database of a service, as our documentation
//! configures it: `tests/better-auth`.

use std::io::{BufRead, BufReader, PipeReader};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use super::{Service, exchange, tools};

const PROJECT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/better-auth");

/// The same for all, so that a second Better Auth can read the keys of the first.
const SECRET: &str = "1f0c5be2d1b84a7e93c6a08f7b52d94e6d3a";

const START_LIMIT: Duration = Duration::from_secs(60);

/// A running Better Auth. Dropped, it stops; it also stops with this process.
pub struct BetterAuth {
    process: Child,
    // Its end is how the program learns that this process is gone.
    _line: ChildStdin,
    port: u16,
    log: Arc<Mutex<Vec<String>>>,
}

impl BetterAuth {
    /// Makes Better Auth's tables and returns what was made: `{"created": table, "columns": [..]}`,
    /// `{"extended": ..}`, `{"indexed": ..}`. Our own migration has to run after it, once more
    /// if need be: it grants our functions the right to read Better Auth's keys.
    pub fn migrate(service: &Service) -> Vec<Value> {
        Self::migrate_with(service, &[])
    }

    /// The same for a Better Auth with other variables, see [`BetterAuth::start`].
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

    /// Starts it on a free port. Variables of `tests/better-auth/variant.mjs`: `JWT_ALG`,
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
        let line = process.stdin.take().expect("it is piped");
        let log = Arc::<Mutex<Vec<String>>>::default();
        let (ready, port) = channel();
        let lines = Arc::clone(&log);
        thread::spawn(move || collect(output, &lines, &ready));
        let port = port.recv_timeout(START_LIMIT).unwrap_or_else(|_| {
            let log = log.lock().unwrap_or_else(PoisonError::into_inner);
            panic!("Better Auth did not start:\n{}", log.join("\n"))
        });
        Self {
            process,
            _line: line,
            port,
            log,
        }
    }

    /// Where it is reached: `AUTH_URL` of the functions.
    pub fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What it printed so far.
    fn log(&self) -> Vec<String> {
        self.log
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// A new user, signed in: the token of the session.
    pub async fn sign_up(&self, name: &str, email: &str, password: &str) -> String {
        let session = self.try_sign_up(name, email, password).await;
        session.unwrap_or_else(|status| panic!("{status}\n{}", self.log().join("\n")))
    }

    /// The same, or the status of the refusal.
    pub async fn try_sign_up(
        &self,
        name: &str,
        email: &str,
        password: &str,
    ) -> Result<String, u16> {
        let body = json!({"name": name, "email": email, "password": password});
        self.session("/sign-up/email", &body).await
    }

    /// The token of a new session, or the status of the refusal.
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

    /// Ends the time of all signing keys: the next token is signed with a new one, and the old
    /// ones go on verifying for 30 days.
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
        let body = body.map(Value::to_string).unwrap_or_default();
        let bearer = session.map(|session| format!("authorization: Bearer {session}\r\n"));
        let request = format!(
            "{method} /api/auth{path} HTTP/1.0\r\nhost: 127.0.0.1:{}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n{}\r\n{body}",
            self.port,
            body.len(),
            bearer.unwrap_or_default(),
        );
        let (head, body) = exchange(&self.origin(), &request).await;
        let status = head
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok());
        let body = serde_json::from_str(&body).unwrap_or(Value::Null);
        (status.expect("it answers with a status"), body)
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

/// A program of the project, as the role that owns the tables and over verified TLS.
fn command(service: &Service, program: &str, variables: &[(&str, &str)]) -> Command {
    let node = tools::node().expect("Node.js is there");
    tools::node_modules(Path::new(PROJECT)).expect("the packages are there");
    let mut command = Command::new(node);
    command
        .arg(program)
        .current_dir(PROJECT)
        .env_clear()
        .env("DATABASE_URL", service.stack.direct_url())
        .env("NODE_EXTRA_CA_CERTS", service.stack.certificate_authority())
        .env("BETTER_AUTH_SECRET", SECRET)
        .envs(variables.iter().copied());
    command
}

/// Keeps what Better Auth prints, and tells the port once it listens.
fn collect(output: PipeReader, log: &Mutex<Vec<String>>, ready: &Sender<u16>) {
    // A pipe can only fail by ending.
    for line in BufReader::new(output).lines().map_while(Result::ok) {
        if let Some(port) = line
            .strip_prefix("listening ")
            .and_then(|it| it.parse().ok())
        {
            // Nobody waits any more when it took too long.
            ready.send(port).unwrap_or_default();
        }
        log.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(line);
    }
}
