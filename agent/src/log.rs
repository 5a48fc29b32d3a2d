//! Logs to standard error: our own events only, and in them only what opted in ([`zeef_proto::LogSafe`]). A panic
//! tells where, never what.

use std::io::Write;

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Starts to log at level `info`, as text or as a JSON object a line. Where the system's journal takes the lines it
/// adds the time itself.
pub fn start(json: bool) {
    let ours = Targets::new().with_target("zeef_agent", LevelFilter::INFO);
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .with_target(false);
    let registry = tracing_subscriber::registry().with(ours);
    let to_journal = std::env::var_os("JOURNAL_STREAM").is_some();
    // A second start in one process keeps the first.
    drop(match (json, to_journal) {
        (true, _) => registry.with(lines.json()).try_init(),
        (false, true) => registry.with(lines.without_time()).try_init(),
        (false, false) => registry.with(lines).try_init(),
    });
}

/// Replaces the panic message, which can hold what was being worked on, by the place in the program.
pub fn hide_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let (file, line) = panic
            .location()
            .map_or(("an unknown place", 0), |place| (place.file(), place.line()));
        drop(writeln!(
            std::io::stderr(),
            "zeef-agent: stopped by a mistake of its own at {file}:{line}; please report this line"
        ));
    }));
}
