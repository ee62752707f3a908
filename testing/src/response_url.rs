//! What CloudFormation gives a custom resource to answer at: an object that
//! is written once.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use native_tls::{Identity, TlsAcceptor};
use serde_json::Value;

use super::Service;

/// A stand-in for the pre-signed URL, on loopback. It listens until the
/// process ends.
pub struct ResponseUrl {
    scheme: &'static str,
    port: u16,
    requests: Arc<Mutex<Vec<Put>>>,
}

/// What was sent to it.
#[derive(Clone, Debug)]
pub struct Put {
    pub head: String,
    pub body: Value,
}

impl ResponseUrl {
    /// One that answers the first requests with these statuses, then 200.
    pub fn start(statuses: &[&'static str]) -> Self {
        Self::listen(statuses, None)
    }

    /// One that shows the certificate of the service's database.
    pub fn start_with_tls(service: &Service) -> Self {
        let directory = service.stack.directory();
        let read = |name: &str| fs::read(directory.join(name)).expect("the stack has made it");
        let identity = Identity::from_pkcs8(&read("server.pem"), &read("server.key"));
        let acceptor = TlsAcceptor::new(identity.expect("it is a certificate and its key"));
        Self::listen(&[], Some(acceptor.expect("TLS is there")))
    }

    fn listen(statuses: &[&'static str], tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
        let port = listener.local_addr().expect("it is bound").port();
        let requests = Arc::<Mutex<Vec<Put>>>::default();
        let scheme = if tls.is_some() { "https" } else { "http" };
        let (seen, statuses) = (Arc::clone(&requests), statuses.to_vec());
        thread::spawn(move || {
            for stream in listener.incoming() {
                let stream = stream.expect("it is awaited");
                match &tls {
                    Some(tls) => match tls.accept(stream) {
                        Ok(stream) => answer(stream, &statuses, &seen),
                        Err(refused) => eprintln!("the client refuses: {refused}"),
                    },
                    None => answer(stream, &statuses, &seen),
                }
            }
        });
        Self {
            scheme,
            port,
            requests,
        }
    }

    /// With the characters that a real one has.
    pub fn url(&self) -> String {
        format!(
            "{}://127.0.0.1:{}/arn%3Aaws%3Acloudformation%3Aeu-central-1%3A123456789012%3Astack/\
             todo-dev/51af3dc0%7CMigrations%7C8f0c?X-Amz-Signature=hunter2%2B&X-Amz-Expires=7200",
            self.scheme, self.port
        )
    }

    pub fn requests(&self) -> Vec<Put> {
        lock(&self.requests).clone()
    }
}

fn answer(stream: impl Read + Write, statuses: &[&str], seen: &Mutex<Vec<Put>>) {
    let mut stream = BufReader::new(stream);
    let put = read(&mut stream);
    // Seen before it is answered, so that whoever waits for the answer finds it.
    let number = {
        let mut seen = lock(seen);
        seen.push(put);
        seen.len() - 1
    };
    let status = statuses.get(number).unwrap_or(&"200 OK");
    let response = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    let sent = stream.get_mut().write_all(response.as_bytes());
    sent.expect("it is awaited");
}

fn read(stream: &mut impl BufRead) -> Put {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        let read = stream.read_line(&mut head);
        assert!(read.expect("it is text") > 0, "the request ends: {head}");
    }
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .and_then(|length| length.parse().ok());
    let mut body = vec![0; length.expect("S3 needs the length")];
    stream.read_exact(&mut body).expect("it is whole");
    Put {
        head,
        body: serde_json::from_slice(&body).expect("it is JSON"),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
