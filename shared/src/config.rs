//! Every variable the service reads, read and checked once, at the start.

use std::fmt;

use lambda_http::http::Uri;
use tracing::Level;

use crate::database::DatabaseUrl;

/// What the environment says, checked.
///
/// It has no `Debug`: it holds secrets.
pub struct Config {
    pub(crate) database: DatabaseUrl,
    pub(crate) api_base_url: String,
    pub(crate) auth_origin: Option<String>,
    pub(crate) log_level: Level,
}

impl Config {
    /// Reads what every function needs.
    ///
    /// # Errors
    /// The first variable that is missing or bad.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::read(&environment)
    }

    fn read(variable: &impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        Ok(Self {
            database: DatabaseUrl::pooled(variable)?,
            api_base_url: base_url(required(variable, "API_BASE_URL")?)?,
            auth_origin: variable("AUTH_URL").map(auth_origin).transpose()?,
            log_level: log_level(variable("LOG_LEVEL"))?,
        })
    }
}

/// A variable that is missing or bad: one sentence that names it and never
/// shows its value.
#[derive(Debug)]
pub struct ConfigError(pub(crate) String);

impl ConfigError {
    pub(crate) fn new(name: &str, rule: &str) -> Self {
        Self(format!("{name} {rule}"))
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for ConfigError {}

/// A variable's value without the white space around it; an empty one counts
/// as missing, because deployment tools can set a variable but not unset it.
pub(crate) fn environment(name: &str) -> Option<String> {
    let value = std::env::var(name).ok()?.trim().to_owned();
    (!value.is_empty()).then_some(value)
}

pub(crate) fn required(
    variable: &impl Fn(&str) -> Option<String>,
    name: &str,
) -> Result<String, ConfigError> {
    variable(name).ok_or_else(|| ConfigError::new(name, "is missing; set it."))
}

/// The secret that the signing key is derived from: at least 32 bytes, as
/// HMAC-SHA-256 has (RFC 7518 section 3.2 asks as much of a key for it).
pub(crate) fn auth_secret() -> Result<String, ConfigError> {
    let secret = required(&environment, "AUTH_SECRET")?;
    if secret.len() < 32 {
        return Err(ConfigError::new(
            "AUTH_SECRET",
            "is too short; give it 32 random bytes or more, for example from `openssl rand -hex 32`.",
        ));
    }
    Ok(secret)
}

/// The issuer and audience of the built-in tokens, so it is compared to the
/// letter: no trailing slash.
fn base_url(text: String) -> Result<String, ConfigError> {
    web_url("API_BASE_URL", &text)?;
    Ok(text.trim_end_matches('/').to_owned())
}

/// Better Auth issues its tokens for the origin of its URL: scheme, host and
/// port, without the path.
fn auth_origin(text: String) -> Result<String, ConfigError> {
    let uri = web_url("AUTH_URL", &text)?;
    match (uri.scheme_str(), uri.authority()) {
        (Some(scheme), Some(authority)) => Ok(format!("{scheme}://{authority}").to_lowercase()),
        _ => Err(not_a_web_url("AUTH_URL")),
    }
}

fn web_url(name: &str, text: &str) -> Result<Uri, ConfigError> {
    let uri: Uri = text.parse().map_err(|_| not_a_web_url(name))?;
    let plain = uri
        .authority()
        .is_some_and(|part| !part.as_str().contains('@'));
    match uri.scheme_str() {
        Some("https") if plain && uri.query().is_none() => Ok(uri),
        Some("http") if plain && uri.query().is_none() && uri.host().is_some_and(is_loopback) => {
            Ok(uri)
        }
        _ => Err(not_a_web_url(name)),
    }
}

fn not_a_web_url(name: &str) -> ConfigError {
    ConfigError::new(
        name,
        "must be an https URL without user and query, for example https://todo.example.com; http is for loopback only.",
    )
}

/// Whether `host` names this machine and nothing else.
pub(crate) fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// `debug` and `trace` are not offered: the driver prints bound parameters
/// there, which are titles and e-mail addresses.
fn log_level(text: Option<String>) -> Result<Level, ConfigError> {
    match text.as_deref().map(str::to_lowercase).as_deref() {
        None | Some("info") => Ok(Level::INFO),
        Some("warn") => Ok(Level::WARN),
        Some("error") => Ok(Level::ERROR),
        Some(_) => Err(ConfigError::new(
            "LOG_LEVEL",
            "must be one of info, warn, error.",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: [(&str, &str); 3] = [
        (
            "DATABASE_URL",
            "postgres://login:secret@db-pooler.neon.tech/todo?sslmode=require",
        ),
        ("API_BASE_URL", "https://todo.example.com/"),
        ("AUTH_URL", "https://App.example.com/api/auth"),
    ];

    fn read_with(name: &str, value: Option<&str>) -> Result<Config, ConfigError> {
        Config::read(&|wanted: &str| {
            if wanted == name {
                return value.map(str::to_owned);
            }
            let known = GOOD.iter().find(|(known, _)| *known == wanted)?;
            Some(known.1.to_owned())
        })
    }

    fn refusal(name: &str, value: Option<&str>) -> String {
        match read_with(name, value) {
            Ok(_) => panic!("{name} was accepted"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn urls_become_issuers() {
        let config = read_with("LOG_LEVEL", None).expect("GOOD is good");
        assert_eq!(config.api_base_url, "https://todo.example.com");
        assert_eq!(
            config.auth_origin.as_deref(),
            Some("https://app.example.com")
        );
        assert_eq!(config.log_level, Level::INFO);
    }

    #[test]
    fn a_missing_variable_is_named() {
        assert_eq!(
            refusal("DATABASE_URL", None),
            "DATABASE_URL is missing; set it."
        );
        assert_eq!(
            refusal("API_BASE_URL", None),
            "API_BASE_URL is missing; set it."
        );
    }

    #[test]
    fn a_bad_value_is_named_and_never_shown() {
        for (name, value) in [
            ("API_BASE_URL", "hunter2"),
            ("API_BASE_URL", "http://hunter2.example.com"),
            ("API_BASE_URL", "https://user:hunter2@example.com"),
            ("API_BASE_URL", "https://example.com/?key=hunter2"),
            ("AUTH_URL", "ftp://hunter2"),
            ("LOG_LEVEL", "hunter2"),
            ("LOG_LEVEL", "debug"),
            ("DATABASE_URL", "mysql://hunter2"),
        ] {
            let sentence = refusal(name, Some(value));
            assert!(sentence.starts_with(name), "{sentence}");
            assert!(!sentence.contains("hunter2"), "{sentence}");
        }
    }
}
