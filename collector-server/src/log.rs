//! The log: our own events alone, on standard error, as text or as JSON. What enters it opted in by type.

use tracing::Metadata;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::{Log, LogFormat, LogLevel};

/// Starts the log of this process. A second call changes nothing.
pub fn start(log: Log) {
    let level = match log.level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
    };
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .with_target(false);
    let lines = match log.format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    let registry =
        tracing_subscriber::registry().with(lines.with_filter(filter_fn(is_ours)).with_filter(level));
    // An error says that a log was started before, as in tests.
    drop(registry.try_init());
}

/// Libraries do not know what may be logged, so they are not heard.
fn is_ours(metadata: &Metadata<'_>) -> bool {
    metadata.target().starts_with("zeef_")
}
