//! `cargo dev`: starts everything that the service needs, then the service, until
//! Ctrl-C.

mod build;
mod build_state;
mod database;
mod front;
mod greeting;
mod mail;
mod missing;
mod options;
mod problem;
mod request;
mod sources;
mod steps;
mod variables;
mod watch;

use std::io::ErrorKind;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use crate::error::{Error, Result};
use crate::server::free_port;
use crate::{interrupt, tools};

use build_state::BuildState;
use database::Database;
use front::Front;
use options::{Options, USAGE};
use sources::Sources;
use steps::{say, step};
use variables::Variables;
use watch::Watch;

const POLL: Duration = Duration::from_millis(100);

/// Runs `cargo dev` with this process's arguments.
pub fn main() -> ExitCode {
    match Options::parse(std::env::args().skip(1)) {
        Ok(Some(options)) => conclude(run(&options)),
        Ok(None) => {
            say(USAGE);
            ExitCode::SUCCESS
        }
        Err(cause) => {
            eprintln!("{cause}\n\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn conclude(result: Result<()>) -> ExitCode {
    match result {
        _ if interrupt::requested() => ExitCode::from(interrupt::EXIT_STATUS),
        Ok(()) => ExitCode::SUCCESS,
        Err(cause) => {
            eprintln!("\n{cause}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<()> {
    interrupt::listen()?;
    say(greeting::PLAN);
    check_port(options.port)?;
    let mut variables = Variables::read()?;
    variables.set("AUTH_URL", options.auth_url.as_deref());
    let cargo_lambda = step(|| {
        let directory = options
            .missing
            .or_install(&["python3-venv"], tools::cargo_lambda)?;
        let program = directory.join("cargo-lambda");
        let version = tools::version(&program, &["lambda", "--version"])?;
        Ok((format!("{version} from {}", program.display()), program))
    })?;
    options
        .missing
        .or_install(&["libssl-dev", "pkg-config"], tools::openssl_headers)?;
    let database = Database::open(options, &variables)?;
    check_interrupt()?;
    let mut sources = Sources::now();
    let migrate = step(|| Ok(("functions built".to_owned(), build::functions()?)))?;
    database.check_variables(&migrate)?;
    step(|| Ok((database.migrate(&migrate)?, ())))?;
    check_interrupt()?;
    let mut functions = database.for_functions();
    mail::print(&mut functions, &variables, options.port)?;
    let (inner_port, build) = (free_port(None)?, BuildState::starting());
    let start = || Watch::start(&cargo_lambda, inner_port, &functions, build.clone());
    let mut watch = start()?;
    step(|| {
        wait_until_ready(inner_port, &mut watch)?;
        Ok(("functions answer".to_owned(), ()))
    })?;
    build.is_ready();
    let front = Front::start(
        options.port,
        inner_port,
        &options.cors_origins,
        build.clone(),
    )?;
    say(&greeting::text(options.port, &database));
    let result = serve(&database, &mut watch, |watch| {
        if !sources.changed() {
            return Ok(());
        }
        say("        a file has changed: each function is built again at its next request");
        build.restart();
        watch.stop()?;
        *watch = start()?;
        wait_until_listening(inner_port, watch)?;
        build.is_ready();
        Ok(())
    });
    drop(front);
    step(|| {
        watch.stop()?;
        database.stop()?;
        Ok(("stopped".to_owned(), ()))
    })?;
    result
}

/// Waits for the port: a `cargo dev` that was killed frees it after a moment.
fn check_port(port: u16) -> Result<()> {
    let patience = Instant::now() + Duration::from_secs(3);
    let bind = || TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map(drop);
    while let Err(cause) = bind() {
        check_interrupt()?;
        if Instant::now() > patience || cause.kind() != ErrorKind::AddrInUse {
            let other = port.checked_add(1).unwrap_or(port - 1);
            return Err(Error::new(format!(
                "Port {port} of 127.0.0.1 cannot be used ({cause}): stop what uses it, or run \
                 `cargo dev --port {other}`."
            )));
        }
        thread::sleep(POLL);
    }
    Ok(())
}

fn check_interrupt() -> Result<()> {
    if interrupt::requested() {
        Err(Error::new("Interrupted."))
    } else {
        Ok(())
    }
}

/// Sends requests until one succeeds: the first starts the function.
fn wait_until_ready(port: u16, watch: &mut Watch) -> Result<()> {
    let mut attempts = 0;
    loop {
        let keep_waiting = || check_interrupt().and_then(|()| watch.check());
        match request::status(port, "/health/ready", keep_waiting)? {
            Some(200) => return Ok(()),
            Some(status) if attempts > 50 => {
                return Err(Error::new(format!(
                    "GET /health/ready still answers {status}; what the functions wrote stands above."
                )));
            }
            // 404 means that the route is missing, and will be.
            Some(404) => {
                return Err(Error::new(
                    "GET /health/ready has no route: see [workspace.metadata.lambda.watch.router] \
                     in Cargo.toml.",
                ));
            }
            Some(_) => attempts += 1,
            None => (),
        }
        thread::sleep(POLL);
    }
}

fn wait_until_listening(port: u16, watch: &mut Watch) -> Result<()> {
    while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
        check_interrupt()?;
        watch.check()?;
        thread::sleep(POLL);
    }
    Ok(())
}

/// Waits for an interrupt, and fails when a server ends. Calls `renew` now and then.
fn serve(
    database: &Database,
    watch: &mut Watch,
    mut renew: impl FnMut(&mut Watch) -> Result<()>,
) -> Result<()> {
    while !interrupt::requested() {
        watch.check()?;
        database.check()?;
        renew(watch)?;
        thread::sleep(POLL);
    }
    Ok(())
}
