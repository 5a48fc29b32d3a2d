//! `api`.

use clap::Subcommand;

use super::failure::Failure;
use super::output::print;
use crate::api;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Print the API as an OpenAPI document; needs no installation
    Describe,
}

pub(super) fn run(command: &Command) -> Result<(), Failure> {
    match command {
        Command::Describe => {
            let json = api::document().to_pretty_json();
            let json = json.map_err(|_| Failure::failed("the document cannot be written as JSON"))?;
            print(&(json + "\n"))
        }
    }
}
