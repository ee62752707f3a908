//! What CloudFormation gives a custom resource to answer at: an object that
//! is written once.

use std::net::{Ipv4Addr, TcpListener as StdListener};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// A stand-in for the pre-signed URL, on loopback and without TLS.
pub struct ResponseUrl {
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
        let listener = StdListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
        listener.set_nonblocking(true).expect("it is a socket");
        let port = listener.local_addr().expect("it is bound").port();
        let requests = Arc::<Mutex<Vec<Put>>>::default();
        let seen = Arc::clone(&requests);
        let statuses = statuses.to_vec();
        tokio::spawn(async move {
            let listener = TcpListener::from_std(listener).expect("it is a socket");
            while let Ok((mut stream, _)) = listener.accept().await {
                let put = read(&mut stream).await;
                // Seen before it is answered, so that whoever waits for the
                // answer finds it.
                let number = {
                    let mut seen = lock(&seen);
                    seen.push(put);
                    seen.len() - 1
                };
                answer(&mut stream, statuses.get(number).unwrap_or(&"200 OK")).await;
            }
        });
        Self { port, requests }
    }

    /// With the characters that a real one has.
    pub fn url(&self) -> String {
        format!(
            "http://127.0.0.1:{}/arn%3Aaws%3Acloudformation%3Aeu-central-1%3A123456789012%3Astack/\
             todo-dev/51af3dc0%7CMigrations%7C8f0c?X-Amz-Signature=hunter2%2B&X-Amz-Expires=7200",
            self.port
        )
    }

    pub fn requests(&self) -> Vec<Put> {
        lock(&self.requests).clone()
    }
}

async fn read(stream: &mut TcpStream) -> Put {
    let mut stream = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        let read = stream.read_line(&mut head).await;
        assert!(read.expect("it is text") > 0, "the request ends: {head}");
    }
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .and_then(|length| length.parse().ok());
    let mut body = vec![0; length.expect("S3 needs the length")];
    stream.read_exact(&mut body).await.expect("it is whole");
    Put {
        head,
        body: serde_json::from_slice(&body).expect("it is JSON"),
    }
}

async fn answer(stream: &mut TcpStream, status: &str) {
    let response = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    let sent = stream.write_all(response.as_bytes()).await;
    sent.expect("it is awaited");
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
