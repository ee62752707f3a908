//! Ctrl-C and SIGTERM as a question that long work asks now and then.

use std::sync::atomic::{AtomicBool, Ordering};
use std::{process, thread};

use tokio::runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::error::{Context, Result};

static REQUESTED: AtomicBool = AtomicBool::new(false);

/// Exit status after an interruption, as shells report it.
pub(crate) const EXIT_STATUS: u8 = 130;

/// Whether someone asked this process to end.
pub(crate) fn requested() -> bool {
    REQUESTED.load(Ordering::Relaxed)
}

/// From here on a signal sets [`requested`] instead of ending the process.
///
/// The second one ends it at once; the children follow by themselves.
pub(crate) fn listen() -> Result<()> {
    let runtime = runtime::Builder::new_current_thread()
        .enable_io()
        .build()
        .context(|| "cannot listen for signals")?;
    let mut signals = {
        let _entered = runtime.enter();
        let listen = |kind| signal(kind).context(|| "cannot listen for signals");
        (
            listen(SignalKind::interrupt())?,
            listen(SignalKind::terminate())?,
            listen(SignalKind::hangup())?,
        )
    };
    thread::spawn(move || {
        runtime.block_on(async {
            next(&mut signals).await;
            REQUESTED.store(true, Ordering::Relaxed);
            next(&mut signals).await;
            process::exit(i32::from(EXIT_STATUS));
        });
    });
    Ok(())
}

async fn next((interrupt, terminate, hangup): &mut (Signal, Signal, Signal)) {
    tokio::select! {
        _ = interrupt.recv() => (),
        _ = terminate.recv() => (),
        _ = hangup.recv() => (),
    }
}
