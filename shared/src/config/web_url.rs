//! URLs of web servers: with TLS, except on this machine.

use lambda_http::http::Uri;

use super::ConfigError;

pub(super) fn web_url(name: &str, text: &str) -> Result<Uri, ConfigError> {
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

pub(super) fn not_a_web_url(name: &str) -> ConfigError {
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
