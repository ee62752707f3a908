//! One server of the stack: start, stop, kill, pause.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::{self, OpenOptions};
use std::io::{PipeWriter, Seek, SeekFrom};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use parking_lot::Mutex;

use crate::account::Account;
use crate::error::{Context, Error, Result};
use crate::supervised::{self, Ending, Supervised};

const PATIENCE: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(20);
const LOG_LINES: usize = 15;

/// A server on a port of 127.0.0.1 that ends with this process.
///
/// All methods take `&self`, so that a `static` may hold a server.
pub struct Server {
    pub(crate) plan: Plan,
    running: Mutex<Option<Supervised>>,
}

/// The parameters of every start.
pub(crate) struct Plan {
    pub(crate) name: &'static str,
    pub(crate) port: u16,
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<OsString>,
    /// The working directory.
    pub(crate) directory: PathBuf,
    pub(crate) log: PathBuf,
    pub(crate) account: Option<Account>,
    pub(crate) ending: Ending,
    /// The signal at the drop of a server whose data is dropped, too.
    pub(crate) at_drop: Option<Signal>,
    /// A pipe that all processes of the server hold open.
    pub(crate) shared: Option<PipeWriter>,
    pub(crate) readiness: Readiness,
}

/// The sign that a server is ready.
pub(crate) enum Readiness {
    /// Line 8 of `postmaster.pid` is `ready`.
    Postmaster(PathBuf),
    /// The server accepts connections.
    Listening,
}

impl Server {
    /// Starts a server and waits until it is ready.
    pub(crate) fn launch(plan: Plan) -> Result<Self> {
        let server = Self {
            plan,
            running: Mutex::new(None),
        };
        server.start()?;
        Ok(server)
    }

    /// The port on 127.0.0.1, which never changes.
    pub fn port(&self) -> u16 {
        self.plan.port
    }

    /// Starts the server again after [`Server::stop`] or [`Server::kill`], and
    /// waits until it is ready. Does nothing when the server runs.
    ///
    /// # Errors
    /// When the server ends or is not ready in time, with the end of its log.
    pub fn start(&self) -> Result<()> {
        let mut running = self.running.lock();
        if let Some(server) = running.as_mut()
            && server.ended()?.is_none()
        {
            return Ok(());
        }
        let deadline = Instant::now() + PATIENCE;
        loop {
            let (mut server, log_start) = self.spawn()?;
            match self.wait_until_ready(&mut server, deadline)? {
                Outcome::Ready => {
                    *running = Some(server);
                    return Ok(());
                }
                Outcome::Ended => {
                    let words = self.words_since(log_start);
                    if !is_passing(&words) || Instant::now() > deadline {
                        return Err(Error::new(format!(
                            "{} did not start:\n{words}",
                            self.plan.name
                        )));
                    }
                    thread::sleep(POLL * 10);
                }
            }
        }
    }

    /// Stops the server as its operators would.
    ///
    /// # Errors
    /// When the process cannot be waited for.
    pub fn stop(&self) -> Result<()> {
        match self.running.lock().take() {
            Some(mut server) => server.stop().map(|_| ()),
            None => Ok(()),
        }
    }

    /// Ends the server with SIGKILL. PostgreSQL's child processes notice that
    /// their parent has ended, and end too.
    ///
    /// # Errors
    /// When the process cannot be killed.
    pub fn kill(&self) -> Result<()> {
        match self.running.lock().take() {
            Some(mut server) => server.kill(),
            None => Ok(()),
        }
    }

    /// Freezes the server and its children: connections stay open without answers.
    ///
    /// # Errors
    /// When the server does not run.
    pub fn pause(&self) -> Result<()> {
        self.while_running(Supervised::pause)
    }

    /// Undoes [`Server::pause`].
    ///
    /// # Errors
    /// When the server does not run.
    pub fn resume(&self) -> Result<()> {
        self.while_running(Supervised::resume)
    }

    /// Whether the server's process runs.
    pub fn is_running(&self) -> bool {
        let mut running = self.running.lock();
        let ended = running.as_mut().map(Supervised::ended);
        matches!(ended, Some(Ok(None)))
    }

    /// The last lines of the server's log.
    pub fn last_words(&self) -> String {
        self.words_since(0)
    }

    fn while_running(&self, act: impl FnOnce(&Supervised) -> Result<()>) -> Result<()> {
        match self.running.lock().as_ref() {
            Some(server) => act(server),
            None => Err(Error::new(format!("{} does not run.", self.plan.name))),
        }
    }

    fn spawn(&self) -> Result<(Supervised, u64)> {
        let plan = &self.plan;
        let describe = || format!("cannot open {}", plan.log.display());
        let mut log = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&plan.log)
            .context(describe)?;
        let log_start = log.seek(SeekFrom::End(0)).context(describe)?;
        let mut command = match &plan.shared {
            Some(shared) => supervised::sharing(&plan.program, shared)?,
            None => supervised::command(&plan.program),
        };
        if plan.shared.is_none() {
            command.stderr(log.try_clone().context(describe)?);
        }
        command
            .args(&plan.arguments)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .current_dir(&plan.directory)
            .stdout(log);
        if let Some(account) = &plan.account {
            account.run(&mut command);
        }
        Ok((Supervised::spawn(command, plan.ending)?, log_start))
    }

    fn wait_until_ready(&self, server: &mut Supervised, deadline: Instant) -> Result<Outcome> {
        loop {
            if server.ended()?.is_some() {
                return Ok(Outcome::Ended);
            }
            if self.plan.readiness.reached(server.id(), self.plan.port) {
                return Ok(Outcome::Ready);
            }
            if Instant::now() > deadline {
                server.stop()?;
                return Ok(Outcome::Ended);
            }
            thread::sleep(POLL);
        }
    }

    fn words_since(&self, start: u64) -> String {
        let log = fs::read(&self.plan.log).unwrap_or_default();
        let start = usize::try_from(start).unwrap_or(0).min(log.len());
        let text = String::from_utf8_lossy(&log[start..]);
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(LOG_LINES)..].join("\n")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(signal) = self.plan.at_drop
            && let Some(mut server) = self.running.lock().take()
            && let Err(cause) = server.end(signal)
        {
            eprintln!("{cause}");
        }
    }
}

enum Outcome {
    Ready,
    Ended,
}

impl Readiness {
    fn reached(&self, process: u32, port: u16) -> bool {
        match self {
            Self::Listening => TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok(),
            Self::Postmaster(file) => fs::read_to_string(file).is_ok_and(|text| {
                let mut lines = text.lines();
                // A killed server leaves its file behind.
                let ours = lines.next() == Some(process.to_string().as_str());
                ours && lines.nth(6).map(str::trim) == Some("ready")
            }),
        }
    }
}

/// Whether a start failed because processes of the server that ran before are
/// still ending.
fn is_passing(words: &str) -> bool {
    [
        "lock file \"postmaster.pid\" already exists",
        "pre-existing shared memory block",
        "ddress already in use",
    ]
    .iter()
    .any(|sign| words.contains(sign))
}

/// Returns `wished` when that port is free on 127.0.0.1, else another free port.
///
/// The other port was not given before in this process, and the kernel does not
/// give it to outgoing connections: a server that starts later, or again, finds it
/// free.
///
/// # Errors
/// When no port is free.
pub fn free_port(wished: Option<u16>) -> Result<u16> {
    static GIVEN: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());
    let mut given = GIVEN.lock();
    let random = std::iter::repeat_with(|| {
        let (high, low, ..) = uuid::Uuid::new_v4().as_fields();
        20_000 + ((high ^ u32::from(low)) % 12_000) as u16
    });
    let fresh = random.take(100).filter(|port| !given.contains(port));
    let port = wished
        .into_iter()
        .chain(fresh)
        .find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok())
        .ok_or_else(|| Error::new("There is no free port on 127.0.0.1."))?;
    given.insert(port);
    Ok(port)
}
