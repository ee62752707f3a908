//! AWS's own runtime interface emulator, which the stand-in for the Runtime API
//! is held against:
//! <https://github.com/aws/aws-lambda-runtime-interface-emulator>
//!
//! The emulator starts the function at the first invocation, ends it at a time-out, and
//! starts another one after that or after its death, as Lambda does. It does
//! not limit its memory.

use std::env;
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use local::server::free_port;
use local::supervised::{self, Ending, Supervised};
use local::{Context, Error, Result};
use serde_json::Value;

use crate::http;
use crate::runtime_api::{InvocationError, Program};

const PATIENCE: Duration = Duration::from_secs(20);
const POLL: Duration = Duration::from_millis(20);

/// A function under the emulator: one environment of it.
pub struct Emulator {
    _process: Supervised,
    port: u16,
    limit: Duration,
    lines: Arc<Mutex<Vec<String>>>,
    /// Two invocations at once make it panic.
    turn: tokio::sync::Mutex<()>,
}

impl Emulator {
    /// Starts `emulator` with `function`, which may take `limit` for each
    /// invocation and has nothing but `environment`, PATH and Lambda's own
    /// variables in its environment.
    ///
    /// # Errors
    /// When it cannot be started or does not listen.
    pub fn start(
        emulator: &Program,
        function: &Program,
        environment: &[(String, String)],
        limit: Duration,
    ) -> Result<Self> {
        let describe = || "cannot start the emulator";
        let port = free_port(None)?;
        let runtime_api = free_port(None)?;
        let (output, writer) = std::io::pipe().context(describe)?;
        let mut command = supervised::command(&emulator.path);
        command
            .args(&emulator.arguments)
            .arg("--runtime-interface-emulator-address")
            .arg(format!("{}:{port}", Ipv4Addr::LOCALHOST))
            .arg("--runtime-api-address")
            .arg(format!("{}:{runtime_api}", Ipv4Addr::LOCALHOST))
            .arg(&function.path)
            .args(&function.arguments)
            .arg("handler")
            .env_clear()
            .envs(env::var_os("PATH").map(|path| ("PATH", path)))
            .env("AWS_LAMBDA_FUNCTION_NAME", "emulated")
            .env("AWS_LAMBDA_FUNCTION_TIMEOUT", limit.as_secs().to_string())
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .stdout(writer.try_clone().context(describe)?)
            .stderr(writer);
        let mut process = Supervised::spawn(command, Ending::BRISK)?;
        let lines = Arc::new(Mutex::new(Vec::new()));
        let collected = Arc::clone(&lines);
        thread::spawn(move || {
            // A pipe can only fail by ending.
            for line in BufReader::new(output).split(b'\n').map_while(|it| it.ok()) {
                let line = String::from_utf8_lossy(&line).into_owned();
                let mut lines = collected.lock().unwrap_or_else(PoisonError::into_inner);
                lines.push(line);
            }
        });
        let started = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            if process.ended()?.is_some() || started.elapsed() > PATIENCE {
                return Err(Error::new("the emulator does not listen"));
            }
            thread::sleep(POLL);
        }
        Ok(Self {
            _process: process,
            port,
            limit,
            lines,
            turn: tokio::sync::Mutex::new(()),
        })
    }

    /// Invokes the function and waits for its answer.
    ///
    /// # Errors
    /// When the function fails, dies or takes too long, as the stand-in says it.
    pub async fn invoke(&self, event: &Value) -> Result<Value, InvocationError> {
        let _turn = self.turn.lock().await;
        let url = format!(
            "http://{}:{}/2015-03-31/functions/function/invocations",
            Ipv4Addr::LOCALHOST,
            self.port
        );
        let answer = http::send("POST", &url, &[], &event.to_string()).await;
        let body = answer.text();
        if answer.status() != 200 {
            return Err(InvocationError::Died(body));
        }
        if body.starts_with("Task timed out after") {
            return Err(InvocationError::TimedOut(self.limit));
        }
        let answer: Value = serde_json::from_str(&body).unwrap_or_default();
        match (answer["errorType"].as_str(), answer.get("statusCode")) {
            (Some(kind), None) => Err(InvocationError::Failed {
                kind: kind.to_owned(),
                message: answer["errorMessage"].as_str().unwrap_or_default().into(),
            }),
            _ => Ok(answer),
        }
    }

    /// The lines that the emulator and the function wrote so far.
    pub fn log(&self) -> Vec<String> {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.clone()
    }
}
