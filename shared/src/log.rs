//! The log of a function: one JSON object a line.

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Starts the log at `level`. Other crates log from `warn` on only: at
/// `debug` the driver prints bound parameters.
pub(crate) fn log_from(level: tracing::Level) {
    let ours = Targets::new()
        .with_default(LevelFilter::WARN)
        .with_target("lambda_runtime", LevelFilter::ERROR)
        .with_target("shared", level);
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_target(false);
    tracing_subscriber::registry().with(ours).with(lines).init();
    // Where it happened and not what was said, which may quote a value.
    std::panic::set_hook(Box::new(|panic| {
        let location = panic.location().map(ToString::to_string);
        tracing::error!(location, "panic");
    }));
}
