//! A line between two ports that takes its time, counts turns and can be cut.

use std::net::{Ipv4Addr, TcpListener as StdListener};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::time::{self, Instant};

use crate::background::{Background, listen};
use local::{Context, Result};

/// Bytes read at a time, as many as a loopback segment has.
const CHUNK: usize = 64 * 1024;

/// A proxy on 127.0.0.1 with a thread of its own, so that it may live in a `static`.
pub struct Proxy {
    port: u16,
    counts: Arc<Counts>,
    cuts: Arc<watch::Sender<()>>,
    planned: Arc<Mutex<Option<Cut>>>,
    _background: Background,
}

/// The way that bytes go.
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

/// Where the line is cut: behind so many more bytes this way.
#[derive(Clone, Copy)]
struct Cut {
    way: Way,
    bytes_left: usize,
}

impl Proxy {
    /// Starts a proxy to a port of 127.0.0.1 that delivers every byte
    /// `delay_each_way` after it was sent.
    ///
    /// # Errors
    /// When there is no free port.
    pub fn start(upstream_port: u16, delay_each_way: Duration) -> Result<Self> {
        let describe = || "cannot start a proxy";
        let (listener, port) = listen().context(describe)?;
        let background = Background::start().context(describe)?;
        let counts = Arc::new(Counts::default());
        let (cuts, cut) = watch::channel(());
        let cuts = Arc::new(cuts);
        let planned = Arc::default();
        let line = Line {
            upstream_port,
            delay: delay_each_way,
            counts: Arc::clone(&counts),
            cuts: Arc::clone(&cuts),
            planned: Arc::clone(&planned),
            cut,
        };
        background.spawn(async move {
            if let Err(cause) = line.serve(listener).await {
                eprintln!("the proxy stopped: {cause}");
                line.cuts.send_replace(());
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

    /// The port to connect to instead of the upstream one.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// How often a client spoke first or after it had heard the server: what
    /// it sends in one go, in however many pieces, is one turn.
    ///
    /// Exact with a delay; without one a quick server may answer between two pieces.
    pub fn turns(&self) -> usize {
        self.counts.turns.load(Ordering::SeqCst)
    }

    /// How many connections were made.
    pub fn connections(&self) -> usize {
        self.counts.connections.load(Ordering::SeqCst)
    }

    /// How many bytes were delivered this way.
    pub fn bytes(&self, way: Way) -> usize {
        self.counts.bytes(way).load(Ordering::SeqCst)
    }

    /// Starts counting from zero.
    pub fn reset(&self) {
        self.counts.turns.store(0, Ordering::SeqCst);
        self.counts.connections.store(0, Ordering::SeqCst);
        self.counts.bytes_up.store(0, Ordering::SeqCst);
        self.counts.bytes_down.store(0, Ordering::SeqCst);
    }

    /// Closes all connections, whatever is still on its way; new ones are welcome.
    pub fn cut(&self) {
        self.cuts.send_replace(());
    }

    /// Cuts once, when so many more bytes were delivered this way.
    pub fn cut_behind(&self, way: Way, bytes: usize) {
        *lock(&self.planned) = Some(Cut {
            way,
            bytes_left: bytes,
        });
    }

    /// Whether a planned cut is still to come; it is called off.
    pub fn call_off(&self) -> bool {
        lock(&self.planned).take().is_some()
    }
}

#[derive(Clone)]
struct Line {
    upstream_port: u16,
    delay: Duration,
    counts: Arc<Counts>,
    cuts: Arc<watch::Sender<()>>,
    planned: Arc<Mutex<Option<Cut>>>,
    cut: watch::Receiver<()>,
}

impl Line {
    /// How many of `length` bytes may still be delivered this way before the
    /// cut; `None` for all of them.
    fn before_the_cut(&self, way: Way, length: usize) -> Option<usize> {
        let mut planned = lock(&self.planned);
        let cut = planned.as_mut().filter(|cut| cut.way == way)?;
        if cut.bytes_left > length {
            cut.bytes_left -= length;
            return None;
        }
        planned.take().map(|cut| cut.bytes_left)
    }

    async fn serve(&self, listener: StdListener) -> std::io::Result<()> {
        let listener = TcpListener::from_std(listener)?;
        loop {
            let (client, _) = listener.accept().await?;
            self.counts.connections.fetch_add(1, Ordering::SeqCst);
            let mut line = self.clone();
            line.cut.mark_unchanged();
            tokio::spawn(line.connect(client));
        }
    }

    /// A refusing upstream or a broken connection ends in closed sockets, which
    /// is all that the client needs to learn.
    async fn connect(self, client: TcpStream) {
        let upstream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.upstream_port));
        let Ok(upstream) = upstream.await else {
            return;
        };
        if client.set_nodelay(true).is_err() || upstream.set_nodelay(true).is_err() {
            return;
        }
        let (client_reader, client_writer) = client.into_split();
        let (upstream_reader, upstream_writer) = upstream.into_split();
        let server_spoke = AtomicBool::new(true);
        let on_client_bytes = || {
            if server_spoke.swap(false, Ordering::SeqCst) {
                self.counts.turns.fetch_add(1, Ordering::SeqCst);
            }
        };
        let on_delivery = || server_spoke.store(true, Ordering::SeqCst);
        let up = self.carry(
            Way::Up,
            client_reader,
            upstream_writer,
            on_client_bytes,
            || (),
        );
        let down = self.carry(
            Way::Down,
            upstream_reader,
            client_writer,
            || (),
            on_delivery,
        );
        let mut cut = self.cut.clone();
        tokio::select! {
            _ = async { tokio::join!(up, down) } => (),
            _ = cut.changed() => (),
        }
    }

    /// Carries bytes one way until their source ends, then closes that way.
    async fn carry(
        &self,
        way: Way,
        mut from: impl AsyncRead + Unpin,
        mut to: impl AsyncWrite + Unpin,
        on_read: impl Fn(),
        on_write: impl Fn(),
    ) {
        let (sender, mut receiver) = mpsc::unbounded_channel::<(Instant, Vec<u8>)>();
        let read = async move {
            let mut buffer = vec![0; CHUNK];
            while let Ok(length @ 1..) = from.read(&mut buffer).await {
                on_read();
                let due = Instant::now() + self.delay;
                if sender.send((due, buffer[..length].to_vec())).is_err() {
                    return;
                }
            }
        };
        let write = async move {
            while let Some((due, bytes)) = receiver.recv().await {
                time::sleep_until(due).await;
                on_write();
                let kept = self.before_the_cut(way, bytes.len());
                let bytes = &bytes[..kept.unwrap_or(bytes.len())];
                self.counts
                    .bytes(way)
                    .fetch_add(bytes.len(), Ordering::SeqCst);
                if to.write_all(bytes).await.is_err() {
                    return;
                }
                if kept.is_some() {
                    self.cuts.send_replace(());
                }
            }
            // The other side may have closed before: then there is nothing to close.
            to.shutdown().await.unwrap_or_default();
        };
        tokio::join!(read, write);
    }
}

fn lock(planned: &Mutex<Option<Cut>>) -> MutexGuard<'_, Option<Cut>> {
    planned.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::TcpStream as StdStream;
    use std::thread;

    const DELAY: Duration = Duration::from_millis(20);

    /// A server that repeats what it hears.
    fn echo() -> u16 {
        let listener = StdListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
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

    fn connect(proxy: &Proxy) -> StdStream {
        let stream = StdStream::connect((Ipv4Addr::LOCALHOST, proxy.port())).expect("it listens");
        stream.set_nodelay(true).expect("it is open");
        stream
    }

    fn hear(stream: &mut StdStream, length: usize) -> Vec<u8> {
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
