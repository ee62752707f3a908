//! The status of a GET request.
//!
//! By hand: the crate ureq cannot wait for one answer while it looks for an
//! interrupt, and a second request would queue behind the first.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;

use crate::error::Result;

const SLICE: Duration = Duration::from_millis(200);

/// The status of `GET path`, or `None` while no server listens on that port.
///
/// Waits for the answer until `keep_waiting` fails.
pub(super) fn status(
    port: u16,
    path: &str,
    mut keep_waiting: impl FnMut() -> Result<()>,
) -> Result<Option<u16>> {
    keep_waiting()?;
    let request =
        format!("GET {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nconnection: close\r\n\r\n");
    let Ok(mut stream) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)) else {
        return Ok(None);
    };
    let sent = stream
        .set_read_timeout(Some(SLICE))
        .and_then(|()| stream.write_all(request.as_bytes()));
    if sent.is_err() {
        return Ok(None);
    }
    let mut head = Vec::new();
    let mut buffer = [0; 512];
    while head.len() < "HTTP/1.1 200".len() {
        match stream.read(&mut buffer) {
            Ok(0) => return Ok(None),
            Ok(length) => head.extend_from_slice(&buffer[..length]),
            Err(cause) if is_timeout(cause.kind()) => keep_waiting()?,
            Err(_) => return Ok(None),
        }
    }
    Ok(parse(&head))
}

fn is_timeout(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted
    )
}

fn parse(head: &[u8]) -> Option<u16> {
    let text = str::from_utf8(head.get(..12)?).ok()?;
    text.strip_prefix("HTTP/1.1 ")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_is_read() {
        assert_eq!(parse(b"HTTP/1.1 503 Service Unavailable\r\n"), Some(503));
        assert_eq!(parse(b"SSH-2.0-OpenSSH_9.2"), None);
    }
}
