//! The PostgreSQL server: its data directory, its owner role, its start.

use std::ffi::OsString;
use std::fs;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use nix::sys::signal::Signal;

use super::Place;
use crate::error::{Context, Error, Result};
use crate::server::{Plan, Readiness, Server, free_port};
use crate::supervised::{self, Ending};
use crate::{files, tools};

/// SIGINT is a fast shutdown: transactions are rolled back, data is written.
const ENDING: Ending = Ending {
    signal: "INT",
    seconds: 10,
};

/// Connections need TLS and a password. The superuser has no password.
const RULES: &str = "hostssl all,replication all 127.0.0.1/32 scram-sha-256\n";

/// Starts the server on the data in `place`, which is made when missing.
pub(super) fn start(
    bin: &Path,
    place: &Place,
    more_settings: &[(&'static str, &'static str)],
) -> Result<Server> {
    let major = major_version(&tools::version(&bin.join("postgres"), &["--version"])?)?;
    let data = place.directory.join("data");
    if data.exists() {
        check_version(&data, major)?;
    } else {
        initialise(bin, place, &data, major)?;
    }
    let rules = place.directory.join("pg_hba.conf");
    files::write(&rules, RULES, 0o600, place.account)?;
    let port = free_port(Some(place.settings.postgres_port))?;
    let settings = [
        ("listen_addresses", "127.0.0.1".into()),
        // Unix sockets are off: their paths may have 107 bytes, and ours may be longer.
        ("unix_socket_directories", "".into()),
        ("max_connections", "100".into()),
        ("hba_file", rules.into_os_string()),
        ("ssl", "on".into()),
        (
            "ssl_cert_file",
            place.certificates.server.clone().into_os_string(),
        ),
        (
            "ssl_key_file",
            place.certificates.server_key.clone().into_os_string(),
        ),
        ("fsync", fsync(place).into()),
        ("log_line_prefix", "%m %u ".into()),
    ];
    let mut arguments: Vec<OsString> = vec!["-D".into(), data.clone().into(), "-p".into()];
    arguments.push(port.to_string().into());
    let more_settings = more_settings
        .iter()
        .map(|(name, value)| (*name, OsString::from(value)));
    for (name, value) in settings.into_iter().chain(more_settings) {
        let mut setting = OsString::from(format!("{name}="));
        setting.push(value);
        arguments.extend(["-c".into(), setting]);
    }
    let log = place.directory.join("postgres.log");
    files::remove(&log)?;
    Server::launch(Plan {
        name: "PostgreSQL",
        port,
        program: bin.join("postgres"),
        arguments,
        directory: place.directory.to_owned(),
        log,
        account: place.account.cloned(),
        ending: ENDING,
        // SIGQUIT ends the server at once and, unlike SIGKILL, frees shared memory.
        at_drop: place.temporary.map(|_| Signal::SIGQUIT),
        shared: place.share()?,
        readiness: Readiness::Postmaster(data.join("postmaster.pid")),
    })
}

/// Temporary data need not survive a crash of the machine.
fn fsync(place: &Place) -> &'static str {
    match place.temporary {
        Some(_) => "off",
        None => "on",
    }
}

/// 15 for `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`.
fn major_version(version: &str) -> Result<u32> {
    version
        .split_whitespace()
        .filter_map(|word| {
            word.split(|c: char| !c.is_ascii_digit())
                .next()?
                .parse()
                .ok()
        })
        .next()
        .ok_or_else(|| Error::new(format!("`{version}` names no version of PostgreSQL.")))
}

fn check_version(data: &Path, major: u32) -> Result<()> {
    let file = data.join("PG_VERSION");
    let made_with =
        fs::read_to_string(&file).context(|| format!("cannot read {}", file.display()))?;
    if made_with.trim() == major.to_string() {
        return Ok(());
    }
    Err(Error::new(format!(
        "The data in {} was made with PostgreSQL {} and this is {major}: name the directory of \
         the older programs in POSTGRES_BIN, or start afresh with `cargo dev --reset`.",
        data.display(),
        made_with.trim()
    )))
}

/// The locale of Neon's databases, or on macOS, which may not have it, one whose
/// letters are the same.
const LOCALE: &str = if cfg!(target_os = "macos") {
    "--locale=en_US.UTF-8"
} else {
    "--locale=C.UTF-8"
};

/// Makes the data directory under another name and renames it, so that `data` is
/// always complete.
fn initialise(bin: &Path, place: &Place, data: &Path, major: u32) -> Result<()> {
    let draft = place.directory.join("data.new");
    files::remove_all(&draft)?;
    let mut initdb = supervised::command(bin.join("initdb"));
    initdb
        .arg("-D")
        .arg(&draft)
        .args(["--username=postgres", "--auth=reject"])
        .args(["--encoding=UTF8", LOCALE, "--no-instructions"])
        .args((major >= 18).then_some("--no-data-checksums"))
        .args(place.temporary.map(|_| "--no-sync"));
    run_as(&mut initdb, place);
    supervised::output("initdb", initdb)?;
    create_owner(bin, place, &draft)?;
    fs::rename(&draft, data).context(|| format!("cannot make {}", data.display()))
}

/// Creates the owner and the database in single-user mode, which needs no client
/// and no superuser who may log in.
fn create_owner(bin: &Path, place: &Place, data: &Path) -> Result<()> {
    let describe = || "cannot run postgres --single";
    let mut single = Command::new(bin.join("postgres"));
    single
        .args(["--single", "-j", "-D"])
        .arg(data)
        .args(["-c", "exit_on_error=on"])
        .args(["-c", "password_encryption=scram-sha-256"])
        .args(["-c", &format!("fsync={}", fsync(place))])
        .arg("postgres")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .process_group(0);
    run_as(&mut single, place);
    let mut child = single.spawn().context(describe)?;
    let statements = format!(
        "create role todo_owner login createrole password '{}';\n\n\
         create role pooler superuser login password '{}';\n\n\
         create database todo owner todo_owner;\n\n",
        place.settings.owner_password, place.settings.pooler_password
    );
    if let Some(mut input) = child.stdin.take() {
        input.write_all(statements.as_bytes()).context(describe)?;
    }
    let output = child.wait_with_output().context(describe)?;
    if output.status.success() {
        Ok(())
    } else {
        Err(Error::new(format!(
            "PostgreSQL did not create the database:\n{}",
            String::from_utf8_lossy(&output.stderr)
        )))
    }
}

fn run_as(command: &mut Command, place: &Place) {
    command
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .current_dir(place.directory);
    if let Some(account) = place.account {
        account.run(command);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read() {
        for (version, major) in [
            ("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)", 15),
            ("postgres (PostgreSQL) 17.10", 17),
            ("postgres (PostgreSQL) 19beta1", 19),
        ] {
            assert_eq!(major_version(version), Ok(major));
        }
        assert!(major_version("postgres").is_err());
    }
}
