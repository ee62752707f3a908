//! Removes a temporary directory when the last process that uses it is gone.

use std::io::PipeWriter;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::error::{Context, Result};

/// A pipe that this process and every process of the servers hold open.
pub(super) struct Guard {
    shared: Option<PipeWriter>,
    remover: Option<Child>,
}

impl Guard {
    /// A guard at whose end nothing happens.
    pub(super) fn idle() -> Result<Self> {
        let (_, shared) = std::io::pipe().context(|| "cannot make a pipe")?;
        Ok(Self {
            shared: Some(shared),
            remover: None,
        })
    }

    /// A guard that removes `directory` at its end.
    pub(super) fn removing(directory: &Path) -> Result<Self> {
        let (end, shared) = std::io::pipe().context(|| "cannot make a pipe")?;
        let remover = Command::new("/bin/sh")
            .args(["-c", "cat >/dev/null; cd /; rm -rf -- \"$1\"", "remover"])
            .arg(directory)
            .stdin(end)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .context(|| "cannot start /bin/sh")?;
        Ok(Self {
            shared: Some(shared),
            remover: Some(remover),
        })
    }

    /// An end of the pipe for a server.
    pub(super) fn share(&self) -> Result<PipeWriter> {
        self.shared
            .as_ref()
            .ok_or(std::io::ErrorKind::BrokenPipe.into())
            .and_then(PipeWriter::try_clone)
            .context(|| "cannot copy a pipe")
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.shared = None;
        if let Some(remover) = &mut self.remover
            && let Err(cause) = remover.wait()
        {
            eprintln!("cannot wait for the end of a directory: {cause}");
        }
    }
}
