//! A mail server that delivers nothing: it hands each mail to its owner.
//!
//! By hand, because it speaks with one client, over loopback, in the six
//! commands of RFC 5321 that this client sends.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use crate::error::{Context, Result};

/// Listens on a free port of loopback until the process ends, and returns the
/// server's URL. `take` gets each mail whole, with its headers.
///
/// # Errors
/// When no port is free.
pub fn open(take: impl Fn(&str) + Send + Sync + 'static) -> Result<String> {
    let describe = || "cannot listen for mail";
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context(describe)?;
    let address = listener.local_addr().context(describe)?;
    let take = Arc::new(take);
    thread::spawn(move || {
        for stream in listener.incoming().map_while(io::Result::ok) {
            let take = Arc::clone(&take);
            // A client that breaks off has sent no mail.
            thread::spawn(move || converse(&stream, &*take).unwrap_or_default());
        }
    });
    Ok(format!("smtp://{address}"))
}

fn converse(mut stream: &TcpStream, take: &dyn Fn(&str)) -> io::Result<()> {
    let mut lines = BufReader::new(stream).lines();
    stream.write_all(b"220 localhost\r\n")?;
    while let Some(line) = lines.next().transpose()? {
        let command = line.get(..4).unwrap_or_default().to_ascii_uppercase();
        let answer = match command.as_str() {
            "EHLO" | "HELO" | "MAIL" | "RCPT" | "RSET" | "NOOP" => "250 ok",
            "DATA" => {
                stream.write_all(b"354 go on\r\n")?;
                let mail = read_mail(&mut lines)?;
                take(&mail);
                "250 taken"
            }
            "QUIT" => return stream.write_all(b"221 bye\r\n"),
            _ => "502 not known here",
        };
        stream.write_all(format!("{answer}\r\n").as_bytes())?;
    }
    Ok(())
}

/// The lines up to the single dot (RFC 5321 section 4.5.2).
fn read_mail(lines: &mut impl Iterator<Item = io::Result<String>>) -> io::Result<String> {
    let mut mail = String::new();
    for line in lines {
        let line = line?;
        if line == "." {
            return Ok(mail);
        }
        mail += line.strip_prefix('.').unwrap_or(&line);
        mail.push('\n');
    }
    Err(io::ErrorKind::UnexpectedEof.into())
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn a_mail_arrives_whole() {
        let (sender, receiver) = channel();
        let url = open(move |mail| sender.send(mail.to_owned()).unwrap_or_default());
        let url = url.expect("a port is free");
        let address = url.strip_prefix("smtp://").expect("it is a URL of SMTP");
        let mut stream = TcpStream::connect(address).expect("it listens");
        stream
            .write_all(
                b"EHLO me\r\nMAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.com>\r\nDATA\r\n\
                  Subject: Hello\r\n\r\n..dotted\r\n.\r\nQUIT\r\n",
            )
            .expect("it reads");
        let answers: Vec<String> = BufReader::new(&stream)
            .lines()
            .map(|line| line.expect("it writes"))
            .collect();
        let codes: Vec<&str> = answers.iter().map(|line| &line[..3]).collect();
        assert_eq!(codes, ["220", "250", "250", "250", "354", "250", "221"]);
        let mail = receiver.recv().expect("it was taken");
        assert_eq!(mail, "Subject: Hello\n\n.dotted\n");
    }
}
