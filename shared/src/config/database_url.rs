//! DATABASE_URL and DATABASE_URL_DIRECT: a libpq URL read with libpq's
//! meaning, as Neon's console and Prisma write it, for a driver that knows
//! fewer parameters.

use std::time::Duration;

use tokio_postgres::config::{Host, SslMode};

use super::{ConfigError, DatabaseLogin, is_loopback, required};

/// Where the database is, how to sign in, and whether TLS protects the way.
///
/// Without `Debug`, because it holds the password.
#[derive(Clone)]
pub struct DatabaseUrl {
    pub(crate) driver: tokio_postgres::Config,
    pub(crate) tls: bool,
}

/// Parameters of libpq and Prisma that ask for what is done anyway or does not
/// exist here: this driver has no GSS, sends SNI, speaks UTF-8, prepares
/// nothing by name and has no pool; the time limits are ours (see below).
const WITHOUT_EFFECT: [&str; 15] = [
    "client_encoding",
    "connect_timeout",
    "connection_limit",
    "fallback_application_name",
    "gssencmode",
    "keepalives",
    "keepalives_count",
    "keepalives_idle",
    "keepalives_interval",
    "pgbouncer",
    "pool_timeout",
    "sslcompression",
    "ssl_min_protocol_version",
    "sslsni",
    "tcp_user_timeout",
];

/// Parameters that the driver reads as libpq does.
const OF_THE_DRIVER: [&str; 6] = [
    "application_name",
    "channel_binding",
    "hostaddr",
    "options",
    "sslnegotiation",
    "target_session_attrs",
];

impl DatabaseUrl {
    /// DATABASE_URL: the pooler, with the login role of the functions.
    pub(crate) fn pooled(variable: &impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let text = required(variable, "DATABASE_URL")?;
        Self::parse("DATABASE_URL", &text, variable)
    }

    /// DATABASE_URL_DIRECT: past the pooler, with the role that owns the
    /// tables; when absent, DATABASE_URL with `-pooler` taken out of the host.
    pub(crate) fn direct(variable: &impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        match variable("DATABASE_URL_DIRECT") {
            Some(text) => Self::parse("DATABASE_URL_DIRECT", &text, variable),
            None => {
                let pooled = required(variable, "DATABASE_URL")?;
                Self::parse("DATABASE_URL", &without_pooler(&pooled), variable)
            }
        }
    }

    /// The same database for another login.
    pub(crate) fn signing_in_as(mut self, login: &DatabaseLogin) -> Self {
        self.driver.user(&login.role).password(&login.password);
        self
    }

    /// The name of the role that signs in.
    pub(crate) fn user(&self) -> &str {
        self.driver.get_user().unwrap_or_default()
    }

    /// The password that it signs in with.
    pub(crate) fn password(&self) -> &str {
        self.driver
            .get_password()
            .and_then(|password| std::str::from_utf8(password).ok())
            .unwrap_or_default()
    }

    fn parse(
        name: &str,
        text: &str,
        variable: &impl Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        let refused = |rule: &str| ConfigError::new(name, rule);
        let text = text.trim();
        let (address, query) = text.split_once('?').unwrap_or((text, ""));
        if !address.starts_with("postgres://") && !address.starts_with("postgresql://") {
            return Err(refused("must begin with postgres:// or postgresql://."));
        }
        let query = Query::read(name, query)?;
        let mut driver: tokio_postgres::Config = format!("{address}?{}", query.kept.join("&"))
            .parse()
            .map_err(|_| {
                refused("is not a PostgreSQL URL; write postgres://user:password@host/database, with special characters percent-encoded.")
            })?;

        let [Host::Tcp(host)] = driver.get_hosts() else {
            return Err(refused("must name one host."));
        };
        let loopback = is_loopback(host);
        if [driver.get_user(), driver.get_dbname()].contains(&None)
            || driver.get_password().is_none()
        {
            return Err(refused("must name a user, a password and a database."));
        }
        let may_be_plain = loopback && tls_may_be_off(variable)?;
        let tls = query.tls.unwrap_or(!may_be_plain);
        if !tls && !may_be_plain {
            return Err(refused(
                "asks for a connection without TLS; write sslmode=require or sslmode=verify-full (without TLS only to loopback, and with DATABASE_TLS=off).",
            ));
        }
        driver.ssl_mode(if tls {
            SslMode::Require
        } else {
            SslMode::Disable
        });
        if driver.get_application_name().is_none() {
            driver.application_name("todo-service");
        }
        // A peer that vanished is noticed in seconds instead of the kernel's
        // quarter of an hour. The first limit is for TCP alone: signing in
        // may take as long as a sleeping database needs to wake up.
        driver
            .connect_timeout(Duration::from_secs(2))
            .tcp_user_timeout(Duration::from_secs(5))
            .keepalives_idle(Duration::from_secs(10))
            .keepalives_interval(Duration::from_secs(2))
            .keepalives_retries(3);
        Ok(Self { driver, tls })
    }
}

/// The parameters behind the question mark, sorted by who reads them.
#[derive(Default)]
struct Query<'a> {
    kept: Vec<&'a str>,
    tls: Option<bool>,
}

impl<'a> Query<'a> {
    fn read(name: &str, query: &'a str) -> Result<Self, ConfigError> {
        let refused = |rule: &str| Err(ConfigError::new(name, rule));
        let mut read = Self::default();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            match key {
                // With this driver `require` already verifies the chain and
                // the host name, as libpq does for `verify-full`.
                "sslmode" => match value {
                    "require" | "verify-ca" | "verify-full" => read.tls = Some(true),
                    "disable" | "allow" | "prefer" => read.tls = Some(false),
                    _ => {
                        return refused(
                            "has an unknown sslmode; write sslmode=require or sslmode=verify-full.",
                        );
                    }
                },
                "sslrootcert" if value == "system" => {}
                "sslrootcert" => {
                    return refused(
                        "may not name an sslrootcert; set SSL_CERT_FILE to the file of trusted certificates.",
                    );
                }
                _ if WITHOUT_EFFECT.contains(&key) => {}
                _ if OF_THE_DRIVER.contains(&key) => read.kept.push(pair),
                // The parameter is not named: it may be the rest of a
                // password with a question mark in it.
                _ => {
                    return refused(
                        "has a parameter that is not known here; take it out, and percent-encode special characters in the password.",
                    );
                }
            }
        }
        Ok(read)
    }
}

fn tls_may_be_off(variable: &impl Fn(&str) -> Option<String>) -> Result<bool, ConfigError> {
    match variable("DATABASE_TLS").as_deref() {
        None | Some("required") => Ok(false),
        Some("off") => Ok(true),
        Some(_) => Err(ConfigError::new(
            "DATABASE_TLS",
            "must be required, or off for a database on loopback.",
        )),
    }
}

/// Neon names the pooler's host `<endpoint>-pooler.<region>…`.
fn without_pooler(url: &str) -> String {
    let host_at = url.rfind('@').map_or(0, |at| at + 1);
    let (front, back) = url.split_at(host_at);
    let host_end = back.find(['/', '?']).unwrap_or(back.len());
    let (host, rest) = back.split_at(host_end);
    format!("{front}{}{rest}", host.replacen("-pooler.", ".", 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse_with(text: &str, tls: Option<&str>) -> Result<DatabaseUrl, String> {
        let variable = |name: &str| match name {
            "DATABASE_URL" => Some(text.to_owned()),
            "DATABASE_TLS" => tls.map(str::to_owned),
            _ => None,
        };
        DatabaseUrl::pooled(&variable).map_err(|error| error.to_string())
    }

    fn parse(text: &str) -> Result<DatabaseUrl, String> {
        parse_with(text, None)
    }

    #[test]
    fn what_neons_console_hands_out_is_accepted() {
        for query in [
            "",
            "?sslmode=require",
            "?sslmode=verify-full&channel_binding=require",
            "?sslmode=verify-full&sslrootcert=system",
            "?sslmode=require&options=endpoint%3Dep-cool-sea-123456",
            "?sslmode=require&pgbouncer=true&connect_timeout=15&connection_limit=1",
        ] {
            let url = parse(&format!(
                "postgresql://login:secret@ep-x-pooler.neon.tech/todo{query}"
            ))
            .expect(query);
            assert_eq!(url.driver.get_ssl_mode(), SslMode::Require, "{query}");
            assert!(url.tls, "{query}");
            assert_eq!((url.user(), url.password()), ("login", "secret"));
        }
    }

    #[test]
    fn a_copied_secret_may_end_in_a_line_break() {
        assert!(parse("postgres://login:secret@db.example.com/todo\n").is_ok());
    }

    #[test]
    fn a_connection_without_tls_is_refused_away_from_loopback() {
        for mode in ["disable", "allow", "prefer"] {
            let far = format!("postgres://login:hunter2@db.example.com/todo?sslmode={mode}");
            let near = format!("postgres://login:hunter2@127.0.0.1/todo?sslmode={mode}");
            assert!(parse(&far).is_err());
            assert!(parse_with(&far, Some("off")).is_err());
            assert!(parse(&near).is_err());
            assert!(parse_with(&near, Some("off")).is_ok_and(|url| !url.tls));
        }
        let silent = "postgres://login:hunter2@db.example.com/todo";
        assert!(parse_with(silent, Some("off")).is_ok_and(|url| url.tls));
    }

    #[test]
    fn a_bad_url_is_refused_without_showing_it() {
        for text in [
            "mysql://login:hunter2@db.example.com/todo",
            "postgres://login:hunter2@db.example.com",
            "postgres://login@db.example.com/hunter2",
            "postgres://login:hunter2@a.example.com,b.example.com/todo",
            "postgres://login:pass?hunter2@db.example.com/todo",
            "postgres://login:hunter2@db.example.com:port/todo",
            "postgres://login:hunter2@db.example.com/todo?sslmode=hunter2",
            "postgres://login:hunter2@db.example.com/todo?hunter2=1",
            "postgres://login:hunter2@db.example.com/todo?sslrootcert=/hunter2",
            "postgres://login:hunter2@%2Fvar%2Frun/todo",
            "host=db.example.com password=hunter2",
        ] {
            let sentence = parse(text).map(|_| ()).expect_err(text);
            assert!(sentence.starts_with("DATABASE_URL "), "{sentence}");
            assert!(!sentence.contains("hunter2"), "{sentence}");
        }
    }

    #[test]
    fn the_direct_url_is_the_pooled_one_without_pooler() {
        assert_eq!(
            without_pooler("postgres://a-pooler.b:c-pooler.d@ep-x-pooler.eu.neon.tech/x-pooler.y"),
            "postgres://a-pooler.b:c-pooler.d@ep-x.eu.neon.tech/x-pooler.y",
        );
    }
}

#[cfg(test)]
mod fuzz {
    use proptest::prelude::*;

    use super::*;
    use crate::fuzz::mutated;

    proptest! {
        #[test]
        fn a_url_is_refused_or_asks_for_tls_and_is_never_quoted(url in mutated("urls")) {
            let variable = |name: &str| (name == "DATABASE_URL").then(|| url.clone());
            match DatabaseUrl::pooled(&variable) {
                Ok(url) => prop_assert!(url.tls),
                Err(error) => prop_assert!(!error.to_string().contains("s3cr3t")),
            }
            DatabaseUrl::direct(&variable).ok();
        }
    }
}
