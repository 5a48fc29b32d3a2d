//! What `erase` takes.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use zeef_proto::DeviceId;

use super::super::arguments::{Form, Of};

#[derive(Subcommand)]
pub(in crate::cli) enum Command {
    /// Delete a device and all that is held of it; its agent is told so and wipes its state
    Device {
        /// The device
        id: DeviceId,
        #[command(flatten)]
        how: How,
    },
    /// Delete a username from all devices of an organisation, and refuse it from then on
    Person {
        /// The username; - reads it from standard input, where no list of processes shows it
        username: String,
        #[command(flatten)]
        organisation: Of,
        #[command(flatten)]
        how: How,
    },
    /// Delete an organisation with everything of it; its agents are told so and wipe their state
    Organisation {
        /// The organisation, by name or id
        organisation: String,
        #[command(flatten)]
        how: How,
    },
    /// Take an erased username in again, from the next time on that it is sent
    Lift {
        /// The username; - reads it from standard input
        username: String,
        #[command(flatten)]
        organisation: Of,
    },
}

#[derive(Args)]
pub(in crate::cli) struct How {
    /// Show what would be deleted, and change nothing
    #[arg(long, conflicts_with_all = ["yes", "receipt"])]
    pub(super) plan: bool,
    /// Do not ask
    #[arg(long)]
    pub(super) yes: bool,
    /// A new file for the receipt; zeef-receipt-ID.json if left out
    #[arg(long, value_name = "FILE")]
    pub(super) receipt: Option<PathBuf>,
    #[command(flatten)]
    pub(super) form: Form,
}
