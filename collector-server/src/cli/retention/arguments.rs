//! What `retention` takes.

use clap::Subcommand;
use zeef_proto::DeviceId;
use zeef_proto::id::HoldId;

use super::super::arguments::{Form, Of};

#[derive(Subcommand)]
pub(in crate::cli) enum Command {
    /// Count what will be deleted, by day, organisation and row of the policy
    Plan {
        /// Until when: a day, an instant, or a length of time such as 30d
        #[arg(long, default_value = "30d", value_name = "WHEN")]
        until: String,
        #[command(flatten)]
        form: Form,
    },
    /// Delete now what has expired, instead of at the service's next purge
    Run {
        #[command(flatten)]
        form: Form,
    },
    /// Show the last purge, what is overdue, and how the clock stands
    Status {
        #[command(flatten)]
        form: Form,
    },
    /// Believe the clock after it jumped far ahead; what has expired by it is deleted then
    ConfirmClock,
    /// Legal holds: what has expired is kept for a while, and shown to nobody
    #[command(subcommand)]
    Hold(Hold),
}

#[derive(Subcommand)]
pub(in crate::cli) enum Hold {
    /// Keep what comes due of an organisation, or of one device, from being deleted
    Add {
        #[command(flatten)]
        organisation: Of,
        /// One device only
        #[arg(long, value_name = "ID")]
        device: Option<DeviceId>,
        /// Why, in one line
        #[arg(long, value_name = "TEXT")]
        reason: String,
        /// Until when: a day, an instant, or a length of time such as 90d
        #[arg(long, value_name = "WHEN")]
        until: String,
        #[command(flatten)]
        form: Form,
    },
    /// List legal holds, with their reasons
    List {
        #[command(flatten)]
        form: Form,
    },
    /// End a legal hold; what it kept is deleted at the next purge
    End {
        /// The hold
        id: HoldId,
    },
}
