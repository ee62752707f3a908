//! A real mail server with STARTTLS and a password: `tests/mail`.

use std::io::{BufRead, BufReader, PipeReader};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::Duration;

use local::places;
use local::tools::python_environment;
use parking_lot::Mutex;
use serde_json::Value;

use super::{Service, eventually};

const START_LIMIT: Duration = Duration::from_secs(60);

/// A running mail server, until it is dropped or this process ends.
pub struct SmtpServer {
    process: Child,
    // The program ends with its standard input, even after `kill -9`.
    _stdin: ChildStdin,
    port: u16,
    mails: Arc<Mutex<Vec<Value>>>,
}

impl SmtpServer {
    /// Starts a server with the certificate of the service's stack, which takes
    /// each mail after a `delay`.
    pub fn start(service: &Service, delay: Duration) -> Self {
        let project = places::workspace().join("tests/mail");
        let python = python_environment("mail", &project.join("requirements.txt"));
        let directory = service.stack.directory();
        let (output, writer) = std::io::pipe().expect("a pipe");
        let mut process = Command::new(python.expect("the packages are there").join("bin/python"))
            .arg(project.join("server.py"))
            .env("CERTIFICATE", directory.join("server.pem"))
            .env("KEY", directory.join("server.key"))
            .env("DELAY_SECONDS", delay.as_secs_f32().to_string())
            .stdin(Stdio::piped())
            .stdout(writer)
            .spawn()
            .expect("Python can be started");
        let stdin = process.stdin.take().expect("it is piped");
        let mails = Arc::<Mutex<Vec<Value>>>::default();
        let (ready, port) = channel();
        let collected = Arc::clone(&mails);
        thread::spawn(move || collect(output, &collected, &ready));
        let port = port.recv_timeout(START_LIMIT);
        Self {
            process,
            _stdin: stdin,
            port: port.expect("the mail server starts"),
            mails,
        }
    }

    /// `SMTP_URL` of the functions.
    pub fn url(&self) -> String {
        format!(
            "smtp://todo:pass%2Fword@localhost:{}?tls=required",
            self.port
        )
    }

    /// The mails to this address.
    pub fn mails_to(&self, address: &str) -> Vec<Value> {
        let mails = self.mails.lock();
        let is_to = |mail: &&Value| mail["to"] == serde_json::json!([address]);
        mails.iter().filter(is_to).cloned().collect()
    }

    /// The last mail to this address, of at least `count`.
    pub async fn mail_to(&self, address: &str, count: usize) -> Value {
        eventually(async || {
            let mails = self.mails_to(address);
            mails.get(count - 1..)?.last().cloned()
        })
        .await
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        let ended = self.process.kill().and_then(|()| self.process.wait());
        if let Err(cause) = ended {
            eprintln!("The mail server cannot be stopped: {cause}");
        }
    }
}

/// Collects the mails, and sends the port when the server listens.
fn collect(output: PipeReader, mails: &Mutex<Vec<Value>>, ready: &Sender<u16>) {
    // Reading from a pipe fails only at its end.
    for line in BufReader::new(output).lines().map_while(Result::ok) {
        match line.strip_prefix("listening ") {
            // Sending fails when the start has taken too long.
            Some(port) => ready
                .send(port.parse().expect("a port is a number"))
                .unwrap_or_default(),
            None => mails
                .lock()
                .push(serde_json::from_str(&line).expect("a mail is JSON")),
        }
    }
}
