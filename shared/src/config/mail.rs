//! How mail is sent: by SMTP with TLS, and without it on this machine alone.

use lambda_http::http::Uri;
use lettre::message::Mailbox;
use lettre::{AsyncSmtpTransport, Tokio1Executor};

use super::web_url::{is_loopback, web_url};
use super::{ConfigError, environment, required};

/// The variables of the function that sends mail, checked.
///
/// Without `Debug`, because it holds a secret.
pub(crate) struct MailConfig {
    pub(crate) transport: AsyncSmtpTransport<Tokio1Executor>,
    pub(crate) sender: Mailbox,
    /// The page that takes the token of a link.
    pub(crate) page: Uri,
}

impl MailConfig {
    /// `None` where none of the three variables is set.
    ///
    /// # Errors
    /// When one of them is missing or bad.
    pub(crate) fn from_environment() -> Result<Option<Self>, ConfigError> {
        Self::read(&environment)
    }

    fn read(variable: &impl Fn(&str) -> Option<String>) -> Result<Option<Self>, ConfigError> {
        let url = required(variable, "SMTP_URL");
        let sender = required(variable, "MAIL_FROM");
        let page = required(variable, "PASSWORD_RESET_URL");
        if url.is_err() && sender.is_err() && page.is_err() {
            return Ok(None);
        }
        Ok(Some(Self {
            transport: transport(&url?)?,
            sender: sender?.parse().map_err(|_| {
                ConfigError::new(
                    "MAIL_FROM",
                    "must be an e-mail address, such as Tasks <tasks@example.com>.",
                )
            })?,
            page: web_url("PASSWORD_RESET_URL", &page?)?,
        }))
    }
}

/// Opportunistic TLS is refused: whoever is in between switches it off.
fn transport(url: &str) -> Result<AsyncSmtpTransport<Tokio1Executor>, ConfigError> {
    let bad = || {
        ConfigError::new(
            "SMTP_URL",
            "must be smtps://user:password@host or smtp://user:password@host:587?tls=required, with signs in them percent-encoded; smtp without TLS is for loopback only.",
        )
    };
    let uri: Uri = url.parse().map_err(|_| bad())?;
    let host = uri.host().ok_or_else(bad)?;
    let is_safe = match (uri.scheme_str(), uri.query()) {
        (Some("smtps"), None) | (Some("smtp"), Some("tls=required")) => true,
        (Some("smtp"), None) => is_loopback(host),
        _ => false,
    };
    if !is_safe {
        return Err(bad());
    }
    let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url).map_err(|_| bad())?;
    Ok(builder.build())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: [(&str, &str); 3] = [
        (
            "SMTP_URL",
            "smtps://AKIA:p%2Fw@email-smtp.eu-central-1.amazonaws.com",
        ),
        ("MAIL_FROM", "Tasks <tasks@example.com>"),
        ("PASSWORD_RESET_URL", "https://todo.example.com/"),
    ];

    fn read_with(name: &str, value: Option<&str>) -> Result<Option<MailConfig>, String> {
        let read = MailConfig::read(&|wanted: &str| {
            let value = match name == wanted {
                true => value,
                false => GOOD.iter().find(|it| it.0 == wanted).map(|it| it.1),
            };
            value.map(str::to_owned)
        });
        read.map_err(|error| error.to_string())
    }

    #[test]
    fn mail_is_sent_with_tls_or_on_this_machine() {
        for good in [
            GOOD[0].1,
            "smtp://user:password@mail.example.com:587?tls=required",
            "smtp://127.0.0.1:2525",
            "smtp://localhost:2525",
        ] {
            assert!(
                matches!(read_with("SMTP_URL", Some(good)), Ok(Some(_))),
                "{good}"
            );
        }
    }

    #[test]
    fn all_three_variables_are_set_or_none() {
        assert!(matches!(MailConfig::read(&|_: &str| None), Ok(None)));
        for (name, _) in GOOD {
            let missing = read_with(name, None).err();
            assert_eq!(missing, Some(format!("{name} is missing; set it.")));
        }
    }

    #[test]
    fn a_bad_value_is_named_and_never_shown() {
        for (name, value) in [
            ("SMTP_URL", "hunter2"),
            ("SMTP_URL", "https://hunter2.example.com"),
            ("SMTP_URL", "smtp://user:hunter2@mail.example.com"),
            (
                "SMTP_URL",
                "smtp://user:hunter2@mail.example.com?tls=opportunistic",
            ),
            ("SMTP_URL", "smtps://user:hunter2@"),
            ("MAIL_FROM", "hunter2"),
            ("MAIL_FROM", "hunter2@example.com\nBcc: all@example.com"),
            ("PASSWORD_RESET_URL", "http://hunter2.example.com"),
            ("PASSWORD_RESET_URL", "https://example.com/?hunter2"),
        ] {
            let sentence = read_with(name, Some(value)).err().unwrap_or_default();
            assert!(sentence.starts_with(name), "{value}: {sentence}");
            assert!(!sentence.contains("hunter2"), "{sentence}");
        }
    }
}
