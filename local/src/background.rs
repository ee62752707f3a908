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
pub struct Background {
    handle: Handle,
    _end: oneshot::Sender<()>,
}

impl Background {
    /// Starts the thread.
    ///
    /// # Errors
    /// When the system has no resources for a runtime.
    pub fn start() -> io::Result<Self> {
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

    /// Runs a task until it or this ends.
    pub fn spawn<F>(&self, task: F) -> JoinHandle<F::Output>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        self.handle.spawn(task)
    }

    /// Serves HTTP on a free port of loopback and returns the port.
    ///
    /// # Errors
    /// When no port is free.
    pub fn serve(&self, router: Router) -> io::Result<u16> {
        let (listener, port) = self.listen()?;
        self.spawn(async move { axum::serve(listener, router).await });
        Ok(port)
    }

    /// Serves HTTP on a port of loopback.
    ///
    /// # Errors
    /// When the port is not free.
    pub fn serve_on(&self, port: u16, router: Router) -> io::Result<()> {
        let (listener, _) = self.listen_on(port)?;
        self.spawn(async move { axum::serve(listener, router).await });
        Ok(())
    }

    /// A listener on a free port of loopback, and the port.
    ///
    /// # Errors
    /// When no port is free.
    pub fn listen(&self) -> io::Result<(tokio::net::TcpListener, u16)> {
        self.listen_on(0)
    }

    fn listen_on(&self, port: u16) -> io::Result<(tokio::net::TcpListener, u16)> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        let _entered = self.handle.enter();
        Ok((tokio::net::TcpListener::from_std(listener)?, port))
    }
}
