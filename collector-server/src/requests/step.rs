//! The steps of a request, and which of them may follow: a pure function of the case, the step, who takes it and when.

use zeef_proto::UnixTime;
use zeef_proto::field::{Parse, Username};

use super::names::named;
use super::{
    Answer, Case, Ending, Extension, Identity, Method, Officer, Responsibility, Scope, State, Tasks, Text,
    deadline, extended_deadline,
};

/// How an installation handles requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rules {
    /// A second person looks at each answer.
    pub four_eyes: bool,
}

/// Something that is done with a request.
#[derive(Debug, Clone)]
pub enum Step {
    /// It was looked up who decides about the data.
    CheckRole(Responsibility),
    /// Somebody tried to identify the person.
    Verify {
        /// By what.
        method: Method,
        /// Whether that was enough.
        established: bool,
    },
    /// It was found out what the request is about. Once more until it is worked on.
    Scope(Scope),
    /// The devices in scope are restricted until there is an answer.
    Restrict,
    /// Work on it begins.
    Execute,
    /// A task is done, by its number.
    Finish(u32),
    /// A task is not done, on purpose.
    PassOver(u32),
    /// Nothing is left to do but tell the recipients.
    Inform,
    /// A recipient has acknowledged that it was told, by the task's number.
    Acknowledge(u32),
    /// The answer.
    Propose {
        /// What the person gets.
        answer: Answer,
        /// What they are told besides.
        explanation: Option<Text>,
    },
    /// A second person agrees with the answer.
    Approve,
    /// A second person does not.
    SendBack,
    /// Nothing follows: the record's own term begins.
    Close,
    /// Two more months.
    Extend(Extension),
    /// Whoever asked does so no longer.
    Withdraw,
    /// A legal hold begins.
    Hold,
    /// A legal hold ends.
    Release,
}

named! {
    /// What a step is called.
    StepName {
        /// [`Step::CheckRole`].
        CheckRole = 1 "check-role",
        /// [`Step::Verify`].
        Verify = 2 "verify",
        /// [`Step::Scope`].
        Scope = 3 "scope",
        /// [`Step::Restrict`].
        Restrict = 4 "restrict",
        /// [`Step::Execute`].
        Execute = 5 "execute",
        /// [`Step::Finish`].
        Finish = 6 "finish",
        /// [`Step::PassOver`].
        PassOver = 7 "pass-over",
        /// [`Step::Inform`].
        Inform = 8 "inform",
        /// [`Step::Acknowledge`].
        Acknowledge = 9 "acknowledge",
        /// [`Step::Propose`].
        Propose = 10 "propose",
        /// [`Step::Approve`].
        Approve = 11 "approve",
        /// [`Step::SendBack`].
        SendBack = 12 "send-back",
        /// [`Step::Close`].
        Close = 13 "close",
        /// [`Step::Extend`].
        Extend = 14 "extend",
        /// [`Step::Withdraw`].
        Withdraw = 15 "withdraw",
        /// [`Step::Hold`].
        Hold = 16 "hold",
        /// [`Step::Release`].
        Release = 17 "release",
    }
}

/// Why a step cannot be taken. Nothing is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Another one has to come first, or it was taken already.
    #[error("the step \"{}\" does not follow where the request is now; see which steps are offered", .0.name())]
    NotNow(StepName),
    /// The person's identity is not in doubt on record.
    #[error(
        "a document is looked at only where a lighter way has failed; try one, and record that it was not enough"
    )]
    NoDoubt,
    /// Nothing is in scope.
    #[error("the request would be about nothing; name a device, a username or a product")]
    EmptyScope,
    /// The same twice, or too much.
    #[error(
        "the scope names something twice, or more than a request can hold; name each device and username once"
    )]
    Scope,
    /// Something in scope is neither done nor passed over.
    #[error("not all of the scope is done; finish each task or pass it over")]
    Unfinished,
    /// A recipient has not acknowledged.
    #[error("not every recipient has acknowledged; tell them, and note when they have")]
    Untold,
    /// There is no such task, or it is no longer open.
    #[error("there is no such open task in this request; see its tasks")]
    NoSuchTask,
    /// The answer says that all was done, and it was not.
    #[error(
        "some of it was passed over, so that not all is delivered; answer that it is partly refused, and why"
    )]
    PassedOver,
    /// The answer says that nothing was done, and something was.
    #[error("some of it was done, so that not all is refused; answer that it is partly refused, and why")]
    PartlyDone,
    /// Who proposed an answer cannot approve it.
    #[error("whoever proposed the answer cannot approve it; somebody else has to look at it")]
    SamePerson,
    /// The first month is over.
    #[error(
        "more time can be taken within the first month only, and that is over; answer as soon as possible"
    )]
    TooLate,
    /// There is more time already.
    #[error("the request was extended before, and there is no more time than that")]
    ExtendedBefore,
    /// A legal hold keeps what would be erased.
    #[error("a legal hold keeps what would be erased; end the hold first, or refuse the request")]
    Held,
}

impl Step {
    /// What it is called.
    #[must_use]
    pub const fn name(&self) -> StepName {
        match self {
            Self::CheckRole(_) => StepName::CheckRole,
            Self::Verify { .. } => StepName::Verify,
            Self::Scope(_) => StepName::Scope,
            Self::Restrict => StepName::Restrict,
            Self::Execute => StepName::Execute,
            Self::Finish(_) => StepName::Finish,
            Self::PassOver(_) => StepName::PassOver,
            Self::Inform => StepName::Inform,
            Self::Acknowledge(_) => StepName::Acknowledge,
            Self::Propose { .. } => StepName::Propose,
            Self::Approve => StepName::Approve,
            Self::SendBack => StepName::SendBack,
            Self::Close => StepName::Close,
            Self::Extend(_) => StepName::Extend,
            Self::Withdraw => StepName::Withdraw,
            Self::Hold => StepName::Hold,
            Self::Release => StepName::Release,
        }
    }
}

/// The steps that may follow, in order, for a page to offer. What a step says can still be refused.
#[must_use]
pub fn possible(case: &Case) -> Vec<StepName> {
    let in_vain = |step: &StepName| match step {
        StepName::Inform => case.tasks.open > 0,
        StepName::Propose => case.state == State::Recipients && case.tasks.untold > 0,
        _ => false,
    };
    let all = StepName::ALL.iter().copied();
    all.filter(|step| follows(case, *step) && !in_vain(step))
        .collect()
}

const fn follows(case: &Case, step: StepName) -> bool {
    use State as S;
    match step {
        StepName::CheckRole => matches!(case.state, S::Received),
        StepName::Verify => matches!(case.state, S::RoleChecked),
        StepName::Scope => matches!(case.state, S::Identified | S::Scoped),
        StepName::Restrict => matches!(case.state, S::Scoped) && case.kind.may_restrict_meanwhile(),
        StepName::Execute => matches!(case.state, S::Scoped | S::Restricted),
        StepName::Finish | StepName::PassOver => matches!(case.state, S::Executing) && case.tasks.open > 0,
        StepName::Inform => matches!(case.state, S::Executing),
        StepName::Acknowledge => matches!(case.state, S::Recipients) && case.tasks.untold > 0,
        StepName::Propose => {
            matches!(
                case.state,
                S::Received | S::RoleChecked | S::Identified | S::Scoped | S::Restricted | S::Recipients
            )
        }
        StepName::Approve | StepName::SendBack => matches!(case.state, S::Review { .. }),
        StepName::Close => matches!(case.state, S::Answered(_)),
        StepName::Extend => case.is_open() && case.extension.is_none(),
        StepName::Withdraw => case.is_open(),
        StepName::Hold => !case.held,
        StepName::Release => case.held,
    }
}

/// The case after a step that `who` takes at `now`.
///
/// # Errors
/// [`Refused`], where the step does not follow or says what cannot be.
pub fn apply(case: &Case, step: &Step, now: UnixTime, who: Officer, rules: Rules) -> Result<Case, Refused> {
    let name = step.name();
    if name == StepName::Extend && case.is_open() && case.extension.is_some() {
        return Err(Refused::ExtendedBefore);
    }
    if !follows(case, name) {
        return Err(Refused::NotNow(name));
    }
    let mut next = *case;
    next.version += 1;
    match step {
        Step::CheckRole(responsibility) => {
            next.responsibility = Some(*responsibility);
            next.state = State::RoleChecked;
        }
        Step::Verify { method, established } => {
            if *method == Method::DocumentSighted && case.identity.is_none() {
                return Err(Refused::NoDoubt);
            }
            next.identity = Some(Identity {
                method: *method,
                established: *established,
                by: who,
                at: now,
            });
            if *established {
                next.state = State::Identified;
            }
        }
        Step::Scope(scope) => {
            next.tasks = tasks_of(scope)?;
            next.state = State::Scoped;
        }
        Step::Restrict => next.state = State::Restricted,
        Step::Execute => {
            refuse_held(case)?;
            next.state = State::Executing;
        }
        Step::Finish(_) => {
            refuse_held(case)?;
            next.tasks.open -= 1;
            next.tasks.done += 1;
        }
        Step::PassOver(_) => {
            next.tasks.open -= 1;
            next.tasks.passed_over += 1;
        }
        Step::Inform if case.tasks.open > 0 => return Err(Refused::Unfinished),
        Step::Inform => next.state = State::Recipients,
        Step::Acknowledge(_) => next.tasks.untold -= 1,
        Step::Propose { answer, .. } => {
            check_answer(case, *answer)?;
            next.state = if rules.four_eyes {
                State::Review {
                    answer: *answer,
                    by: who,
                }
            } else {
                State::Answered(*answer)
            };
        }
        Step::Approve => {
            if let State::Review { answer, by } = case.state {
                if by == who {
                    return Err(Refused::SamePerson);
                }
                next.state = State::Answered(answer);
            }
        }
        Step::SendBack => next.state = sent_back_to(case),
        Step::Close => {
            if let State::Answered(answer) = case.state {
                next.state = State::Closed {
                    ending: Ending::Answered(answer),
                    at: now,
                };
            }
        }
        Step::Extend(reason) => {
            if deadline(case.received).ends <= now {
                return Err(Refused::TooLate);
            }
            next.extension = Some(*reason);
            next.due = extended_deadline(case.received).ends;
        }
        Step::Withdraw => {
            next.state = State::Closed {
                ending: Ending::Withdrawn,
                at: now,
            };
        }
        Step::Hold => next.held = true,
        Step::Release => next.held = false,
    }
    Ok(next)
}

fn tasks_of(scope: &Scope) -> Result<Tasks, Refused> {
    if scope.items() == 0 {
        return Err(Refused::EmptyScope);
    }
    let repeats = |mut names: Vec<String>| {
        names.sort_unstable();
        names.windows(2).any(|pair| pair[0] == pair[1])
    };
    let named = [
        scope.devices.iter().map(ToString::to_string).collect(),
        scope.usernames.iter().map(Username::matching_form).collect(),
        scope.elsewhere.clone(),
        scope.recipients.clone(),
    ];
    if named.into_iter().any(repeats) {
        return Err(Refused::Scope);
    }
    let count = |length: usize| u32::try_from(length).map_err(|_| Refused::Scope);
    Ok(Tasks {
        open: count(scope.items())?,
        untold: count(scope.recipients.len())?,
        ..Tasks::default()
    })
}

const fn refuse_held(case: &Case) -> Result<(), Refused> {
    if case.held && case.kind.deletes() {
        Err(Refused::Held)
    } else {
        Ok(())
    }
}

/// Before anything is done, all that can be answered is that nothing will be.
const fn check_answer(case: &Case, answer: Answer) -> Result<(), Refused> {
    match (case.state, answer) {
        (State::Recipients, _) if case.tasks.untold > 0 => Err(Refused::Untold),
        (State::Recipients, Answer::Delivered) if case.tasks.passed_over > 0 => Err(Refused::PassedOver),
        (State::Recipients, Answer::Refused(_)) if case.tasks.done > 0 => Err(Refused::PartlyDone),
        (State::Recipients, _) | (_, Answer::Refused(_)) => Ok(()),
        _ => Err(Refused::Unfinished),
    }
}

/// Where work goes on after an answer was not agreed with: as far as things were established.
const fn sent_back_to(case: &Case) -> State {
    if case.responsibility.is_none() {
        return State::Received;
    }
    match case.identity {
        Some(Identity {
            established: true, ..
        }) if case.tasks.done + case.tasks.passed_over > 0 => State::Executing,
        Some(Identity {
            established: true, ..
        }) => State::Identified,
        _ => State::RoleChecked,
    }
}
