//! A thread with an asynchronous runtime of its own, so that what runs on it may
//! live in a `static` and outlive the test that started it.

use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::thread;

use axum::Router;
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// Runs tasks. Dropped, it ends with all of them.
pub(crate) struct Background {
    handle: Handle,
    _end: oneshot::Sender<()>,
}

impl Background {
    pub(crate) fn start() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (end, ended) = oneshot::channel::<()>();
        thread::spawn(move || {
            // The channel carries nothing: its end is awaited.
            runtime.block_on(ended).unwrap_or_default();
            runtime.shutdown_background();
        });
        Ok(Self { handle, _end: end })
    }

    pub(crate) fn spawn<F>(&self, task: F) -> JoinHandle<F::Output>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        self.handle.spawn(task)
    }

    /// Serves HTTP on a free port of loopback and returns the port.
    pub(crate) fn serve(&self, router: Router) -> io::Result<u16> {
        let (listener, port) = self.listen()?;
        self.spawn(async move { axum::serve(listener, router).await });
        Ok(port)
    }

    /// A listener on a free port of loopback, and the port.
    pub(crate) fn listen(&self) -> io::Result<(tokio::net::TcpListener, u16)> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        let _entered = self.handle.enter();
        Ok((tokio::net::TcpListener::from_std(listener)?, port))
    }
}
