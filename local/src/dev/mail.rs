//! Mail of the functions, which `cargo dev` prints unless SMTP_URL is set.

use std::collections::BTreeMap;

use super::steps::say;
use super::variables::Variables;
use crate::error::Result;
use crate::mailbox;

/// Adds the variables of a mailbox that prints, and of the page on `port`.
pub(super) fn print(
    functions: &mut BTreeMap<String, String>,
    variables: &Variables,
    port: u16,
) -> Result<()> {
    if variables.get("SMTP_URL").is_some() {
        return Ok(());
    }
    let url = mailbox::open(|mail| say(&format!("\nmail, sent to nobody:\n\n{mail}")))?;
    let defaults = [
        ("SMTP_URL", url),
        ("MAIL_FROM", "Tasks <tasks@example.com>".to_owned()),
        ("PASSWORD_RESET_URL", format!("http://127.0.0.1:{port}/")),
    ];
    functions.extend(defaults.map(|(name, value)| (name.to_owned(), value)));
    Ok(())
}
