//! The stack as a client without TLS and an operator see it.

use std::collections::BTreeSet;
use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::sync::OnceLock;
use std::time::Duration;

use local::Result;
use local::stack::{Stack, StackOptions, Template};

/// Starts a stack with the data of a first one, which all tests here share.
fn start() -> Result<Stack> {
    static TEMPLATE: OnceLock<Template> = OnceLock::new();
    let options = StackOptions::default();
    let template = TEMPLATE.get_or_init(|| {
        let first = Stack::temporary(&options).expect("the stack starts");
        first.into_template().expect("the stack stops")
    });
    Stack::from_template(template, &options)
}

#[test]
fn a_connection_without_tls_is_refused_by_both_servers() -> Result<()> {
    let stack = start()?;
    let postgres = answer_in_plain_text(stack.postgres().port());
    assert!(postgres.contains("no encryption"), "{postgres}");
    let pooler = answer_in_plain_text(stack.pooler().port());
    assert!(pooler.contains("SSL required"), "{pooler}");
    stack.stop()
}

#[test]
fn stacks_of_one_template_have_ports_of_their_own() -> Result<()> {
    let stacks = [start()?, start()?];
    let ports = stacks
        .each_ref()
        .map(|it| [it.postgres().port(), it.pooler().port()]);
    let distinct: BTreeSet<u16> = ports.into_iter().flatten().collect();
    assert_eq!(distinct.len(), 4);
    assert_ne!(stacks[0].directory(), stacks[1].directory());
    Ok(())
}

#[test]
fn nothing_is_left_of_a_dropped_stack() -> Result<()> {
    let stack = start()?;
    let directory = stack.directory().to_owned();
    let ports = [stack.postgres().port(), stack.pooler().port()];
    assert!(directory.exists());
    drop(stack);
    assert!(!directory.exists());
    for port in ports {
        let refused = TcpStream::connect((Ipv4Addr::LOCALHOST, port));
        assert_eq!(
            refused.expect_err("nobody listens").kind(),
            ErrorKind::ConnectionRefused
        );
    }
    Ok(())
}

#[test]
fn a_killed_server_comes_back_on_the_same_port() -> Result<()> {
    let stack = start()?;
    for server in [stack.postgres(), stack.pooler()] {
        let port = server.port();
        server.kill()?;
        assert!(!server.is_running());
        assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err());
        server.start()?;
        assert_eq!(server.port(), port);
        assert!(!answer_in_plain_text(port).is_empty());
    }
    stack.stop()
}

#[test]
fn a_paused_server_answers_only_when_resumed() -> Result<()> {
    let stack = start()?;
    for server in [stack.postgres(), stack.pooler()] {
        server.pause()?;
        assert_eq!(answer_in_plain_text(server.port()), "");
        server.resume()?;
        assert_ne!(answer_in_plain_text(server.port()), "");
    }
    stack.stop()
}

/// The answer to a StartupMessage; empty when the server does not answer for a while.
/// <https://www.postgresql.org/docs/current/protocol-message-formats.html>
fn answer_in_plain_text(port: u16) -> String {
    let mut message = vec![0, 0, 0, 0, 0, 3, 0, 0];
    message.extend(b"user\0todo_owner\0database\0todo\0\0");
    message[3] = u8::try_from(message.len()).expect("it is short");
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).expect("it listens");
    stream
        .set_read_timeout(Some(Duration::from_secs(1)))
        .expect("it is not zero");
    stream.write_all(&message).expect("the port is open");
    let mut answer = Vec::new();
    let mut buffer = [0; 1024];
    while let Ok(length @ 1..) = stream.read(&mut buffer) {
        answer.extend_from_slice(&buffer[..length]);
    }
    String::from_utf8_lossy(&answer).into_owned()
}
