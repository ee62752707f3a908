//! A proxy that delays bytes, counts turns and can cut its connections.
//!
//! By hand: the crate noxious, a port of Toxiproxy, delays and limits bytes, but
//! counts no turns and cuts at no chosen byte.

mod relay;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use local::{Context, Result};
use parking_lot::Mutex;
use tokio::sync::watch;

use local::background::Background;
use relay::Relay;

/// A proxy on 127.0.0.1, with a thread of its own, so that a `static` may hold it.
pub struct Proxy {
    port: u16,
    counts: Arc<Counts>,
    cuts: Arc<watch::Sender<()>>,
    planned: Arc<Mutex<Option<Cut>>>,
    _background: Background,
}

/// A direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// From the client to the server.
    Up,
    /// From the server to the client.
    Down,
}

#[derive(Default)]
struct Counts {
    turns: AtomicUsize,
    connections: AtomicUsize,
    bytes_up: AtomicUsize,
    bytes_down: AtomicUsize,
}

impl Counts {
    fn bytes(&self, way: Way) -> &AtomicUsize {
        match way {
            Way::Up => &self.bytes_up,
            Way::Down => &self.bytes_down,
        }
    }
}

/// A planned cut, after so many more bytes in this direction.
#[derive(Clone, Copy)]
struct Cut {
    way: Way,
    bytes_left: usize,
}

impl Proxy {
    /// Starts a proxy to a port of 127.0.0.1, with a delay in each direction.
    ///
    /// # Errors
    /// When no port is free.
    pub fn start(upstream_port: u16, delay_each_way: Duration) -> Result<Self> {
        let describe = || "cannot start a proxy";
        let background = Background::start().context(describe)?;
        let (listener, port) = background.listen().context(describe)?;
        let counts = Arc::new(Counts::default());
        let (cuts, cut) = watch::channel(());
        let cuts = Arc::new(cuts);
        let planned = Arc::default();
        let relay = Relay {
            upstream_port,
            delay: delay_each_way,
            counts: Arc::clone(&counts),
            cuts: Arc::clone(&cuts),
            planned: Arc::clone(&planned),
            cut,
        };
        background.spawn(async move {
            if let Err(cause) = relay.serve(listener).await {
                eprintln!("the proxy stopped: {cause}");
                relay.cuts.send_replace(());
            }
        });
        Ok(Self {
            port,
            counts,
            cuts,
            planned,
            _background: background,
        })
    }

    /// The port of the proxy.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The number of turns. All bytes that a client sends before it hears the server
    /// again are one turn.
    ///
    /// The number is exact with a delay: without one, a quick server may answer
    /// between two pieces of a turn.
    pub fn turns(&self) -> usize {
        self.counts.turns.load(Ordering::SeqCst)
    }

    /// The number of connections.
    pub fn connections(&self) -> usize {
        self.counts.connections.load(Ordering::SeqCst)
    }

    /// The number of delivered bytes.
    pub fn bytes(&self, way: Way) -> usize {
        self.counts.bytes(way).load(Ordering::SeqCst)
    }

    /// Sets all counts to zero.
    pub fn reset(&self) {
        self.counts.turns.store(0, Ordering::SeqCst);
        self.counts.connections.store(0, Ordering::SeqCst);
        self.counts.bytes_up.store(0, Ordering::SeqCst);
        self.counts.bytes_down.store(0, Ordering::SeqCst);
    }

    /// Closes all connections and drops undelivered bytes. New connections work.
    pub fn cut(&self) {
        self.cuts.send_replace(());
    }

    /// Plans one cut, after so many more bytes.
    pub fn cut_behind(&self, way: Way, bytes: usize) {
        *self.planned.lock() = Some(Cut {
            way,
            bytes_left: bytes,
        });
    }

    /// Cancels a planned cut. Returns whether there was one.
    pub fn call_off(&self) -> bool {
        self.planned.lock().take().is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::{Ipv4Addr, TcpListener, TcpStream};
    use std::thread;

    const DELAY: Duration = Duration::from_millis(20);

    /// A server that sends back all bytes.
    fn echo() -> u16 {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let port = listener.local_addr().expect("it is bound").port();
        thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                thread::spawn(move || {
                    let mut copy = stream.try_clone().expect("a second handle");
                    std::io::copy(&mut stream, &mut copy)
                });
            }
        });
        port
    }

    fn connect(proxy: &Proxy) -> TcpStream {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, proxy.port())).expect("it listens");
        stream.set_nodelay(true).expect("it is open");
        stream
    }

    fn hear(stream: &mut TcpStream, length: usize) -> Vec<u8> {
        let mut heard = vec![0; length];
        stream.read_exact(&mut heard).expect("it is repeated");
        heard
    }

    #[test]
    fn pieces_sent_in_one_go_are_one_turn() {
        let proxy = Proxy::start(echo(), DELAY).expect("a free port");
        let mut stream = connect(&proxy);
        let begin = std::time::Instant::now();
        for piece in [b"begin ", b"query ", b"commit"] {
            stream.write_all(piece).expect("it is open");
        }
        assert_eq!(hear(&mut stream, 18), b"begin query commit");
        assert!(begin.elapsed() >= DELAY * 2);
        assert_eq!(proxy.turns(), 1);
        stream.write_all(b"more").expect("it is open");
        assert_eq!(hear(&mut stream, 4), b"more");
        assert_eq!(proxy.turns(), 2);
        proxy.reset();
        assert_eq!(proxy.turns() + proxy.connections(), 0);
    }

    #[test]
    fn a_planned_cut_delivers_what_comes_before_it_and_comes_once() {
        let proxy = Proxy::start(echo(), Duration::ZERO).expect("a free port");
        for way in [Way::Up, Way::Down] {
            let mut stream = connect(&proxy);
            proxy.cut_behind(way, 4);
            stream.write_all(b"sixsix").expect("it is open");
            let mut heard = Vec::new();
            // An orderly end or a reset, both are the end.
            stream.read_to_end(&mut heard).unwrap_or_default();
            assert!(b"sixs".starts_with(&heard), "{heard:?}");
            assert!(!proxy.call_off());

            let mut next = connect(&proxy);
            next.write_all(b"whole").expect("it is open");
            assert_eq!(hear(&mut next, 5), b"whole");
        }
    }

    #[test]
    fn a_cut_closes_open_connections_and_lets_new_ones_in() {
        let proxy = Proxy::start(echo(), Duration::ZERO).expect("a free port");
        let mut first = connect(&proxy);
        first.write_all(b"one").expect("it is open");
        hear(&mut first, 3);
        proxy.cut();
        // An orderly end or a reset, both are the end.
        assert!(matches!(first.read(&mut [0; 8]), Ok(0) | Err(_)));
        let mut second = connect(&proxy);
        second.write_all(b"two").expect("it is open");
        assert_eq!(hear(&mut second, 3), b"two");
        assert_eq!(proxy.connections(), 2);
    }
}
