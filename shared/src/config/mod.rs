//! Every variable the service reads, read and checked once, at the start.

mod better_auth;
mod database_url;
mod logins;
mod mail;
mod proxy;
mod secret;
mod web_url;

use std::fmt;

use lambda_http::http::Uri;
use tracing::Level;

pub(crate) use better_auth::{BetterAuthConfig, JwksSource};
pub use database_url::DatabaseUrl;
pub(crate) use logins::DatabaseLogin;
pub(crate) use mail::MailConfig;
pub(crate) use proxy::proxy_secret_hashes;
pub(crate) use secret::{auth_secret, derive, hexadecimal};
pub(crate) use web_url::is_loopback;
use web_url::web_url;

/// The variables of every function with a database, checked.
///
/// Without `Debug`, because it holds secrets.
pub(crate) struct Config {
    pub(crate) database: DatabaseUrl,
    /// The issuer and audience of the built-in tokens.
    pub(crate) token_issuer: String,
    pub(crate) better_auth: Option<BetterAuthConfig>,
    pub(crate) password_min_length: usize,
    pub(crate) registration: RegistrationMode,
    pub(crate) refusal_answers: RefusalAnswers,
}

/// Reads everything that some function reads, for a check ahead of all requests.
///
/// # Errors
/// The first variable that is missing or bad.
pub(crate) fn check() -> Result<(), ConfigError> {
    log_level()?;
    server_timing()?;
    proxy_secret_hashes()?;
    let config = Config::from_environment()?;
    DatabaseLogin::of_accounts(&config.database)?;
    MailConfig::from_environment()?;
    auth_secret().map(drop)
}

impl Config {
    pub(crate) fn from_environment() -> Result<Self, ConfigError> {
        Self::read(&environment)
    }

    fn read(variable: &impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        Ok(Self {
            database: DatabaseUrl::pooled(variable)?,
            token_issuer: token_issuer(required(variable, "TOKEN_ISSUER")?)?,
            better_auth: BetterAuthConfig::read(variable)?,
            password_min_length: password_min_length(variable("PASSWORD_MIN_LENGTH"))?,
            registration: registration(variable("REGISTRATION"))?,
            refusal_answers: refusal_answers(variable("EXPLAIN_REFUSALS"))?,
        })
    }
}

/// Whether everybody may register a built-in account.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum RegistrationMode {
    Open,
    Closed,
}

/// The answer to a client whose token is refused.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum RefusalAnswers {
    /// The same for all reasons.
    Uniform,
    /// The reason, on a developer's machine.
    Explained,
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

/// A name, which may be a URL and need not be (StringOrURI of RFC 7519
/// section 2); it is compared to the letter.
fn token_issuer(text: String) -> Result<String, ConfigError> {
    let is_plain = |c: char| !c.is_whitespace() && !c.is_control();
    if text.len() <= 255 && text.chars().all(is_plain) {
        return Ok(text);
    }
    Err(ConfigError::new(
        "TOKEN_ISSUER",
        "must be a name without white space, at most 255 bytes, for example https://todo.example.com.",
    ))
}

/// The variables of the journey: where the API is, and whom it signs in.
pub(crate) struct JourneyConfig {
    pub(crate) api_url: Uri,
    pub(crate) email: String,
    pub(crate) password: String,
}

impl JourneyConfig {
    pub(crate) fn from_environment() -> Result<Self, ConfigError> {
        Ok(Self {
            api_url: web_url("API_URL", &required(&environment, "API_URL")?)?,
            email: required(&environment, "JOURNEY_EMAIL")?,
            password: required(&environment, "JOURNEY_PASSWORD")?,
        })
    }
}

/// 8 is Better Auth's own limit; NIST SP 800-63B-4 section 3.1.1.2 asks for
/// 15 where the password is all there is.
fn password_min_length(text: Option<String>) -> Result<usize, ConfigError> {
    match text.map(|text| text.parse()) {
        None => Ok(8),
        Some(Ok(length)) if (8..=64).contains(&length) => Ok(length),
        Some(_) => Err(ConfigError::new(
            "PASSWORD_MIN_LENGTH",
            "must be a whole number from 8 to 64.",
        )),
    }
}

fn registration(text: Option<String>) -> Result<RegistrationMode, ConfigError> {
    match text.as_deref() {
        None | Some("open") => Ok(RegistrationMode::Open),
        Some("closed") => Ok(RegistrationMode::Closed),
        Some(_) => Err(ConfigError::new("REGISTRATION", "must be open or closed.")),
    }
}

/// `cargo dev` sets it; a deployment never does.
fn refusal_answers(text: Option<String>) -> Result<RefusalAnswers, ConfigError> {
    Ok(match is_on("EXPLAIN_REFUSALS", text)? {
        true => RefusalAnswers::Explained,
        false => RefusalAnswers::Uniform,
    })
}

/// From which level on the log is written, which every function reads.
pub(crate) fn log_level() -> Result<Level, ConfigError> {
    level(environment("LOG_LEVEL"))
}

/// Whether answers say where their time went. Not unless it is asked for:
/// nobody outside needs to know how long a sign-in waited for the database.
pub(crate) fn server_timing() -> Result<bool, ConfigError> {
    is_on("SERVER_TIMING", environment("SERVER_TIMING"))
}

fn is_on(name: &str, text: Option<String>) -> Result<bool, ConfigError> {
    match text.as_deref() {
        None | Some("off") => Ok(false),
        Some("on") => Ok(true),
        Some(_) => Err(ConfigError::new(name, "must be on or off.")),
    }
}

/// `debug` and `trace` are not offered: the driver prints bound parameters
/// there, which are titles and e-mail addresses.
fn level(text: Option<String>) -> Result<Level, ConfigError> {
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
        ("TOKEN_ISSUER", "https://todo.example.com/"),
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
    fn an_issuer_is_taken_to_the_letter() {
        let config = read_with("JWKS_SOURCE", None).expect("GOOD is good");
        assert_eq!(config.token_issuer, "https://todo.example.com/");
    }

    #[test]
    fn a_missing_variable_is_named() {
        assert_eq!(
            refusal("DATABASE_URL", None),
            "DATABASE_URL is missing; set it."
        );
        assert_eq!(
            refusal("TOKEN_ISSUER", None),
            "TOKEN_ISSUER is missing; set it."
        );
    }

    #[test]
    fn a_bad_value_is_named_and_never_shown() {
        for (name, value) in [
            ("TOKEN_ISSUER", "hunter2 and more"),
            ("TOKEN_ISSUER", "hunter2\n"),
            ("TOKEN_ISSUER", "hunter2\u{1}"),
            ("TOKEN_ISSUER", &"hunter2".repeat(37)),
            ("AUTH_URL", "https://user:hunter2@example.com"),
            ("AUTH_URL", "https://example.com/?key=hunter2"),
            ("AUTH_URL", "http://hunter2.example.com"),
            ("AUTH_URL", "ftp://hunter2"),
            ("JWKS_SOURCE", "hunter2"),
            ("REGISTRATION", "hunter2"),
            ("PASSWORD_MIN_LENGTH", "7"),
            ("PASSWORD_MIN_LENGTH", "hunter2"),
            ("DATABASE_URL", "mysql://hunter2"),
        ] {
            let sentence = refusal(name, Some(value));
            assert!(sentence.starts_with(name), "{sentence}");
            assert!(!sentence.contains("hunter2"), "{sentence}");
        }
    }

    #[test]
    fn levels_that_print_parameters_are_refused() {
        let level = |text: &str| level(Some(text.to_owned())).map_err(|error| error.to_string());
        assert_eq!(level("WARN"), Ok(Level::WARN));
        for bad in ["debug", "trace", "hunter2"] {
            let sentence = "LOG_LEVEL must be one of info, warn, error.".to_owned();
            assert_eq!(level(bad), Err(sentence));
        }
    }
}
