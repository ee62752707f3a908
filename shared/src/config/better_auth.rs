//! Better Auth's tokens: their issuer, and where the keys are.

use lambda_http::http::Uri;

use super::ConfigError;
use super::web_url::{not_a_web_url, web_url};

/// Better Auth, when AUTH_URL names it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct BetterAuthConfig {
    /// The issuer and audience of its tokens: the origin of AUTH_URL.
    pub(crate) issuer: String,
    pub(crate) jwks_url: Uri,
    pub(crate) source: JwksSource,
}

/// Where Better Auth's keys are read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum JwksSource {
    /// From its table, or from its server while there is no table.
    Auto,
    Database,
    Http,
}

impl BetterAuthConfig {
    pub(super) fn read(
        variable: &impl Fn(&str) -> Option<String>,
    ) -> Result<Option<Self>, ConfigError> {
        let source = jwks_source(variable("JWKS_SOURCE"))?;
        let Some(text) = variable("AUTH_URL") else {
            return Ok(None);
        };
        let uri = web_url("AUTH_URL", &text)?;
        let issuer = origin(&uri).ok_or_else(|| not_a_web_url("AUTH_URL"))?;
        // Better Auth's own default, unless the URL says where it is mounted.
        let path = match uri.path().trim_end_matches('/') {
            "" => "/api/auth",
            path => path,
        };
        let jwks_url = format!("{issuer}{path}/jwks")
            .parse()
            .map_err(|_| not_a_web_url("AUTH_URL"))?;
        Ok(Some(Self {
            issuer,
            jwks_url,
            source,
        }))
    }
}

fn jwks_source(text: Option<String>) -> Result<JwksSource, ConfigError> {
    match text.as_deref() {
        None | Some("auto") => Ok(JwksSource::Auto),
        Some("database") => Ok(JwksSource::Database),
        Some("http") => Ok(JwksSource::Http),
        Some(_) => Err(ConfigError::new(
            "JWKS_SOURCE",
            "must be one of auto, database, http.",
        )),
    }
}

/// As browsers write it, and Better Auth with them: in lower case and without
/// the scheme's own port (<https://html.spec.whatwg.org/#ascii-serialisation-of-an-origin>).
fn origin(uri: &Uri) -> Option<String> {
    let (scheme, host) = (uri.scheme_str()?, uri.host()?);
    let origin = match (scheme, uri.port_u16()) {
        ("https", Some(443)) | ("http", Some(80)) | (_, None) => format!("{scheme}://{host}"),
        (_, Some(port)) => format!("{scheme}://{host}:{port}"),
    };
    Some(origin.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str) -> BetterAuthConfig {
        let variable = |name: &str| (name == "AUTH_URL").then(|| url.to_owned());
        let read = BetterAuthConfig::read(&variable).expect("it is a URL");
        read.expect("AUTH_URL is set")
    }

    #[test]
    fn urls_become_issuers() {
        let better_auth = read("https://App.example.com/api/auth");
        assert_eq!(better_auth.issuer, "https://app.example.com");
        assert_eq!(
            better_auth.jwks_url,
            "https://app.example.com/api/auth/jwks"
        );
        assert_eq!(better_auth.source, JwksSource::Auto);
    }

    #[test]
    fn an_issuer_has_no_default_port() {
        let issuer = |url| read(url).issuer;
        assert_eq!(
            issuer("https://app.example.com:443/api/auth"),
            "https://app.example.com"
        );
        assert_eq!(
            issuer("https://app.example.com:8443"),
            "https://app.example.com:8443"
        );
        assert_eq!(issuer("http://[::1]:3000"), "http://[::1]:3000");
    }
}
