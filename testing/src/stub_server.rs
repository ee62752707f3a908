//! A server that answers as a test says, in HTTP or not.
//!
//! By hand: wiremock and httptest only send whole answers that are HTTP, and no
//! TLS.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use native_tls::{Identity, TlsAcceptor};
use parking_lot::Mutex;
use serde_json::Value;

/// A server on loopback, until the process ends.
pub struct StubServer {
    port: u16,
    scheme: &'static str,
    state: Arc<Mutex<State>>,
}

struct State {
    first: VecDeque<Reply>,
    then: Reply,
    received: Vec<Received>,
}

/// The bytes that a client gets.
#[derive(Clone)]
pub enum Reply {
    /// These bytes, then the end of the connection.
    Whole(String),
    /// These bytes, then nothing on an open connection.
    Stalled(String),
}

/// A request that came in.
#[derive(Clone, Debug)]
pub struct Received {
    /// The request line and the headers.
    pub head: String,
    /// The body, with the length in `content-length`.
    pub body: Vec<u8>,
}

impl Reply {
    /// 200 with a body.
    pub fn ok(body: &str) -> Self {
        Self::status("200 OK", body)
    }

    /// A status such as `404 Not Found` with a body.
    pub fn status(status: &str, body: &str) -> Self {
        let length = body.len();
        Self::Whole(format!(
            "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
        ))
    }
}

impl Received {
    /// The path with the query.
    pub fn path(&self) -> &str {
        self.head.split(' ').nth(1).unwrap_or_default()
    }

    /// The body, which has to be JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("the body is JSON")
    }
}

impl StubServer {
    /// Starts a server that gives every request the same reply.
    pub fn start(reply: Reply) -> Self {
        Self::serve("http", reply, |stream| Ok(Box::new(stream)))
    }

    /// Does the same over TLS.
    pub fn start_with_tls(identity: Identity, reply: Reply) -> Self {
        let acceptor = TlsAcceptor::new(identity).expect("TLS is there");
        Self::serve("https", reply, move |stream| {
            let stream = acceptor.accept(stream).map_err(io::Error::other)?;
            Ok(Box::new(stream))
        })
    }

    fn serve(
        scheme: &'static str,
        reply: Reply,
        open: impl Fn(TcpStream) -> io::Result<Box<dyn ReadWrite>> + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
        let port = listener.local_addr().expect("it has an address").port();
        let state = Arc::new(Mutex::new(State {
            first: VecDeque::new(),
            then: reply,
            received: Vec::new(),
        }));
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            // Connections that stay open.
            let mut held = Vec::new();
            for stream in listener.incoming() {
                // Errors are those of clients that have closed the connection.
                if let Ok(stream) = stream.and_then(&open)
                    && let Ok(stream) = answer(stream, &shared)
                {
                    held.extend(stream);
                }
            }
        });
        Self {
            port,
            scheme,
            state,
        }
    }

    /// `http://127.0.0.1:` and the port, or the same with `https`.
    pub fn origin(&self) -> String {
        format!("{}://127.0.0.1:{}", self.scheme, self.port)
    }

    /// Changes the reply.
    pub fn reply(&self, reply: Reply) {
        self.state.lock().then = reply;
    }

    /// Gives the next requests these replies, one each.
    pub fn reply_first(&self, replies: impl IntoIterator<Item = Reply>) {
        self.state.lock().first.extend(replies);
    }

    /// All requests so far.
    pub fn received(&self) -> Vec<Received> {
        self.state.lock().received.clone()
    }

    /// The paths of all requests so far.
    pub fn requested(&self) -> Vec<String> {
        let received = self.received();
        received.iter().map(|it| it.path().to_owned()).collect()
    }
}

trait ReadWrite: Read + Write + Send {}

impl<T: Read + Write + Send> ReadWrite for T {}

/// Answers one request, and returns the stream when it has to stay open.
fn answer(
    stream: Box<dyn ReadWrite>,
    state: &Mutex<State>,
) -> io::Result<Option<Box<dyn ReadWrite>>> {
    let mut reader = BufReader::new(stream);
    let received = read(&mut reader)?;
    let mut stream = reader.into_inner();
    // The request is noted before it is answered, for tests that wait for the answer.
    let reply = {
        let mut state = state.lock();
        state.received.push(received);
        let first = state.first.pop_front();
        first.unwrap_or_else(|| state.then.clone())
    };
    match reply {
        Reply::Whole(bytes) => stream.write_all(bytes.as_bytes()).map(|()| None),
        Reply::Stalled(bytes) => stream.write_all(bytes.as_bytes()).map(|()| Some(stream)),
    }
}

fn read(reader: &mut impl BufRead) -> io::Result<Received> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head)? > 0 {}
    let lines = head.lines().filter_map(|line| line.split_once(':'));
    let length = lines
        .filter(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .find_map(|(_, value)| value.trim().parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body)?;
    Ok(Received { head, body })
}
