//! Every state with every step, the answers written by hand; then what a step says.

use zeef_proto::field::{Parse, Username};
use zeef_proto::id::{RequestId, UserId};
use zeef_proto::time::DAY;
use zeef_proto::{DeviceId, OrganisationId, UnixTime};

use super::{
    Answer, Case, Ending, Extension, Ground, Identity, Kind, Message, Method, Officer, Refused,
    Responsibility, Rules, Scope, State, Step, StepName, Tasks, To, apply, messages, possible,
};

const ANNA: Officer = Officer::Account(UserId::from_bytes([1; 16]));
const BRAM: Officer = Officer::Account(UserId::from_bytes([2; 16]));
const NOW: UnixTime = UnixTime(1_773_140_400);
const ALONE: Rules = Rules { four_eyes: false };
const TOGETHER: Rules = Rules { four_eyes: true };

/// A case as it can come to stand in a state.
fn case(kind: Kind, state: State) -> Case {
    let (id, organisation) = (
        RequestId::from_bytes([7; 16]),
        OrganisationId::from_bytes([8; 16]),
    );
    let mut case = Case::received(id, organisation, kind, NOW);
    case.state = state;
    if !matches!(state, State::Received) {
        case.responsibility = Some(Responsibility::Provider);
    }
    if !matches!(state, State::Received | State::RoleChecked) {
        case.identity = Some(identity(true));
    }
    match state {
        State::Scoped | State::Restricted | State::Executing => {
            case.tasks = Tasks {
                open: 2,
                untold: 1,
                ..Tasks::default()
            };
        }
        State::Recipients | State::Review { .. } | State::Answered(_) | State::Closed { .. } => {
            case.tasks.done = 2;
        }
        _ => {}
    }
    case
}

fn identity(established: bool) -> Identity {
    Identity {
        method: Method::CallBack,
        established,
        by: ANNA,
        at: NOW,
    }
}

fn states() -> [State; 10] {
    let answer = Answer::Delivered;
    [
        State::Received,
        State::RoleChecked,
        State::Identified,
        State::Scoped,
        State::Restricted,
        State::Executing,
        State::Recipients,
        State::Review { answer, by: ANNA },
        State::Answered(answer),
        State::Closed {
            ending: Ending::Answered(answer),
            at: NOW,
        },
    ]
}

fn scope() -> Scope {
    Scope {
        devices: vec![DeviceId::from_bytes([5; 16])],
        usernames: vec![Username::parse("j.jansen").unwrap()],
        elsewhere: vec!["general-contact".to_owned()],
        recipients: vec!["ESET".to_owned()],
    }
}

fn propose(answer: Answer) -> Step {
    Step::Propose {
        answer,
        explanation: None,
    }
}

fn step(name: StepName, state: State) -> Step {
    match name {
        StepName::CheckRole => Step::CheckRole(Responsibility::Both),
        StepName::Verify => Step::Verify {
            method: Method::SignedIn,
            established: true,
        },
        StepName::Scope => Step::Scope(scope()),
        StepName::Restrict => Step::Restrict,
        StepName::Execute => Step::Execute,
        StepName::Finish => Step::Finish(0),
        StepName::PassOver => Step::PassOver(0),
        StepName::Inform => Step::Inform,
        StepName::Acknowledge => Step::Acknowledge(2),
        StepName::Propose if state == State::Recipients => propose(Answer::Delivered),
        StepName::Propose => propose(Answer::Refused(Ground::Unfounded)),
        StepName::Approve => Step::Approve,
        StepName::SendBack => Step::SendBack,
        StepName::Close => Step::Close,
        StepName::Extend => Step::Extend(Extension::Complexity),
        StepName::Withdraw => Step::Withdraw,
        StepName::Hold => Step::Hold,
        StepName::Release => Step::Release,
    }
}

/// What every step leads to from every state, steps in the order of [`StepName::ALL`]. `-` where it does not follow; `!`
/// where something has to be done first.
const EXPECTED: [(&str, &str); 10] = [
    // check-role, verify, scope, restrict, execute, finish, pass-over, inform, acknowledge, propose, approve, send-back,
    // close, extend, withdraw, hold, release
    (
        "received",
        "role-checked - - - - - - - - refused - - - received closed received -",
    ),
    (
        "role-checked",
        "- identified - - - - - - - refused - - - role-checked closed role-checked -",
    ),
    (
        "identified",
        "- - scoped - - - - - - refused - - - identified closed identified -",
    ),
    (
        "scoped",
        "- - scoped restricted executing - - - - refused - - - scoped closed scoped -",
    ),
    (
        "restricted",
        "- - - - executing - - - - refused - - - restricted closed restricted -",
    ),
    (
        "executing",
        "- - - - - executing executing ! - - - - - executing closed executing -",
    ),
    (
        "recipients",
        "- - - - - - - - recipients ! - - - recipients closed recipients -",
    ),
    (
        "review",
        "- - - - - - - - - - delivered executing - review closed review -",
    ),
    ("delivered", "- - - - - - - - - - - - closed - - delivered -"),
    ("closed", "- - - - - - - - - - - - - - - closed -"),
];

#[test]
fn every_state_takes_the_steps_that_follow_and_refuses_all_others() {
    for ((name, expected), state) in EXPECTED.iter().zip(states()) {
        assert_eq!(*name, state.name());
        let expected: Vec<&str> = expected.split_whitespace().collect();
        assert_eq!(expected.len(), StepName::ALL.len(), "{name}");
        let mut case = case(Kind::Erasure, state);
        if state == State::Recipients {
            case.tasks.untold = 1;
        }
        for (step_name, expected) in StepName::ALL.iter().zip(expected) {
            let said = match apply(&case, &step(*step_name, state), NOW, BRAM, ALONE) {
                Ok(next) => {
                    assert_eq!(next.version, case.version + 1);
                    next.state.name()
                }
                Err(Refused::NotNow(refused)) => {
                    assert_eq!(refused, *step_name);
                    "-"
                }
                Err(_) => "!",
            };
            assert_eq!(said, expected, "{name} {}", step_name.name());
            let offered = possible(&case).contains(step_name);
            assert_eq!(
                offered,
                !["-", "!"].contains(&expected),
                "{name} offers {}",
                step_name.name()
            );
        }
    }
}

fn after(case: &Case, step: &Step) -> Result<Case, Refused> {
    apply(case, step, NOW, BRAM, ALONE)
}

#[test]
fn a_held_case_is_released_in_every_state_and_held_once() {
    for state in states() {
        let held = after(&case(Kind::Access, state), &Step::Hold).unwrap();
        assert!(held.held);
        assert_eq!(after(&held, &Step::Hold), Err(Refused::NotNow(StepName::Hold)));
        assert!(!after(&held, &Step::Release).unwrap().held);
    }
}

#[test]
fn under_a_legal_hold_nothing_is_erased_and_other_work_goes_on() {
    for (state, step) in [
        (State::Scoped, Step::Execute),
        (State::Executing, Step::Finish(0)),
    ] {
        let mut case = case(Kind::Erasure, state);
        case.held = true;
        assert_eq!(after(&case, &step), Err(Refused::Held));
        case.kind = Kind::Access;
        assert!(after(&case, &step).is_ok());
    }
}

#[test]
fn data_is_restricted_meanwhile_where_the_law_knows_a_meanwhile() {
    for kind in Kind::ALL {
        let expected = match kind {
            Kind::Rectification | Kind::Erasure | Kind::Objection | Kind::Withdrawal => true,
            Kind::Access | Kind::Restriction | Kind::Portability | Kind::Complaint => false,
        };
        let restricted = after(&case(*kind, State::Scoped), &Step::Restrict);
        assert_eq!(restricted.is_ok(), expected, "{}", kind.name());
    }
}

#[test]
fn a_person_who_is_not_identified_stays_before_that_step_and_the_try_is_kept() {
    let verify = Step::Verify {
        method: Method::LinkAndCode,
        established: false,
    };
    let next = after(&case(Kind::Access, State::RoleChecked), &verify).unwrap();
    assert_eq!(next.state, State::RoleChecked);
    let identity = next.identity.unwrap();
    assert_eq!(
        (identity.method, identity.established, identity.by),
        (Method::LinkAndCode, false, BRAM)
    );
}

#[test]
fn a_document_is_looked_at_only_after_a_lighter_way_has_failed() {
    let sighted = Step::Verify {
        method: Method::DocumentSighted,
        established: true,
    };
    let mut case = case(Kind::Access, State::RoleChecked);
    assert_eq!(after(&case, &sighted), Err(Refused::NoDoubt));
    case.identity = Some(identity(false));
    assert_eq!(after(&case, &sighted).unwrap().state, State::Identified);
}

#[test]
fn a_scope_names_something_and_nothing_twice() {
    let case = case(Kind::Erasure, State::Identified);
    let mut only_recipients = scope();
    only_recipients.devices.clear();
    only_recipients.usernames.clear();
    only_recipients.elsewhere.clear();
    assert_eq!(
        after(&case, &Step::Scope(only_recipients)),
        Err(Refused::EmptyScope)
    );
    let mut twice = scope();
    twice.usernames.push(Username::parse("J.Jansen").unwrap());
    assert_eq!(after(&case, &Step::Scope(twice)), Err(Refused::Scope));
    let tasks = after(&case, &Step::Scope(scope())).unwrap().tasks;
    assert_eq!((tasks.open, tasks.untold), (3, 1));
}

#[test]
fn recipients_are_told_once_all_else_is_done() {
    let mut case = case(Kind::Erasure, State::Executing);
    assert_eq!(after(&case, &Step::Inform), Err(Refused::Unfinished));
    for step in [Step::Finish(0), Step::PassOver(1)] {
        case = after(&case, &step).unwrap();
    }
    assert_eq!(
        after(&case, &Step::Finish(2)),
        Err(Refused::NotNow(StepName::Finish))
    );
    assert_eq!(
        (case.tasks.open, case.tasks.done, case.tasks.passed_over),
        (0, 1, 1)
    );
    let told = after(&case, &Step::Inform).unwrap();
    assert_eq!(
        messages(Some(&case), Some(&Step::Inform), &told),
        [(Message::TellRecipient, To::Recipients)]
    );
    let partly = propose(Answer::PartlyRefused(Ground::LegalObligation));
    assert_eq!(after(&told, &partly), Err(Refused::Untold));
    let told = after(&told, &Step::Acknowledge(2)).unwrap();
    assert_eq!(
        after(&told, &propose(Answer::Delivered)),
        Err(Refused::PassedOver)
    );
    let refused = propose(Answer::Refused(Ground::LegalObligation));
    assert_eq!(after(&told, &refused), Err(Refused::PartlyDone));
    let answered = after(&told, &partly).unwrap();
    assert_eq!(
        messages(Some(&told), Some(&partly), &answered),
        [(Message::PartlyRefused, To::Requester)]
    );
}

#[test]
fn before_anything_is_done_nothing_but_a_refusal_is_answered() {
    for state in [
        State::Received,
        State::RoleChecked,
        State::Identified,
        State::Scoped,
        State::Restricted,
    ] {
        let case = case(Kind::Erasure, state);
        for answer in [Answer::Delivered, Answer::PartlyRefused(Ground::Excessive)] {
            assert_eq!(after(&case, &propose(answer)), Err(Refused::Unfinished));
        }
    }
}

#[test]
fn where_two_look_the_second_is_somebody_else() {
    let case = case(Kind::Access, State::Recipients);
    let proposed = apply(&case, &propose(Answer::Delivered), NOW, ANNA, TOGETHER).unwrap();
    assert_eq!(proposed.state.name(), "review");
    assert_eq!(
        messages(Some(&case), Some(&propose(Answer::Delivered)), &proposed),
        [(Message::ReviewDue, To::Reviewers)]
    );
    let approve = |who| apply(&proposed, &Step::Approve, NOW, who, TOGETHER);
    assert_eq!(approve(ANNA), Err(Refused::SamePerson));
    assert_eq!(approve(BRAM).unwrap().state, State::Answered(Answer::Delivered));
    let at_the_command_line = apply(
        &case,
        &propose(Answer::Delivered),
        NOW,
        Officer::CommandLine,
        TOGETHER,
    );
    let again = apply(
        &at_the_command_line.unwrap(),
        &Step::Approve,
        NOW,
        Officer::CommandLine,
        TOGETHER,
    );
    assert_eq!(again, Err(Refused::SamePerson));
}

#[test]
fn an_answer_that_is_sent_back_goes_as_far_back_as_things_were_established() {
    let refusal = Answer::Refused(Ground::Unfounded);
    for (from, to) in [
        (State::Received, State::Received),
        (State::RoleChecked, State::RoleChecked),
        (State::Identified, State::Identified),
        (State::Restricted, State::Identified),
    ] {
        let proposed = apply(&case(Kind::Erasure, from), &propose(refusal), NOW, ANNA, TOGETHER).unwrap();
        assert_eq!(after(&proposed, &Step::SendBack).unwrap().state, to);
    }
}

#[test]
fn more_time_is_taken_once_and_within_the_first_month() {
    let case = case(Kind::Access, State::Executing);
    let extend = Step::Extend(Extension::Number);
    let late = apply(&case, &extend, case.due, BRAM, ALONE);
    assert_eq!(late, Err(Refused::TooLate));
    let extended = apply(&case, &extend, case.due.plus(-1), BRAM, ALONE).unwrap();
    assert_eq!(extended.extension, Some(Extension::Number));
    assert!(extended.due.since(case.due) > 55 * DAY);
    assert_eq!(after(&extended, &extend), Err(Refused::ExtendedBefore));
    assert_eq!(
        messages(Some(&case), Some(&extend), &extended),
        [(Message::Extended, To::Requester)]
    );
}

#[test]
fn a_closed_case_says_how_it_ended_and_its_terms_begin() {
    let case = case(Kind::Access, State::Answered(Answer::Refused(Ground::Excessive)));
    assert_eq!((case.contact_until(), case.record_until()), (None, None));
    let closed = after(&case, &Step::Close).unwrap();
    let ending = Ending::Answered(Answer::Refused(Ground::Excessive));
    assert_eq!(closed.state, State::Closed { ending, at: NOW });
    assert_eq!(closed.contact_until(), Some(NOW.plus(30 * DAY)));
    assert!(closed.record_until() > closed.contact_until());
    assert_eq!(
        Ending::of(ending.outcome(), Some(Ground::Excessive)),
        Some(ending)
    );
    assert_eq!(Ending::of(ending.outcome(), None), None);
}

#[test]
fn whoever_asks_is_told_of_each_turn() {
    let before = case(Kind::Erasure, State::Received);
    assert_eq!(
        messages(None, None, &before),
        [(Message::Received, To::Requester)]
    );
    let told = |state, step: Step| {
        let before = case(Kind::Erasure, state);
        let next = after(&before, &step).unwrap();
        messages(Some(&before), Some(&step), &next)
    };
    let doubt = Step::Verify {
        method: Method::CallBack,
        established: false,
    };
    for (state, step, message) in [
        (
            State::Received,
            Step::CheckRole(Responsibility::Customer),
            Message::ProveIdentity,
        ),
        (State::RoleChecked, doubt, Message::IdentityNotEstablished),
        (State::Scoped, Step::Restrict, Message::Restricted),
        (
            State::Received,
            propose(Answer::Refused(Ground::Unfounded)),
            Message::Refused,
        ),
        (State::Recipients, propose(Answer::Delivered), Message::Delivered),
        (State::Executing, Step::Withdraw, Message::Withdrawn),
    ] {
        assert_eq!(told(state, step), [(message, To::Requester)]);
    }
    let review = State::Review {
        answer: Answer::Delivered,
        by: ANNA,
    };
    assert_eq!(told(review, Step::SendBack), [(Message::SentBack, To::Handlers)]);
    assert_eq!(told(State::Answered(Answer::Delivered), Step::Close), []);
}
