//! The mail with the link to choose a new password.

use lettre::AsyncTransport;
use lettre::message::header::{ContentTransferEncoding, ContentType};
use lettre::message::{Body, Message};
use lettre::transport::smtp;
use lettre::transport::smtp::response::{Category, Severity};

use crate::config::MailConfig;

/// Why a mail was not sent, without the words of the server: they name the
/// recipient.
pub(super) struct NotSent {
    pub(super) cause: String,
    /// Whether somebody should look at the service, and not at the mailbox.
    pub(super) is_ours: bool,
}

/// Sends a link with `token` to `address`.
pub(super) async fn send(config: &MailConfig, address: &str, token: &str) -> Result<(), NotSent> {
    let page = &config.page;
    // Behind `#`, so that the token reaches no server's log and no Referer.
    let text = format!(
        "Somebody asked for a new password for your account at\r\n\
         {page}\r\n\
         \r\n\
         If it was you, choose one within 30 minutes:\r\n\
         {page}#token={token}\r\n\
         \r\n\
         If it was not you, ignore this mail: your password stays as it is.\r\n"
    );
    // Quoted-printable would break the link over two lines, which 998 characters
    // may be long (RFC 5322 section 2.1.1).
    let body = Body::dangerous_pre_encoded(text.into_bytes(), ContentTransferEncoding::SevenBit);
    let recipient = address.parse().map_err(|_| unsendable())?;
    let message = Message::builder()
        .from(config.sender.clone())
        .to(recipient)
        .subject("Choose a new password")
        .header(ContentType::TEXT_PLAIN)
        .body(body)
        .map_err(|_| unsendable())?;
    match config.transport.send(message).await {
        Ok(_) => Ok(()),
        Err(error) => Err(refused(&error)),
    }
}

fn unsendable() -> NotSent {
    NotSent {
        cause: "no mail can be sent to the account's address".into(),
        is_ours: false,
    }
}

fn refused(error: &smtp::Error) -> NotSent {
    let Some(code) = error.status() else {
        let what = match error {
            error if error.is_timeout() => "did not answer in time",
            error if error.is_tls() => "has no TLS or a certificate that is not trusted",
            error if error.is_response() || error.is_client() => "did not speak SMTP as expected",
            _ => "could not be reached",
        };
        return NotSent {
            cause: format!("the mail server {what}"),
            is_ours: true,
        };
    };
    let is_about_the_mailbox = code.severity == Severity::PermanentNegativeCompletion
        && code.category == Category::MailSystem;
    NotSent {
        cause: format!("the mail server answered {code}"),
        is_ours: !is_about_the_mailbox,
    }
}
