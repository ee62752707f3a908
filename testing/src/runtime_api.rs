//! A stand-in for the Lambda Runtime API that runs a function's binary:
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>
//!
//! What Lambda does and this does not: it starts no environment by itself,
//! replaces none that died, and freezes none between invocations.

mod endpoints;
mod invocations;
mod process;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::background::Background;
use local::{Context, Result};

pub use invocations::InvocationError;
use invocations::Invocations;
use process::Processes;

/// How long [`Function::invoke`] waits.
pub const TIME_LIMIT: Duration = Duration::from_secs(30);

/// What the processes of a function run: a binary, or what starts a runtime of
/// another language.
#[derive(Clone, Debug)]
pub struct Program {
    /// The file to execute.
    pub path: PathBuf,
    /// What it is given.
    pub arguments: Vec<String>,
    /// The working directory, if it matters; Lambda's is the package's.
    pub directory: Option<PathBuf>,
}

impl From<&Path> for Program {
    fn from(binary: &Path) -> Self {
        Self {
            path: binary.to_owned(),
            arguments: Vec::new(),
            directory: None,
        }
    }
}

/// A function's program, running in one or more processes.
///
/// The server has a thread and an asynchronous runtime of its own, so that a
/// `Function` may live in a `static` and be invoked from any test's runtime.
/// Its processes end with it, or with this process.
pub struct Function {
    invocations: Arc<Invocations>,
    processes: Arc<Processes>,
    server: Background,
}

impl Function {
    /// Starts one process of `binary` with nothing but `environment`, PATH and
    /// Lambda's own variables in its environment.
    ///
    /// # Errors
    /// When the process or its server cannot be started. A process that ends
    /// by itself is an error of the next invocation.
    pub fn start(binary: impl AsRef<Path>, environment: &[(String, String)]) -> Result<Self> {
        Self::start_program(&binary.as_ref().into(), environment)
    }

    /// The same for a program with arguments.
    ///
    /// # Errors
    /// See [`Function::start`].
    pub fn start_program(program: &Program, environment: &[(String, String)]) -> Result<Self> {
        let describe = || format!("cannot start {}", program.path.display());
        let server = Background::start().context(describe)?;
        let invocations = Arc::new(Invocations::new(&program.path));
        let processes = Processes::new(program, environment, Arc::clone(&invocations));
        let function = Self {
            invocations,
            processes: Arc::new(processes),
            server,
        };
        function.add_process().context(describe)?;
        Ok(function)
    }

    /// Starts one more process, which takes invocations from the same queue,
    /// and returns its id.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn add_process(&self) -> Result<u32> {
        self.processes.add(&self.server)
    }

    /// Waits until a process has asked for its first invocation, and returns
    /// how long after its start that was: its init phase.
    ///
    /// # Errors
    /// When it ends before.
    pub async fn ready(&self, process_id: u32) -> Result<Duration> {
        self.processes.ready(process_id).await
    }

    /// Invokes the function and waits for its answer, for [`TIME_LIMIT`] at most.
    ///
    /// # Errors
    /// When the function fails, dies or takes too long.
    pub async fn invoke(&self, event: &Value) -> Result<Value, InvocationError> {
        self.invoke_within(event, TIME_LIMIT).await
    }

    /// Invokes the function with a deadline `limit` from now.
    ///
    /// # Errors
    /// When the function fails, dies or has not answered at its deadline.
    /// Lambda kills a process that misses a deadline, this does not.
    pub async fn invoke_within(
        &self,
        event: &Value,
        limit: Duration,
    ) -> Result<Value, InvocationError> {
        let (id, answer) = self.invocations.submit(event, limit);
        let invocations = Arc::clone(&self.invocations);
        // On the server's runtime, because the caller's may have no clock.
        let clock = self.server.spawn(async move {
            tokio::time::sleep(limit).await;
            invocations.finish(&id, Err(InvocationError::TimedOut(limit)));
        });
        let answer = answer.await;
        clock.abort();
        answer.unwrap_or(Err(InvocationError::TimedOut(limit)))
    }

    /// What the processes wrote to standard output and error so far, line by line.
    pub fn log(&self) -> Vec<String> {
        self.processes.log()
    }

    /// Ids of the processes that live, the oldest first.
    pub fn process_ids(&self) -> Vec<u32> {
        self.processes.ids()
    }

    /// Ends a process as Lambda does in the end, with SIGTERM.
    ///
    /// # Errors
    /// When there is no such process.
    pub fn stop(&self, process_id: u32) -> Result<()> {
        self.processes.stop(process_id)
    }

    /// Ends a process with SIGKILL; the invocation that it was working on fails.
    ///
    /// # Errors
    /// When there is no such process.
    pub fn kill(&self, process_id: u32) -> Result<()> {
        self.processes.kill(process_id)
    }

    /// Freezes a process, as Lambda does between invocations.
    ///
    /// # Errors
    /// When there is no such process.
    pub fn pause(&self, process_id: u32) -> Result<()> {
        self.processes.pause(process_id)
    }

    /// Thaws a process that [`Function::pause`] froze.
    ///
    /// # Errors
    /// When there is no such process.
    pub fn resume(&self, process_id: u32) -> Result<()> {
        self.processes.resume(process_id)
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        self.processes.kill_all();
    }
}

/// `get-task` for `target/debug/get-task`.
fn function_name(binary: &Path) -> String {
    PathBuf::from(binary.file_stem().unwrap_or_default())
        .display()
        .to_string()
}
