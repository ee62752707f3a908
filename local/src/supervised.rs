//! A child process that never outlives this one.
//!
//! A destructor does not run for a `static`, after `kill -9` or on
//! `process::exit`. Each child therefore has a watcher, the shell script
//! `watcher.sh`, that waits for the end of a pipe held here. The crates
//! command-group and process-wrap end children in destructors only.

use std::ffi::OsStr;
use std::io::{PipeWriter, Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::error::{Context, Error, Result};
use crate::interrupt;

const WATCHER: &str = include_str!("watcher.sh");
/// Runs the program once its watcher runs, and nothing if this process ends
/// before. With "share", standard error is a pipe that the program and its
/// children hold open, and their own errors go to standard output.
const STARTER: &str = "read -r _ || exit
errors=$1
shift
if [ \"$errors\" = share ]; then exec 4>&2 2>&1; fi
exec \"$@\" </dev/null";
const POLL: Duration = Duration::from_millis(20);

/// The signal that asks a program to end, and the time it has.
#[derive(Clone, Copy, Debug)]
pub struct Ending {
    /// The first signal, such as `TERM`.
    pub signal: &'static str,
    /// Seconds until SIGKILL.
    pub seconds: u8,
}

impl Ending {
    /// Suits programs that need no time to shut down.
    pub const BRISK: Self = Self {
        signal: "TERM",
        seconds: 2,
    };
}

/// A running child.
pub struct Supervised {
    child: Child,
    watcher: Child,
    /// The watcher waits for the end of this pipe.
    pipe: Option<ChildStdin>,
}

/// A command for `program`, to be completed and given to [`Supervised::spawn`].
pub fn command(program: impl AsRef<OsStr>) -> Command {
    starter(program.as_ref(), "keep")
}

/// A command like that of [`command`], whose processes all hold `shared` open.
pub fn sharing(program: impl AsRef<OsStr>, shared: &PipeWriter) -> Result<Command> {
    let shared = shared.try_clone().context(|| "cannot copy a pipe")?;
    let mut command = starter(program.as_ref(), "share");
    command.stderr(shared);
    Ok(command)
}

fn starter(program: &OsStr, errors: &str) -> Command {
    let mut command = Command::new("/bin/sh");
    command
        .args(["-c", STARTER, "starter", errors])
        .arg(program);
    command
}

impl Supervised {
    /// Starts a command that [`command`] or [`sharing`] made.
    pub fn spawn(mut command: Command, ending: Ending) -> Result<Self> {
        let describe = || "cannot start /bin/sh";
        let mut child = command
            .stdin(Stdio::piped())
            // Ctrl-C is for this process alone, which then ends the others in order.
            .process_group(0)
            .spawn()
            .context(describe)?;
        let mut watcher = Command::new("/bin/sh")
            .args(["-c", WATCHER, "watcher", ending.signal])
            .args([ending.seconds.to_string(), child.id().to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .context(describe)?;
        let pipe = watcher.stdin.take();
        if let Some(mut start) = child.stdin.take() {
            start.write_all(b"start\n").context(describe)?;
        }
        Ok(Self {
            child,
            watcher,
            pipe,
        })
    }

    /// The program's process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// How the program ended, if it has.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        let status = self
            .child
            .try_wait()
            .context(|| "cannot wait for a child process")?;
        if status.is_some() {
            self.dismiss()?;
        }
        Ok(status)
    }

    /// Waits until the program ends by itself, or stops it when this process
    /// is asked to end.
    pub fn wait(&mut self) -> Result<ExitStatus> {
        loop {
            if let Some(status) = self.ended()? {
                return Ok(status);
            }
            if interrupt::requested() {
                self.stop()?;
                return Err(Error::new("Interrupted."));
            }
            thread::sleep(POLL);
        }
    }

    /// Asks the program to end, and kills it and its children when it takes too long.
    pub fn stop(&mut self) -> Result<ExitStatus> {
        self.pipe = None;
        let status = self.child.wait();
        self.watcher
            .wait()
            .and(status)
            .context(|| "cannot wait for a child process")
    }

    /// Ends the program with SIGKILL, and leaves its children alone.
    pub fn kill(&mut self) -> Result<()> {
        self.end(Signal::SIGKILL)
    }

    /// Ends the program with a signal that it obeys at once.
    pub fn end(&mut self, signal: Signal) -> Result<()> {
        send(self.id(), signal)?;
        self.child
            .wait()
            .context(|| "cannot wait for a child process")?;
        self.dismiss()
    }

    /// Freezes the program and its children.
    pub fn pause(&self) -> Result<()> {
        // A frozen parent starts no more children.
        send(self.id(), Signal::SIGSTOP)?;
        family(self.id())
            .into_iter()
            .try_for_each(|process| send(process, Signal::SIGSTOP))
    }

    /// Undoes [`Supervised::pause`].
    pub fn resume(&self) -> Result<()> {
        family(self.id())
            .into_iter()
            .try_for_each(|process| send(process, Signal::SIGCONT))?;
        send(self.id(), Signal::SIGCONT)
    }

    /// Tells the watcher that the program has ended: another process may get the
    /// same id soon.
    fn dismiss(&mut self) -> Result<()> {
        if let Some(mut pipe) = self.pipe.take() {
            // Writing fails only when the watcher has ended, too.
            pipe.write_all(b"gone\n").unwrap_or_default();
        }
        self.watcher
            .wait()
            .map(|_| ())
            .context(|| "cannot wait for a child process")
    }
}

impl Drop for Supervised {
    fn drop(&mut self) {
        if self.pipe.is_some()
            && let Err(cause) = self.stop()
        {
            eprintln!("{cause}");
        }
    }
}

/// Runs a command to its end and returns its output.
///
/// # Errors
/// When the command cannot be run or fails; the error has its output.
pub fn output(name: &str, mut command: Command) -> Result<String> {
    let describe = || format!("cannot run {name}");
    let (mut reader, writer) = std::io::pipe().context(describe)?;
    command
        .stdout(writer.try_clone().context(describe)?)
        .stderr(writer);
    let mut child = Supervised::spawn(command, Ending::BRISK)?;
    let collector = thread::spawn(move || {
        let mut said = Vec::new();
        reader.read_to_end(&mut said).map(|_| said)
    });
    let status = child.wait()?;
    let said = collector
        .join()
        .map_err(|_| Error::new(describe()))?
        .context(describe)?;
    let said = String::from_utf8_lossy(&said).into_owned();
    if status.success() {
        Ok(said)
    } else {
        Err(Error::new(format!(
            "{name} failed ({status}):\n{}",
            said.trim_end()
        )))
    }
}

fn send(process: u32, signal: Signal) -> Result<()> {
    let describe = || format!("cannot signal process {process}");
    let id = i32::try_from(process).context(describe)?;
    match kill(Pid::from_raw(id), signal) {
        // The process may have ended meanwhile.
        Ok(()) | Err(Errno::ESRCH) => Ok(()),
        Err(cause) => Err(cause).context(describe),
    }
}

/// The descendants of a process.
fn family(process: u32) -> Vec<u32> {
    let children = children(process);
    let below = children.iter().flat_map(|child| family(*child));
    children.iter().copied().chain(below).collect()
}

fn children(process: u32) -> Vec<u32> {
    let listed = Command::new("/bin/sh")
        .args([
            "-c",
            "cat /proc/$1/task/*/children 2>/dev/null || pgrep -P $1",
        ])
        .args(["children", &process.to_string()])
        .output();
    let text = listed.map_or_else(
        |_| String::new(),
        |listed| String::from_utf8_lossy(&listed.stdout).into_owned(),
    );
    text.split_whitespace()
        .filter_map(|id| id.parse().ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[test]
    fn what_a_program_says_is_returned() {
        let mut greet = command("/bin/echo");
        greet.arg("good morning");
        assert_eq!(output("echo", greet), Ok("good morning\n".into()));
    }

    #[test]
    fn a_failure_carries_what_the_program_said() {
        let mut fail = command("/bin/sh");
        fail.args(["-c", "echo no such luck >&2; exit 3"]);
        let error = output("sh", fail).expect_err("it exits with 3");
        assert_eq!(
            error.to_string(),
            "sh failed (exit status: 3):\nno such luck"
        );
    }

    #[test]
    fn a_program_that_will_not_end_is_killed_with_its_children() {
        let mut stubborn = command("/bin/sh");
        stubborn.args(["-c", "trap '' TERM; sleep 60 & wait"]);
        let mut stubborn = Supervised::spawn(stubborn, Ending::BRISK).expect("it starts");
        let id = stubborn.id();
        let patience = Instant::now() + Duration::from_secs(5);
        while family(id).is_empty() && Instant::now() < patience {
            thread::sleep(POLL);
        }
        let sleeper = family(id);
        assert_eq!(sleeper.len(), 1);
        stubborn.stop().expect("it is stopped");
        while !children_gone(&sleeper) && Instant::now() < patience {
            thread::sleep(POLL);
        }
        assert!(children_gone(&sleeper));
    }

    fn children_gone(processes: &[u32]) -> bool {
        processes.iter().all(|process| {
            let state = std::fs::read_to_string(format!("/proc/{process}/stat"));
            state.map_or(true, |state| state.contains(") Z "))
        })
    }
}
