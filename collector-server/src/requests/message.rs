//! Which messages a step makes due. Nothing is sent here.

use super::{Answer, Case, Ending, State, Step};

/// A message, by what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Message {
    /// The request has come in, and by when it is answered.
    Received,
    /// Somebody has to show who they are.
    ProveIdentity,
    /// It could not be established who they are that way.
    IdentityNotEstablished,
    /// There is more time, and why; sent within the first month (12(3)).
    Extended,
    /// The data is restricted meanwhile.
    Restricted,
    /// What a recipient has to do (19).
    TellRecipient,
    /// An answer waits for a second person.
    ReviewDue,
    /// An answer was not agreed with.
    SentBack,
    /// All is done.
    Delivered,
    /// Some is refused, why, and where to complain (12(4)).
    PartlyRefused,
    /// All is refused, why, and where to complain.
    Refused,
    /// The request was withdrawn.
    Withdrawn,
}

/// Who gets a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum To {
    /// Who asked.
    Requester,
    /// Each sub-processor that was not told yet.
    Recipients,
    /// Who may review.
    Reviewers,
    /// Who handles requests.
    Handlers,
}

/// What is due after a step from one case to the next; for one that has just come in, `before` is `None`.
#[must_use]
pub fn messages(before: Option<&Case>, step: Option<&Step>, after: &Case) -> Vec<(Message, To)> {
    let Some(before) = before else {
        return vec![(Message::Received, To::Requester)];
    };
    match (step, after.state) {
        (Some(Step::CheckRole(_)), _) => vec![(Message::ProveIdentity, To::Requester)],
        (
            Some(Step::Verify {
                established: false, ..
            }),
            _,
        ) => {
            vec![(Message::IdentityNotEstablished, To::Requester)]
        }
        (Some(Step::Extend(_)), _) => vec![(Message::Extended, To::Requester)],
        (Some(Step::Restrict), _) => vec![(Message::Restricted, To::Requester)],
        (Some(Step::Inform), _) if after.tasks.untold > 0 => vec![(Message::TellRecipient, To::Recipients)],
        (Some(Step::SendBack), _) => vec![(Message::SentBack, To::Handlers)],
        (_, State::Review { .. }) if !matches!(before.state, State::Review { .. }) => {
            vec![(Message::ReviewDue, To::Reviewers)]
        }
        (_, State::Answered(answer)) if !matches!(before.state, State::Answered(_)) => {
            let message = match answer {
                Answer::Delivered => Message::Delivered,
                Answer::PartlyRefused(_) => Message::PartlyRefused,
                Answer::Refused(_) => Message::Refused,
            };
            vec![(message, To::Requester)]
        }
        (
            Some(Step::Withdraw),
            State::Closed {
                ending: Ending::Withdrawn,
                ..
            },
        ) => vec![(Message::Withdrawn, To::Requester)],
        _ => Vec::new(),
    }
}
