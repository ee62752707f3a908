//! The connections of a [`Proxy`](super::Proxy).

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::time::{self, Instant};

use super::{Counts, Cut, Way};

/// Bytes read at a time, the size of a loopback segment.
const CHUNK: usize = 64 * 1024;

/// The state that the connections of a proxy share.
#[derive(Clone)]
pub(super) struct Relay {
    pub(super) upstream_port: u16,
    pub(super) delay: Duration,
    pub(super) counts: Arc<Counts>,
    pub(super) cuts: Arc<watch::Sender<()>>,
    pub(super) planned: Arc<Mutex<Option<Cut>>>,
    pub(super) cut: watch::Receiver<()>,
}

impl Relay {
    /// How many of `length` bytes are delivered before the planned cut; `None` for
    /// all of them.
    fn before_the_cut(&self, way: Way, length: usize) -> Option<usize> {
        let mut planned = self.planned.lock();
        let cut = planned.as_mut().filter(|cut| cut.way == way)?;
        if cut.bytes_left > length {
            cut.bytes_left -= length;
            return None;
        }
        planned.take().map(|cut| cut.bytes_left)
    }

    /// Accepts connections until accepting fails.
    pub(super) async fn serve(&self, listener: TcpListener) -> std::io::Result<()> {
        loop {
            let (client, _) = listener.accept().await?;
            self.counts.connections.fetch_add(1, Ordering::SeqCst);
            let mut relay = self.clone();
            relay.cut.mark_unchanged();
            tokio::spawn(relay.connect(client));
        }
    }

    /// Relays one connection. An upstream that refuses and a connection that breaks
    /// close the client's connection.
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
            // Shutting down fails when the other side has closed before.
            to.shutdown().await.unwrap_or_default();
        };
        tokio::join!(read, write);
    }
}
