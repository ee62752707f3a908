//! PgBouncer in transaction mode, which is Neon's pooler.

use std::path::{Path, PathBuf};

use nix::sys::signal::Signal;

use super::Place;
use crate::error::Result;
use crate::files;
use crate::server::{Plan, Readiness, Server, free_port};
use crate::supervised::Ending;

/// SIGINT waits for running transactions, in every version.
const ENDING: Ending = Ending {
    signal: "INT",
    seconds: 2,
};

/// Starts PgBouncer in front of the server on `postgres_port`.
pub(super) fn start(
    program: PathBuf,
    place: &Place,
    postgres_port: u16,
    pool_size: u16,
) -> Result<Server> {
    let users = place.directory.join("userlist.txt");
    let entry = format!("\"pooler\" \"{}\"\n", place.settings.pooler_password);
    files::write(&users, &entry, 0o600, place.account)?;

    let port = free_port(Some(place.settings.pooler_port))?;
    let configuration = place.directory.join("pgbouncer.ini");
    let text = configure(place, &users, port, postgres_port, pool_size);
    files::write(&configuration, &text, 0o600, place.account)?;

    let log = place.directory.join("pgbouncer.log");
    files::remove(&log)?;
    Server::launch(Plan {
        name: "PgBouncer",
        port,
        program,
        arguments: vec![configuration.into_os_string()],
        directory: place.directory.to_owned(),
        log,
        account: place.account.cloned(),
        ending: ENDING,
        at_drop: place.temporary.map(|_| Signal::SIGKILL),
        shared: place.share()?,
        readiness: Readiness::Listening,
    })
}

/// The configuration, with settings that version 1.18 of Debian 12 knows.
fn configure(place: &Place, users: &Path, port: u16, postgres_port: u16, pool_size: u16) -> String {
    let users = users.display();
    let authority = place.certificates.authority.display();
    let certificate = place.certificates.server.display();
    let key = place.certificates.server_key.display();
    format!(
        "[databases]
todo = host=127.0.0.1 port={postgres_port} dbname=todo

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
pool_mode = transaction
default_pool_size = {pool_size}
max_client_conn = 500
server_login_retry = 1
query_wait_timeout = 10
ignore_startup_parameters = extra_float_digits
auth_type = scram-sha-256
auth_file = {users}
auth_user = pooler
admin_users = pooler
client_tls_sslmode = require
client_tls_cert_file = {certificate}
client_tls_key_file = {key}
server_tls_sslmode = verify-full
server_tls_ca_file = {authority}
log_connections = 0
log_disconnections = 0
log_stats = 0
"
    )
}
