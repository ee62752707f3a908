//! Ctrl-C and SIGTERM, as a flag that long work reads now and then.

use std::process;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::{Context, Result};

static REQUESTED: AtomicBool = AtomicBool::new(false);

/// The exit status after an interruption, by the custom of shells.
pub(crate) const EXIT_STATUS: u8 = 130;

/// Whether someone asked this process to end.
pub(crate) fn requested() -> bool {
    REQUESTED.load(Ordering::Relaxed)
}

/// Lets SIGINT, SIGTERM and SIGHUP set [`requested`] instead of ending the process.
///
/// The second signal ends the process at once; its children follow by themselves.
pub(crate) fn listen() -> Result<()> {
    ctrlc::set_handler(|| {
        if REQUESTED.swap(true, Ordering::Relaxed) {
            process::exit(i32::from(EXIT_STATUS));
        }
    })
    .context(|| "cannot listen for signals")
}
