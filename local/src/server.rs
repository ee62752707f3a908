//! One server of the stack: start, stop, kill, pause.

use std::ffi::OsString;
use std::fs::{self, OpenOptions};
use std::io::{PipeWriter, Seek, SeekFrom};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::account::Account;
use crate::error::{Context, Error, Result};
use crate::supervised::{self, Ending, Supervised};

const PATIENCE: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(20);
const LOG_LINES: usize = 15;

/// A server on a port of 127.0.0.1 that dies with this process.
///
/// Its methods take `&self` so that a test may have one in a `static`.
pub struct Server {
    pub(crate) plan: Plan,
    running: Mutex<Option<Supervised>>,
}

/// All that a start, also the second one, needs to know.
pub(crate) struct Plan {
    pub(crate) name: &'static str,
    pub(crate) port: u16,
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<OsString>,
    /// Working directory, and home of the log.
    pub(crate) directory: PathBuf,
    pub(crate) log: PathBuf,
    pub(crate) account: Option<Account>,
    pub(crate) ending: Ending,
    /// Held open by all processes of the server.
    pub(crate) shared: PipeWriter,
    pub(crate) readiness: Readiness,
}

/// How a server shows that it is ready.
pub(crate) enum Readiness {
    /// Line 8 of its `postmaster.pid` says so.
    Postmaster(PathBuf),
    /// It accepts connections.
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

    /// The port on 127.0.0.1, the same for this server's whole life.
    pub fn port(&self) -> u16 {
        self.plan.port
    }

    /// Starts the server again after [`Server::stop`] or [`Server::kill`], and
    /// waits until it is ready. A running server is left alone.
    ///
    /// # Errors
    /// When it ends at once or is not ready in 30 seconds, with its last words.
    pub fn start(&self) -> Result<()> {
        let mut running = self.running();
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

    /// Ends the server in order, as its operators would.
    ///
    /// # Errors
    /// When the process cannot be waited for.
    pub fn stop(&self) -> Result<()> {
        match self.running().take() {
            Some(mut server) => server.stop().map(|_| ()),
            None => Ok(()),
        }
    }

    /// Ends the server with SIGKILL. PostgreSQL's own children notice by
    /// themselves that their parent is gone.
    ///
    /// # Errors
    /// When the process cannot be killed.
    pub fn kill(&self) -> Result<()> {
        match self.running().take() {
            Some(mut server) => server.kill(),
            None => Ok(()),
        }
    }

    /// Freezes the server and its children: connections stay open and nobody answers.
    ///
    /// # Errors
    /// When it does not run.
    pub fn pause(&self) -> Result<()> {
        self.while_running(Supervised::pause)
    }

    /// Undoes [`Server::pause`].
    ///
    /// # Errors
    /// When it does not run.
    pub fn resume(&self) -> Result<()> {
        self.while_running(Supervised::resume)
    }

    /// Whether the server's process is there.
    pub fn is_running(&self) -> bool {
        let mut running = self.running();
        let ended = running.as_mut().map(Supervised::ended);
        matches!(ended, Some(Ok(None)))
    }

    /// The last lines of the server's log.
    pub fn last_words(&self) -> String {
        self.words_since(0)
    }

    fn while_running(&self, act: impl FnOnce(&Supervised) -> Result<()>) -> Result<()> {
        match self.running().as_ref() {
            Some(server) => act(server),
            None => Err(Error::new(format!("{} does not run.", self.plan.name))),
        }
    }

    fn running(&self) -> MutexGuard<'_, Option<Supervised>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
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
        let mut command = supervised::sharing(&plan.program, &plan.shared)?;
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
                // A killed predecessor's file says that it was ready, too.
                let ours = lines.next() == Some(process.to_string().as_str());
                ours && lines.nth(6).map(str::trim) == Some("ready")
            }),
        }
    }
}

/// Whether a server could not start because remains of its predecessor are
/// still there, which is a matter of a moment.
fn is_passing(words: &str) -> bool {
    [
        "lock file \"postmaster.pid\" already exists",
        "pre-existing shared memory block",
        "ddress already in use",
    ]
    .iter()
    .any(|sign| words.contains(sign))
}

/// `wished` when that port is free on 127.0.0.1, else one that is.
///
/// Not one of those that the kernel gives to outgoing connections: a server
/// that was stopped must find its port free again.
pub(crate) fn free_port(wished: Option<u16>) -> Result<u16> {
    let random = std::iter::repeat_with(|| {
        let (high, low, ..) = uuid::Uuid::new_v4().as_fields();
        20_000 + ((high ^ u32::from(low)) % 12_000) as u16
    });
    wished
        .into_iter()
        .chain(random.take(100))
        .find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok())
        .ok_or_else(|| Error::new("There is no free port on 127.0.0.1."))
}
