//! What `ledger` takes.

use std::path::PathBuf;

use clap::Subcommand;
use zeef_proto::DeviceId;

use super::super::arguments::Form;

#[derive(Subcommand)]
pub(in crate::cli) enum Command {
    /// Check every entry, their chain and tree, the newest head, and heads that were kept elsewhere
    Verify {
        /// Heads that were kept elsewhere; the ledger must go on from each of them
        #[arg(long, num_args = 1.., value_name = "FILE")]
        heads: Vec<PathBuf>,
        #[command(flatten)]
        form: Form,
    },
    /// Print the newest signed head as JSON, to be kept where the collector cannot reach it
    Head {
        /// What is printed is JSON in any case
        #[arg(long, hide = true)]
        json: bool,
    },
    /// Prove as JSON that an entry is in the ledger of the newest head
    Proof {
        /// The entry
        index: u64,
        /// What is printed is JSON in any case
        #[arg(long, hide = true)]
        json: bool,
    },
    /// Prove as JSON that the ledger of the newest head goes on from one that was kept
    Consistency {
        /// The head that was kept
        head: PathBuf,
        /// What is printed is JSON in any case
        #[arg(long, hide = true)]
        json: bool,
    },
    /// Show the newest entries
    Show {
        /// Only those of this organisation, by name or id
        #[arg(long, value_name = "ORGANISATION")]
        organisation: Option<String>,
        /// Only those of this device; where it was ended, its organisation must be named
        #[arg(long, value_name = "ID")]
        device: Option<DeviceId>,
        /// How many
        #[arg(long, default_value_t = 50, value_name = "N")]
        last: usize,
        #[command(flatten)]
        form: Form,
    },
    /// Print all entries and the newest head as JSON lines, for a program that checks them elsewhere
    Export,
    /// Drop a ledger that was tampered with or lost its key, so that it cannot be continued, and begin another
    BeginAnew,
}
