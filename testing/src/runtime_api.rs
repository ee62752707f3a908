//! A stand-in for the Lambda Runtime API that runs a function's binary:
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>
//!
//! Unlike Lambda, it starts no environment by itself, replaces none that died, and
//! freezes none between invocations. AWS's own runtime interface emulator is no
//! substitute: it runs one process, and one invocation at a time. The tests hold
//! this against it, see [`crate::emulator`].

mod endpoints;
mod invocations;
mod process;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use local::background::Background;
use local::{Context, Result};

pub use invocations::InvocationError;
use invocations::Invocations;
use process::Processes;

/// How long [`Function::invoke`] waits.
pub const TIME_LIMIT: Duration = Duration::from_secs(30);

/// The program of a function: a binary, or the runtime of another language.
#[derive(Clone, Debug)]
pub struct Program {
    /// The file to execute.
    pub path: PathBuf,
    /// The arguments.
    pub arguments: Vec<String>,
    /// The working directory, if it matters. On Lambda it is that of the package.
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

/// A function that runs in one or more processes.
///
/// The server has a thread and an asynchronous runtime of its own, so that a
/// `static` may hold a `Function` and any test's runtime may invoke it. Its
/// processes end when it is dropped, or with this process.
pub struct Function {
    invocations: Arc<Invocations>,
    processes: Arc<Processes>,
    server: Background,
}

impl Function {
    /// Starts one process of `binary`. Its environment has `environment`, PATH and
    /// Lambda's own variables.
    ///
    /// # Errors
    /// When the process or its server cannot be started. If the process ends by
    /// itself, the next invocation fails.
    pub fn start(binary: impl AsRef<Path>, environment: &[(String, String)]) -> Result<Self> {
        Self::start_program(&binary.as_ref().into(), environment)
    }

    /// Starts one process of a program with arguments.
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
    /// When the process cannot be started.
    pub fn add_process(&self) -> Result<u32> {
        self.processes.add(&self.server)
    }

    /// Waits until a process asks for its first invocation, and returns the duration
    /// since its start: the init phase.
    ///
    /// # Errors
    /// When the process ends before.
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
    /// Lambda would kill the process.
    pub async fn invoke_within(
        &self,
        event: &Value,
        limit: Duration,
    ) -> Result<Value, InvocationError> {
        let (id, answer) = self.invocations.submit(event, limit);
        let invocations = Arc::clone(&self.invocations);
        // The caller's runtime may have no clock.
        let clock = self.server.spawn(async move {
            tokio::time::sleep(limit).await;
            invocations.finish(&id, Err(InvocationError::TimedOut(limit)));
        });
        let answer = answer.await;
        clock.abort();
        answer.unwrap_or(Err(InvocationError::TimedOut(limit)))
    }

    /// The lines that the processes have written to standard output and error.
    pub fn log(&self) -> Vec<String> {
        self.processes.log()
    }

    /// The ids of the running processes, the oldest first.
    pub fn process_ids(&self) -> Vec<u32> {
        self.processes.ids()
    }

    /// Ends a process with SIGTERM, as Lambda does.
    ///
    /// # Errors
    /// When there is no such process.
    pub fn stop(&self, process_id: u32) -> Result<()> {
        self.processes.stop(process_id)
    }

    /// Ends a process with SIGKILL. Its invocation fails.
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
