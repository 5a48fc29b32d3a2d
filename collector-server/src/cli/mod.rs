//! The command line: what administrators do, each command a short-lived process beside the service.
//!
//! Exit codes: 0 done, 1 failed, 2 refused with nothing changed. Reasons go to standard error in one line.

mod access;
mod api;
mod api_token;
mod arguments;
mod authority;
mod backup;
mod context;
mod demo;
mod device;
mod erase;
mod failure;
mod init;
mod keys;
mod ledger;
mod mail;
mod migrate;
mod moment;
mod offer;
mod organisation;
mod output;
mod policy;
mod progress;
mod receipt;
mod request;
mod restore;
mod retention;
mod serve;
mod subscription;
mod table;
mod terminal;
mod token;
mod user;

use std::ffi::OsString;
use std::future::Future;
use std::process::ExitCode;

use arguments::Command;
use context::Context;
use failure::Failure;
use output::Output;

/// Runs one command.
#[must_use]
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match arguments::read(arguments) {
        Ok(arguments) => arguments,
        Err(ended) => return ended,
    };
    match run(arguments.command, &arguments.config) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

fn run(command: Command, config: &std::path::Path) -> Result<(), Failure> {
    match command {
        Command::Init(init) => wait(init::run(init)),
        Command::Serve => serve::run(config),
        Command::Backup(command) => wait(backup::run(command, config)),
        Command::Restore(command) => restore::run(&command, config),
        Command::Migrate(command) => migrate::run(&command, config),
        Command::Keys(command) => keys::run(command, config),
        Command::Authority(command) => authority::run(&command, config),
        Command::Organisation(command) => wait(organisation::run(command, Context::open(config)?)),
        Command::Subscription(command) => wait(subscription::run(command, Context::open(config)?)),
        Command::Token(command) => wait(token::run(command, Context::open(config)?)),
        Command::Device(command) => wait(device::run(command, Context::open(config)?)),
        Command::Erase(command) => wait(erase::run(command, Context::open(config)?)),
        Command::Receipt(command) => wait(receipt::run(command, config)),
        Command::Access(command) => wait(access::run(command, Context::open(config)?)),
        Command::Package(command) => access::check(command),
        Command::Policy(command) => wait(policy::run(command, config)),
        Command::Request(command) => wait(request::run(command, Context::open(config)?)),
        Command::Retention(command) => wait(retention::run(command, Context::open(config)?)),
        Command::User(command) => wait(user::run(command, Context::open(config)?)),
        Command::ApiToken(command) => wait(api_token::run(command, Context::open(config)?)),
        Command::Api(command) => api::run(&command),
        Command::Mail(command) => wait(mail::run(command, config)),
        Command::Ledger(command) => wait(ledger::run(command, Context::open(config)?)),
        Command::Demo(command) => demo::run(&command),
    }
}

/// Runs a command to its end on this thread.
fn wait(command: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::failed(format!("the runtime did not start ({})", error.kind())))?
        .block_on(command)
}
