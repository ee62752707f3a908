//! What stands where Better Auth's server should be.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use native_tls::{Identity, TlsAcceptor};
use serde_json::{Value, json};

/// What stands where Better Auth's server should be.
pub struct KeyServer {
    port: u16,
    scheme: &'static str,
    state: Arc<Mutex<State>>,
}

struct State {
    reply: Reply,
    requested: Vec<String>,
}

#[derive(Clone)]
pub enum Reply {
    /// These bytes, and the end.
    Whole(String),
    /// These bytes, and then nothing more.
    Stalled(String),
}

impl Reply {
    pub fn ok(body: &str) -> Self {
        Self::status("200 OK", body)
    }

    pub fn keys(keys: &[Value]) -> Self {
        Self::ok(&json!({"keys": keys}).to_string())
    }

    pub fn status(status: &str, body: &str) -> Self {
        let length = body.len();
        Self::Whole(format!(
            "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
        ))
    }
}

impl KeyServer {
    pub fn start(reply: Reply) -> Self {
        Self::serve("http", reply, |stream| Ok(Box::new(stream)))
    }

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
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let port = listener.local_addr().expect("it has an address").port();
        let requested = Vec::new();
        let state = Arc::new(Mutex::new(State { reply, requested }));
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            // The clients that wait for the rest of an answer.
            let mut held = Vec::new();
            for stream in listener.incoming() {
                // A client that went away again is of no interest.
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

    pub fn origin(&self) -> String {
        format!("{}://127.0.0.1:{}", self.scheme, self.port)
    }

    /// Replies otherwise from now on.
    pub fn reply(&self, reply: Reply) {
        lock(&self.state).reply = reply;
    }

    /// The paths of all requests so far.
    pub fn requested(&self) -> Vec<String> {
        lock(&self.state).requested.clone()
    }
}

trait ReadWrite: Read + Write + Send {}

impl<T: Read + Write + Send> ReadWrite for T {}

/// Answers one request; a stream that comes back is not to be closed.
fn answer(
    stream: Box<dyn ReadWrite>,
    state: &Mutex<State>,
) -> io::Result<Option<Box<dyn ReadWrite>>> {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head)? > 0 {}
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut stream = reader.into_inner();
    let reply = {
        let mut state = lock(state);
        state.requested.push(path);
        state.reply.clone()
    };
    match reply {
        Reply::Whole(bytes) => stream.write_all(bytes.as_bytes()).map(|()| None),
        Reply::Stalled(bytes) => stream.write_all(bytes.as_bytes()).map(|()| Some(stream)),
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
