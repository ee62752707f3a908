//! Opening the connection: TLS that verifies the server, made ready once.

use std::error::Error as _;

use native_tls::{Protocol, TlsConnector};
use postgres_native_tls::{MakeTlsConnector, set_postgresql_alpn};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Error, NoTls, Row};

use super::Failure;
use super::call::Call;
use super::failure::describe;
use super::verdict::{Verdict, judge};
use crate::config::{ConfigError, DatabaseUrl, environment};
use crate::invocation;

/// Knows how to open a connection.
pub(crate) struct Connector {
    url: DatabaseUrl,
    tls: MakeTlsConnector,
}

/// An open connection and the task that drives it; dropping it closes the
/// socket.
pub(crate) struct Connection {
    client: Client,
    driver: JoinHandle<()>,
}

/// Why a connection could not be opened.
pub(crate) struct Unopened {
    /// For the log.
    pub(crate) cause: String,
    /// Whether another try would meet the same refusal: a wrong password, an
    /// unknown database, a certificate that does not verify.
    pub(crate) lasting: bool,
}

impl Connector {
    /// Builds the TLS connector, which parses the trusted certificates: 0.1
    /// ms for a handful in SSL_CERT_FILE, 30 to 100 ms for a whole system's.
    /// That is why it is built once, in the init phase.
    ///
    /// # Errors
    /// When the trusted certificates cannot be read.
    pub(crate) fn new(url: DatabaseUrl) -> Result<Self, ConfigError> {
        let mut builder = TlsConnector::builder();
        builder.min_protocol_version(Some(Protocol::Tlsv12));
        // Harmless for servers that negotiate by SSLRequest, asked for by
        // those that take `sslnegotiation=direct`.
        set_postgresql_alpn(&mut builder);
        let tls = builder.build().map_err(|_| unreadable_roots())?;
        check_roots()?;
        Ok(Self {
            url,
            tls: MakeTlsConnector::new(tls),
        })
    }

    /// Opens a connection, or gives up at `deadline`.
    ///
    /// # Errors
    /// [`Unopened`]; nothing has been executed.
    pub(crate) async fn open(&self, deadline: Instant) -> Result<Connection, Unopened> {
        match timeout_at(deadline, self.connect()).await {
            Ok(Ok(connection)) => Ok(connection),
            Ok(Err(error)) => Err(Unopened {
                lasting: is_lasting(&error),
                cause: describe(&error),
            }),
            Err(_) => Err(Unopened {
                lasting: false,
                cause: "connecting took too long".into(),
            }),
        }
    }

    async fn connect(&self) -> Result<Connection, Error> {
        let driver = &self.url.driver;
        if self.url.tls {
            let (client, connection) = driver.connect(self.tls.clone()).await?;
            Ok(Connection::driven(client, connection))
        } else {
            let (client, connection) = driver.connect(NoTls).await?;
            Ok(Connection::driven(client, connection))
        }
    }
}

impl Connection {
    fn driven<D>(client: Client, driver: D) -> Self
    where
        D: Future<Output = Result<(), Error>> + Send + 'static,
    {
        let driver = tokio::spawn(async {
            if let Err(error) = driver.await {
                tracing::info!(cause = describe(&error), "the database connection ended");
            }
        });
        Self { client, driver }
    }

    pub(super) fn is_open(&self) -> bool {
        !self.client.is_closed()
    }

    /// Makes a call. The connection comes back unless it is of no more use.
    pub(super) async fn make(
        self,
        call: &Call<'_>,
        deadline: Instant,
    ) -> (Verdict<Vec<Row>>, Option<Self>) {
        invocation::add_round_trip();
        let verdict = match timeout_at(deadline, call.send(&self.client)).await {
            Ok(Ok(rows)) => Verdict::Done(rows),
            Ok(Err((error, progress))) => judge(&error, progress),
            // The call will still be executed, so its connection is closed.
            Err(_) => return (Verdict::Uncertain("no answer in time".into()), None),
        };
        let keep = self.is_open() && !matches!(verdict, Verdict::Uncertain(_));
        (verdict, keep.then_some(self))
    }

    /// The driver's client, for migrations: they run on a connection of
    /// their own, past the pooler.
    pub(crate) fn client_for_migrations(&mut self) -> &mut Client {
        &mut self.client
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

impl<T> From<Unopened> for Verdict<T> {
    fn from(unopened: Unopened) -> Self {
        if unopened.lasting {
            Self::Refused(Failure::Unavailable(unopened.cause))
        } else {
            Self::NotDone(unopened.cause)
        }
    }
}

/// OpenSSL passes over a file that is not there, and then trusts nobody.
fn check_roots() -> Result<(), ConfigError> {
    let Some(path) = environment("SSL_CERT_FILE") else {
        return Ok(());
    };
    let text = std::fs::read_to_string(path).map_err(|_| unreadable_roots())?;
    if !text.contains("-----BEGIN CERTIFICATE-----") {
        return Err(unreadable_roots());
    }
    Ok(())
}

fn unreadable_roots() -> ConfigError {
    ConfigError::new(
        "SSL_CERT_FILE",
        "does not name a readable PEM file of certificates.",
    )
}

fn is_lasting(error: &Error) -> bool {
    if let Some(refusal) = error.as_db_error() {
        // Class 28 is "invalid authorization specification". PgBouncer has
        // one code for every protocol violation, so its text decides.
        return refusal.code().code().starts_with("28")
            || *refusal.code() == SqlState::INVALID_CATALOG_NAME
            || refusal.message().contains("authentication failed");
    }
    let cause = error.source().map(ToString::to_string).unwrap_or_default();
    cause.contains("certificate") || cause.contains("does not support TLS")
}
