//! A directory that is removed when the last process that uses it is gone.
//!
//! The crate tempfile removes directories in a destructor, which does not run for
//! a `static` or after `kill -9`.

use std::env;
use std::io::PipeWriter;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use nix::sys::statvfs::statvfs;

use crate::account::{self, Account};
use crate::error::{Context, Result};
use crate::files;

/// The file system in memory that Linux has for everybody.
const MEMORY: &str = "/dev/shm";

/// The bytes that have to be free in it: containers often have 64 MB there.
const ROOM: u128 = 4 << 30;

/// The directory, and a pipe that this process and every process of the servers
/// hold open.
pub(super) struct TemporaryDirectory {
    path: PathBuf,
    pipe: Option<PipeWriter>,
    remover: Child,
}

impl TemporaryDirectory {
    /// Makes a directory that the servers can reach.
    pub(super) fn create() -> Result<Self> {
        let name = format!("todo-{}", uuid::Uuid::new_v4().simple());
        let path = account::reachable(&parent().join(name))?;
        files::private_directory(&path, Account::for_servers()?.as_ref())?;
        let (end, pipe) = std::io::pipe().context(|| "cannot make a pipe")?;
        let remover = Command::new("/bin/sh")
            .args(["-c", "cat >/dev/null; cd /; rm -rf -- \"$1\"", "remover"])
            .arg(&path)
            .stdin(end)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .context(|| "cannot start /bin/sh")?;
        Ok(Self {
            path,
            pipe: Some(pipe),
            remover,
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// An end of the pipe for a server.
    pub(super) fn share(&self) -> Result<PipeWriter> {
        self.pipe
            .as_ref()
            .ok_or(std::io::ErrorKind::BrokenPipe.into())
            .and_then(PipeWriter::try_clone)
            .context(|| "cannot copy a pipe")
    }
}

/// In memory where there is room and `TMPDIR` names no other place: to write the
/// thousand files of new data to a disk takes longer than to start their server.
fn parent() -> PathBuf {
    let free = statvfs(MEMORY).map_or(0, |it| {
        u128::from(it.blocks_available()) * u128::from(it.fragment_size())
    });
    match env::var_os("TMPDIR") {
        None if free >= ROOM => MEMORY.into(),
        _ => env::temp_dir(),
    }
}

impl Drop for TemporaryDirectory {
    fn drop(&mut self) {
        self.pipe = None;
        if let Err(cause) = self.remover.wait() {
            eprintln!("cannot wait for the end of a directory: {cause}");
        }
    }
}
