//! A request as it stands: no name, no address, no word of whoever asked. Those are [`super::Details`].

use zeef_proto::id::{RequestId, UserId};
use zeef_proto::{OrganisationId, UnixTime};

use super::names::named;
use super::{Kind, contact_until, record_until};
use crate::ledger::Actor;

/// A request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Case {
    /// Its id.
    pub id: RequestId,
    /// Whose data it is about.
    pub organisation: OrganisationId,
    /// Counts its steps, from 0: whoever takes one says which case they saw.
    pub version: u64,
    /// What is asked for.
    pub kind: Kind,
    /// When it came in.
    pub received: UnixTime,
    /// From when on an answer is late.
    pub due: UnixTime,
    /// Why there is more time, if it was extended.
    pub extension: Option<Extension>,
    /// Where it stands.
    pub state: State,
    /// Who decides about the data, once that was looked at.
    pub responsibility: Option<Responsibility>,
    /// How the person was last identified, or was not.
    pub identity: Option<Identity>,
    /// A legal hold: nothing of it is erased, its record neither.
    pub held: bool,
    /// How far what is in scope has come.
    pub tasks: Tasks,
}

/// How many tasks a case has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tasks {
    /// In scope, and not done yet.
    pub open: u32,
    /// Done.
    pub done: u32,
    /// Not done, on purpose.
    pub passed_over: u32,
    /// Recipients who were not told yet (19).
    pub untold: u32,
}

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It came in.
    Received,
    /// It is known who decides about the data.
    RoleChecked,
    /// It is known who asks.
    Identified,
    /// It is known what it is about.
    Scoped,
    /// The data is restricted meanwhile.
    Restricted,
    /// What is asked for is being done.
    Executing,
    /// Recipients are being told.
    Recipients,
    /// Somebody else looks at the answer.
    Review {
        /// The answer.
        answer: Answer,
        /// Who proposes it.
        by: Officer,
    },
    /// The answer is final.
    Answered(Answer),
    /// Nothing follows but the end of its record.
    Closed {
        /// How it ended.
        ending: Ending,
        /// When.
        at: UnixTime,
    },
}

/// What the person gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// All that was asked.
    Delivered,
    /// Some of it.
    PartlyRefused(Ground),
    /// None of it.
    Refused(Ground),
}

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// With an answer.
    Answered(Answer),
    /// Whoever asked did so no longer.
    Withdrawn,
}

/// Who takes a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Officer {
    /// Somebody at the collector's command line.
    CommandLine,
    /// A person who is signed in.
    Account(UserId),
}

impl Officer {
    /// How the ledger names them.
    #[must_use]
    pub const fn actor(self) -> Actor {
        match self {
            Self::CommandLine => Actor::Administrator,
            Self::Account(user) => Actor::User(user),
        }
    }
}

/// How somebody was identified. What was shown is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    /// By what.
    pub method: Method,
    /// Whether that was enough.
    pub established: bool,
    /// Who looked.
    pub by: Officer,
    /// When.
    pub at: UnixTime,
}

named! {
    /// By what somebody is identified, the lightest first.
    Method {
        /// They are signed in as the organisation's contact.
        SignedIn = 1 "signed-in",
        /// A link that went to the registered contact, and a code that the agent shows.
        LinkAndCode = 2 "link-and-code",
        /// Name, organisation and address as in the contract, and a call back.
        CallBack = 3 "call-back",
        /// A document was looked at while they showed it. Only where doubt is on record.
        DocumentSighted = 4 "document-sighted",
    }
}

named! {
    /// Who decides about the data (4(7), 4(8)), as the policy's rows say.
    Responsibility {
        /// The provider alone.
        Provider = 1 "provider",
        /// The customer: the provider helps them to answer (28(3)(e)).
        Customer = 2 "customer",
        /// Both (26).
        Both = 3 "both",
    }
}

named! {
    /// Why something is refused. The person is told, with where to complain (12(4)).
    Ground {
        /// It is not known who asks (12(6)).
        Unidentified = 1 "unidentified",
        /// Manifestly unfounded (12(5)).
        Unfounded = 2 "unfounded",
        /// Excessive, such as repeated (12(5)).
        Excessive = 3 "excessive",
        /// Nothing of theirs is held (11(2)).
        NothingHeld = 4 "nothing-held",
        /// A law says that it is kept (17(3)(b)).
        LegalObligation = 5 "legal-obligation",
        /// It is needed for a legal claim (17(3)(e), 18(2)).
        LegalClaims = 6 "legal-claims",
        /// It would harm others' rights (15(4)).
        OthersRights = 7 "others-rights",
        /// The interests in going on weigh more (21(1)).
        CompellingGrounds = 8 "compelling-grounds",
        /// What is said to be wrong is right.
        Correct = 9 "correct",
    }
}

named! {
    /// How a request ended, for counts and the ledger.
    Outcome {
        /// All that was asked was done.
        Delivered = 1 "delivered",
        /// Some of it was.
        PartlyRefused = 2 "partly-refused",
        /// None of it was.
        Refused = 3 "refused",
        /// Whoever asked did so no longer.
        Withdrawn = 4 "withdrawn",
    }
}

named! {
    /// Why there is more time (12(3)).
    Extension {
        /// It is complex.
        Complexity = 1 "complexity",
        /// There are many.
        Number = 2 "number",
    }
}

impl Case {
    /// A case that has just come in.
    #[must_use]
    pub fn received(id: RequestId, organisation: OrganisationId, kind: Kind, received: UnixTime) -> Self {
        Self {
            id,
            organisation,
            version: 0,
            kind,
            received,
            due: super::deadline(received).ends,
            extension: None,
            state: State::Received,
            responsibility: None,
            identity: None,
            held: false,
            tasks: Tasks::default(),
        }
    }

    /// Whether it still waits for an answer.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        !matches!(self.state, State::Answered(_) | State::Closed { .. })
    }

    /// From when on what was said by and of the person is shown to nobody; `None` while it is needed.
    #[must_use]
    pub fn contact_until(&self) -> Option<UnixTime> {
        self.closed_at().map(contact_until)
    }

    /// From when on there is no record of it; `None` while it is not closed.
    #[must_use]
    pub fn record_until(&self) -> Option<UnixTime> {
        self.closed_at().map(record_until)
    }

    const fn closed_at(&self) -> Option<UnixTime> {
        match self.state {
            State::Closed { at, .. } => Some(at),
            _ => None,
        }
    }
}

impl State {
    /// What it is called.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::RoleChecked => "role-checked",
            Self::Identified => "identified",
            Self::Scoped => "scoped",
            Self::Restricted => "restricted",
            Self::Executing => "executing",
            Self::Recipients => "recipients",
            Self::Review { .. } => "review",
            Self::Answered(answer) => answer.name(),
            Self::Closed { .. } => "closed",
        }
    }
}

impl Answer {
    /// What it is called.
    #[must_use]
    pub const fn name(self) -> &'static str {
        Ending::Answered(self).outcome().name()
    }

    /// Why something is refused.
    #[must_use]
    pub const fn ground(self) -> Option<Ground> {
        match self {
            Self::Delivered => None,
            Self::PartlyRefused(ground) | Self::Refused(ground) => Some(ground),
        }
    }
}

impl Ending {
    /// What it is called.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.outcome().name()
    }

    /// Why something is refused.
    #[must_use]
    pub const fn ground(self) -> Option<Ground> {
        match self {
            Self::Answered(answer) => answer.ground(),
            Self::Withdrawn => None,
        }
    }

    /// The same without a ground.
    #[must_use]
    pub const fn outcome(self) -> Outcome {
        match self {
            Self::Answered(Answer::Delivered) => Outcome::Delivered,
            Self::Answered(Answer::PartlyRefused(_)) => Outcome::PartlyRefused,
            Self::Answered(Answer::Refused(_)) => Outcome::Refused,
            Self::Withdrawn => Outcome::Withdrawn,
        }
    }

    /// From both parts, as stored.
    #[must_use]
    pub const fn of(outcome: Outcome, ground: Option<Ground>) -> Option<Self> {
        match (outcome, ground) {
            (Outcome::Delivered, None) => Some(Self::Answered(Answer::Delivered)),
            (Outcome::PartlyRefused, Some(ground)) => Some(Self::Answered(Answer::PartlyRefused(ground))),
            (Outcome::Refused, Some(ground)) => Some(Self::Answered(Answer::Refused(ground))),
            (Outcome::Withdrawn, None) => Some(Self::Withdrawn),
            _ => None,
        }
    }
}
