//! The commands. Each says what it did on standard output, and what went wrong in one line on standard error.

mod arguments;
mod bundle;
mod enroll;
mod failure;
mod intake;
mod key;
mod minimise;
mod my_data;
mod output;
mod policy;
mod preview;
mod runtime;
mod sent;
mod serve;
mod status;
mod token;
mod unenroll;

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

pub use arguments::{Arguments, Command};
pub use failure::{Exit, Failure};

use zeef_proto::Clock;

use crate::clock::SystemClock;

/// Runs the command that `arguments` ask for.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let result = arguments::parse(arguments).and_then(|parsed| match parsed {
        arguments::Parsed::Command(arguments) => execute(arguments, &mut std::io::stdout().lock()),
        arguments::Parsed::Information(text) => output::text(&mut std::io::stdout().lock(), &text),
    });
    match result {
        Ok(()) => ExitCode::from(Exit::Done as u8),
        Err(failure) => {
            drop(writeln!(std::io::stderr(), "zeef-agent: {failure}"));
            ExitCode::from(failure.exit as u8)
        }
    }
}

fn execute(arguments: Arguments, out: &mut dyn Write) -> Result<(), Failure> {
    let Arguments {
        state_dir,
        json,
        command,
    } = arguments;
    let clock = Arc::new(SystemClock);
    match command {
        Command::Enroll(options) => enroll::run(&state_dir, json, &options, &(clock as Arc<dyn Clock>), out),
        Command::Bundle(options) => bundle::run(json, &options, out),
        Command::Run { interval } => serve::run(&state_dir, json, interval, clock),
        Command::Preview => preview::run(&state_dir, json, &*clock, out),
        Command::Sent => sent::run(&state_dir, json, &*clock, out),
        Command::Status => status::run(&state_dir, json, &*clock, out),
        Command::MyData => my_data::run(&state_dir, json, clock, out),
        Command::Policy => policy::run(&state_dir, json, &*clock, out),
        Command::Minimise(options) => minimise::run(&state_dir, json, &options, &*clock, out),
        Command::Key(action) => key::run(json, &action, &*clock, out),
        Command::Unenroll { local_only } => unenroll::run(&state_dir, json, local_only, clock, out),
    }
}
