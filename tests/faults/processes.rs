//! Server processes of a test's own, beside those of the stack.

use std::ffi::OsStr;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use testing::Service;

/// A program that runs in the stack's directory, as the account of its servers.
pub struct ServerCommand(Command);

/// A process that ends with the test.
pub struct ServerProcess(Child);

impl ServerCommand {
    pub fn new(service: &Service, program: &Path) -> Self {
        let directory = service.stack.directory();
        let data = std::fs::metadata(directory.join("data")).expect("the server has data");
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .current_dir(directory)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        // Root uses the account of the servers, and everybody else is their owner.
        if std::fs::metadata("/proc/self").is_ok_and(|this| this.uid() == 0) {
            command.uid(data.uid()).gid(data.gid());
        }
        Self(command)
    }

    pub fn arg(&mut self, argument: impl AsRef<OsStr>) -> &mut Self {
        self.0.arg(argument);
        self
    }

    /// Runs the program to its end.
    pub fn run(&mut self) {
        let output = self.0.stderr(Stdio::piped()).output();
        let output = output.expect("the program is there");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{errors}");
    }

    pub fn spawn(&mut self) -> ServerProcess {
        ServerProcess(self.0.spawn().expect("the program is there"))
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        self.0.kill().expect("it is ours");
        self.0.wait().expect("it is ours");
    }
}
