//! What `request` takes.

use clap::{Args, Subcommand, ValueEnum};
use zeef_proto::DeviceId;
use zeef_proto::field::Field;
use zeef_proto::id::RequestId;
use zeef_proto::policy::ProductId;

use super::super::arguments::{Form, Of};
use crate::requests::{Answer, Extension, Ground, Kind, Method, Responsibility};

#[derive(Subcommand)]
pub(in crate::cli) enum Command {
    /// List requests, those first that are due first
    List {
        /// Of one organisation only, by name or id
        #[arg(long, value_name = "ORGANISATION")]
        organisation: Option<String>,
        #[command(flatten)]
        form: Form,
    },
    /// Show a request with who asks what; noted in the ledger
    Show {
        /// The request
        id: RequestId,
        #[command(flatten)]
        form: Form,
    },
    /// Open a request; standard input has who asks, where the answer goes, and from the third line on what they ask
    Open {
        #[command(flatten)]
        organisation: Of,
        /// access, rectification, erasure, restriction, objection, withdrawal, portability or complaint
        #[arg(long)]
        kind: Kind,
        /// When it came in: a day or an instant; now if left out
        #[arg(long, value_name = "WHEN")]
        received: Option<String>,
        #[command(flatten)]
        form: Form,
    },
    /// Take a step
    Step {
        /// The request
        id: RequestId,
        #[command(subcommand)]
        step: Step,
    },
    /// Correct a value of a device; standard input has what its agent says and what it should be, a line each
    Correct {
        /// The request that asks for it
        id: RequestId,
        /// The device
        #[arg(long, value_name = "ID")]
        device: DeviceId,
        /// Which field
        #[arg(long)]
        field: Field,
    },
    /// Show a device to technicians again; whoever asked for its restriction must have been told
    LiftRestriction {
        /// The device
        device: DeviceId,
    },
    /// Count the requests that have no record any more
    Counts {
        #[command(flatten)]
        organisation: Of,
        #[command(flatten)]
        form: Form,
    },
}

#[derive(Subcommand)]
pub(in crate::cli) enum Step {
    /// Note who decides about the data: provider, customer or both
    CheckRole { who: Responsibility },
    /// Note by what somebody was identified: signed-in, link-and-code, call-back or document-sighted
    Verify {
        method: Method,
        /// It was not enough
        #[arg(long)]
        failed: bool,
    },
    /// Say what the request is about
    Scope(Scope),
    /// Hide the devices in scope from technicians until there is an answer
    Restrict,
    /// Begin the work
    Execute,
    /// Do a task, by its number: a task of an erasure erases
    Finish { task: u32 },
    /// Leave a task undone, on purpose
    PassOver { task: u32 },
    /// All tasks are done: tell the recipients
    Inform,
    /// Note that a recipient has acknowledged, by the number of its task
    Acknowledge { task: u32 },
    /// Answer, or propose an answer where a second person reviews it; standard input may have an explanation
    Propose {
        answer: What,
        /// Why something is refused: unidentified, unfounded, excessive, nothing-held, legal-obligation,
        /// legal-claims, others-rights, compelling-grounds or correct
        #[arg(long, required_if_eq_any = [("answer", "partly-refused"), ("answer", "refused")])]
        ground: Option<Ground>,
    },
    /// Agree with the answer that somebody else proposed
    Approve,
    /// Do not agree with it
    SendBack,
    /// Close the request: its record is kept for two years
    Close,
    /// Take two more months: complexity or number
    Extend { reason: Extension },
    /// Note that whoever asked does so no longer
    Withdraw,
    /// Keep the request and what it is about: a legal hold
    Hold,
    /// End the legal hold
    Release,
}

#[derive(Args)]
pub(in crate::cli) struct Scope {
    /// A device; may be repeated
    #[arg(long = "device", value_name = "ID")]
    pub(super) devices: Vec<DeviceId>,
    /// Read usernames from standard input, one a line
    #[arg(long)]
    pub(super) usernames: bool,
    /// A product, for its sub-processors and for data that is held elsewhere; may be repeated
    #[arg(long = "product", value_name = "PRODUCT")]
    pub(super) products: Vec<ProductId>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum What {
    /// All that was asked
    Delivered,
    /// Some of it
    PartlyRefused,
    /// None of it
    Refused,
}

impl What {
    /// The answer; `None` where a refusal has no ground or a delivery has one.
    pub(super) const fn answer(self, ground: Option<Ground>) -> Option<Answer> {
        match (self, ground) {
            (Self::Delivered, None) => Some(Answer::Delivered),
            (Self::PartlyRefused, Some(ground)) => Some(Answer::PartlyRefused(ground)),
            (Self::Refused, Some(ground)) => Some(Answer::Refused(ground)),
            _ => None,
        }
    }
}
