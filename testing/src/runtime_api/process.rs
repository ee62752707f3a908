//! The processes of one function: their start, their end, their output.

use std::env;
use std::io::{BufRead, BufReader, PipeReader};
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use local::supervised::{self, Ending, Supervised};
use local::{Context, Error, Result};
use parking_lot::Mutex;

use super::endpoints::endpoints;
use super::invocations::Invocations;
use super::{Program, function_name};
use local::background::Background;

const LOG_LINES: usize = 15;
const POLL: Duration = Duration::from_millis(20);

/// All processes of a function, also those that ended.
pub(super) struct Processes {
    program: Program,
    environment: Vec<(String, String)>,
    invocations: Arc<Invocations>,
    all: Mutex<Vec<Arc<Process>>>,
    lines: Arc<Mutex<Vec<String>>>,
}

struct Process {
    number: usize,
    id: u32,
    started: Instant,
    /// `None` after the process has ended.
    child: Mutex<Option<Supervised>>,
}

impl Processes {
    pub(super) fn new(
        program: &Program,
        environment: &[(String, String)],
        invocations: Arc<Invocations>,
    ) -> Self {
        Self {
            program: program.clone(),
            environment: environment.to_owned(),
            invocations,
            all: Mutex::default(),
            lines: Arc::default(),
        }
    }

    /// Starts a process, and a Runtime API of its own on `server`.
    pub(super) fn add(&self, server: &Background) -> Result<u32> {
        let describe = || "cannot start a process of the function";
        let (output, writer) = std::io::pipe().context(describe)?;
        let mut all = self.all.lock();
        let number = all.len();
        let router = endpoints(number, Arc::clone(&self.invocations));
        let port = server.serve(router).context(describe)?;

        let mut command = supervised::command(&self.program.path);
        if let Some(directory) = &self.program.directory {
            command.current_dir(directory);
        }
        command
            .args(&self.program.arguments)
            .env_clear()
            .envs(env::var_os("PATH").map(|path| ("PATH", path)))
            .env(
                "AWS_LAMBDA_RUNTIME_API",
                format!("{}:{port}", Ipv4Addr::LOCALHOST),
            )
            .env(
                "AWS_LAMBDA_FUNCTION_NAME",
                function_name(&self.program.path),
            )
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdout(writer.try_clone().context(describe)?)
            .stderr(writer);

        self.invocations.process_started(number);
        let child = Supervised::spawn(command, Ending::BRISK)
            .inspect_err(|_| self.invocations.process_stopping(number))?;
        let process = Arc::new(Process {
            number,
            id: child.id(),
            started: Instant::now(),
            child: Mutex::new(Some(child)),
        });
        all.push(Arc::clone(&process));
        let invocations = Arc::clone(&self.invocations);
        let lines = Arc::clone(&self.lines);
        let id = process.id;
        thread::spawn(move || process.observe(output, &lines, &invocations));
        Ok(id)
    }

    pub(super) async fn ready(&self, id: u32) -> Result<Duration> {
        let process = self.find(id)?;
        let asked = self.invocations.first_asked(process.number).await;
        let asked = asked.ok_or_else(|| {
            let log = self.log();
            let words = log[log.len().saturating_sub(LOG_LINES)..].join("\n");
            Error::new(format!("process {id} ended before it was ready:\n{words}"))
        })?;
        Ok(asked.saturating_duration_since(process.started))
    }

    pub(super) fn log(&self) -> Vec<String> {
        self.lines.lock().clone()
    }

    pub(super) fn ids(&self) -> Vec<u32> {
        let all = self.all.lock();
        let living = all.iter().filter(|process| process.lives());
        living.map(|process| process.id).collect()
    }

    pub(super) fn stop(&self, id: u32) -> Result<()> {
        self.end(id, |child| child.stop().map(|_| ()))
    }

    pub(super) fn kill(&self, id: u32) -> Result<()> {
        self.end(id, Supervised::kill)
    }

    pub(super) fn pause(&self, id: u32) -> Result<()> {
        self.find(id)?.with(|child| child.pause())
    }

    pub(super) fn resume(&self, id: u32) -> Result<()> {
        self.find(id)?.with(|child| child.resume())
    }

    pub(super) fn kill_all(&self) {
        for id in self.ids() {
            if let Err(cause) = self.kill(id) {
                eprintln!("{cause}");
            }
        }
    }

    /// Ends a process after taking it out of the queue.
    fn end(&self, id: u32, end: impl FnOnce(&mut Supervised) -> Result<()>) -> Result<()> {
        let process = self.find(id)?;
        self.invocations.process_stopping(process.number);
        process.with(end)
    }

    fn find(&self, id: u32) -> Result<Arc<Process>> {
        let all = self.all.lock();
        let found = all
            .iter()
            .find(|process| process.id == id && process.lives());
        found
            .cloned()
            .ok_or_else(|| Error::new(format!("the function has no process {id}")))
    }
}

impl Process {
    fn lives(&self) -> bool {
        let mut child = self.child.lock();
        let ended = child.as_mut().map(Supervised::ended);
        matches!(ended, Some(Ok(None)))
    }

    fn with(&self, act: impl FnOnce(&mut Supervised) -> Result<()>) -> Result<()> {
        self.child.lock().as_mut().map_or(Ok(()), act)
    }

    /// Collects the output of the process until it ends, and reports the end.
    fn observe(&self, output: PipeReader, lines: &Mutex<Vec<String>>, invocations: &Invocations) {
        let mut own = Vec::new();
        for line in BufReader::new(output).split(b'\n') {
            // Reading from a pipe fails only at its end.
            let Ok(line) = line else { break };
            let line = String::from_utf8_lossy(&line).into_owned();
            own.push(line.clone());
            lines.lock().push(line);
        }
        while self.lives() {
            thread::sleep(POLL);
        }
        self.child.lock().take();
        let words = own[own.len().saturating_sub(LOG_LINES)..].join("\n");
        invocations.process_died(self.number, words);
    }
}
