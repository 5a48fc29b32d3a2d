//! The log: our own events alone, on standard error, as text or as JSON. What enters it opted in by type. A panic
//! tells where, never what.

use std::io::Write;

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

/// Replaces the panic message, which can hold what was being worked on, by the place in the program.
pub fn hide_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let (file, line) = panic
            .location()
            .map_or(("an unknown place", 0), |place| (place.file(), place.line()));
        // Nobody is left to tell where standard error is closed.
        drop(writeln!(
            std::io::stderr(),
            "zeef-collector: a mistake of its own at {file}:{line}; please report this line"
        ));
    }));
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    const INSIDE: &str = "ZEEF_TEST_PANICS";

    /// Runs itself, for the hook and standard error are the process's.
    #[test]
    fn a_panic_tells_where_and_never_what() {
        if std::env::var_os(INSIDE).is_some() {
            super::hide_panics();
            panic!("needle");
        }
        let ended = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "--nocapture",
                "log::tests::a_panic_tells_where_and_never_what",
            ])
            .env(INSIDE, "1")
            .output()
            .unwrap();
        let said =
            String::from_utf8_lossy(&ended.stderr).into_owned() + &String::from_utf8_lossy(&ended.stdout);
        assert!(!ended.status.success());
        assert!(said.contains("log.rs:") && !said.contains("needle"), "{said}");
    }
}
