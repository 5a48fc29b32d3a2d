//! Requests: their steps with all that these entail, and what is kept of them for how long.

use zeef_collector::erasure::Subject;
use zeef_collector::ledger::{Actor, Entry};
use zeef_collector::requests::{
    Answer, Case, Details, Ground, Kind, Line, Method, Officer, Outcome, Refused, Responsibility, Rules,
    Scope, State, Step, Text,
};
use zeef_collector::retention::purge;
use zeef_collector::store::erasure::ErasureStore;
use zeef_collector::store::ledger::LedgerStore;
use zeef_collector::store::requests::{
    Correction, Done, NewRequest, Request, RequestStore, Stepped, Taking, Target,
};
use zeef_collector::store::retention::RetentionStore;
use zeef_collector::store::{AdministrationStore, InventoryStore, StoreError};
use zeef_proto::field::{Field, Parse, Username};
use zeef_proto::id::{ReceiptId, RequestId, UserId};
use zeef_proto::time::DAY;
use zeef_proto::{DeviceId, OrganisationId, UnixTime};

use crate::fixture::{Installation, START, full, unique};

const ANNA: Officer = Officer::Account(UserId::from_bytes([0xa; 16]));
const BRAM: Officer = Officer::Account(UserId::from_bytes([0xb; 16]));
const ALONE: Rules = Rules { four_eyes: false };

fn line(text: &str) -> Line {
    Line::parse(text).unwrap()
}

async fn opened(zeef: &Installation, kind: Kind) -> Case {
    let request = NewRequest {
        id: RequestId::from_random([unique(); 16]),
        organisation: zeef.organisation,
        kind,
        received: START,
        details: Details {
            name: line("Needle de Vries"),
            contact: line("needle@example.test"),
            asked: Text::parse("what of my needle\nis held?").ok(),
            explanation: None,
        },
    };
    zeef.store.open_request(request, ANNA, START).await.unwrap()
}

async fn take(zeef: &Installation, case: &Case, step: Step, by: Officer, now: UnixTime) -> Stepped {
    let taking = Taking {
        organisation: zeef.organisation,
        request: case.id,
        seen: case.version,
        step,
        by,
        rules: ALONE,
    };
    zeef.store.step_request(taking, now).await.unwrap()
}

/// Takes steps one after another, each of which is taken.
async fn through(zeef: &Installation, mut case: Case, steps: impl IntoIterator<Item = Step>) -> Case {
    for step in steps {
        let name = step.name();
        case = match take(zeef, &case, step, ANNA, START).await {
            Stepped::Taken(next) => *next,
            other => panic!("{}: {other:?}", name.name()),
        };
    }
    case
}

fn identified() -> [Step; 2] {
    [
        Step::CheckRole(Responsibility::Both),
        Step::Verify {
            method: Method::CallBack,
            established: true,
        },
    ]
}

/// A case of this kind whose scope is these devices and usernames, in execution.
async fn executing(zeef: &Installation, kind: Kind, devices: &[DeviceId], usernames: &[&str]) -> Case {
    let case = opened(zeef, kind).await;
    let scope = Scope {
        devices: devices.to_vec(),
        usernames: usernames
            .iter()
            .map(|name| Username::parse(name).unwrap())
            .collect(),
        elsewhere: vec!["microsoft-365".to_owned()],
        recipients: vec!["ESET".to_owned()],
    };
    let case = through(zeef, case, identified()).await;
    through(zeef, case, [Step::Scope(scope), Step::Execute]).await
}

async fn read(zeef: &Installation, case: &Case, now: UnixTime) -> Option<Request> {
    let read = zeef.store.read_request(zeef.organisation, case.id, ANNA, now);
    read.await.unwrap()
}

fn refusal() -> Step {
    Step::Propose {
        answer: Answer::Refused(Ground::Unfounded),
        explanation: Text::parse("see the contract").ok(),
    }
}

async fn told(zeef: &Installation) -> Vec<&'static str> {
    let entries = zeef.store.ledger_from(0, 200).await.unwrap();
    let entries = entries
        .iter()
        .filter_map(|one| Entry::from_bytes(&one.bytes).ok());
    entries.map(|entry| entry.event.name()).collect()
}

#[tokio::test]
async fn an_access_request_goes_its_way_from_receipt_to_its_close() {
    let zeef = Installation::new().await;
    let device = zeef.reporting().await;
    let case = executing(&zeef, Kind::Access, &[device], &["j.jansen"]).await;
    let found = read(&zeef, &case, START).await.unwrap();
    assert_eq!(found.case, case);
    assert_eq!(found.details.unwrap().name, line("Needle de Vries"));
    let targets: Vec<Target> = found.tasks.into_iter().map(|task| task.target).collect();
    let username = Username::parse("j.jansen").unwrap();
    assert_eq!(
        targets,
        [
            Target::Device(device),
            Target::Username(Some(username)),
            Target::Elsewhere("microsoft-365".to_owned()),
            Target::Recipient("ESET".to_owned()),
        ]
    );
    let steps = [
        Step::Finish(1),
        Step::Finish(2),
        Step::Finish(3),
        Step::Inform,
        Step::Acknowledge(4),
    ];
    let case = through(&zeef, case, steps).await;
    let delivered = Step::Propose {
        answer: Answer::Delivered,
        explanation: None,
    };
    let case = through(&zeef, case, [delivered, Step::Close]).await;
    assert_eq!(case.state.name(), "closed");
    let found = read(&zeef, &case, START).await.unwrap();
    assert_eq!(found.case, case, "what is stored is what was decided");
    assert!(found.tasks.iter().all(|task| task.done == Done::At(START)));
    let told = told(&zeef).await;
    assert_eq!(told.iter().filter(|name| **name == "request_step").count(), 11);
    for name in ["request_opened", "request_read", "request_closed"] {
        assert!(told.contains(&name), "{name}");
    }
}

#[tokio::test]
async fn of_two_officers_on_one_request_the_second_is_told_and_nothing_is_lost() {
    let zeef = Installation::new().await;
    let case = opened(&zeef, Kind::Access).await;
    let first = Step::CheckRole(Responsibility::Provider);
    let taken = take(&zeef, &case, first, ANNA, START).await;
    let Stepped::Taken(next) = taken else {
        panic!("{taken:?}")
    };
    let second = take(&zeef, &case, Step::Withdraw, BRAM, START).await;
    assert_eq!(second, Stepped::Overtaken(next.clone()));
    assert_eq!(read(&zeef, &case, START).await.unwrap().case, *next);
}

#[tokio::test]
async fn a_step_that_is_refused_changes_nothing() {
    let zeef = Installation::new().await;
    let case = executing(&zeef, Kind::Access, &[], &["j.jansen"]).await;
    for (step, refused) in [
        (Step::Inform, Refused::Unfinished),
        (Step::Finish(9), Refused::NoSuchTask),
        // A recipient's task is none of the scope's.
        (Step::Finish(3), Refused::NoSuchTask),
    ] {
        let stepped = take(&zeef, &case, step, ANNA, START).await;
        assert_eq!(stepped, Stepped::Refused(refused));
    }
    let case = through(&zeef, case, [Step::Finish(1)]).await;
    assert_eq!(
        take(&zeef, &case, Step::PassOver(1), ANNA, START).await,
        Stepped::Refused(Refused::NoSuchTask)
    );
    assert_eq!(read(&zeef, &case, START).await.unwrap().case, case);
}

#[tokio::test]
async fn every_part_of_a_case_survives_the_store() {
    let zeef = Installation::new().await;
    let case = opened(&zeef, Kind::Erasure).await;
    let doubt = Step::Verify {
        method: Method::LinkAndCode,
        established: false,
    };
    let [role, identity] = identified();
    let extend = Step::Extend(zeef_collector::requests::Extension::Number);
    let case = through(&zeef, case, [Step::Hold, extend, role, doubt]).await;
    assert_eq!(read(&zeef, &case, START).await.unwrap().case, case);
    let case = through(&zeef, case, [identity]).await;
    let taking = Taking {
        organisation: zeef.organisation,
        request: case.id,
        seen: case.version,
        step: refusal(),
        by: Officer::CommandLine,
        rules: Rules { four_eyes: true },
    };
    let stepped = zeef.store.step_request(taking, START).await.unwrap();
    let Stepped::Taken(case) = stepped else {
        panic!("{stepped:?}")
    };
    assert!(matches!(
        case.state,
        State::Review {
            by: Officer::CommandLine,
            ..
        }
    ));
    let found = read(&zeef, &case, START).await.unwrap();
    assert_eq!(found.case, *case);
    assert_eq!(
        found.details.unwrap().explanation,
        Text::parse("see the contract").ok()
    );
    let case = through(&zeef, *case, [Step::Approve, Step::Close, Step::Release]).await;
    assert_eq!(read(&zeef, &case, START).await.unwrap().case, case);
}

#[tokio::test]
async fn a_finished_task_of_an_erasure_has_erased_and_has_its_receipt() {
    let zeef = Installation::new().await;
    let (device, other) = (zeef.reporting().await, zeef.device().await);
    zeef.send(other, full(1, "lap-18", "p.smit", "10.0.3.18"), START)
        .await;
    let case = executing(&zeef, Kind::Erasure, &[device], &["p.smit"]).await;
    let case = through(&zeef, case, [Step::Finish(1), Step::Finish(2)]).await;
    assert!(zeef.look(device, START).await.is_none());
    assert!(zeef.values(other, Field::Username, START).await.is_empty());
    assert_eq!(zeef.values(other, Field::DeviceName, START).await, ["lap-18"]);
    for task in &read(&zeef, &case, START).await.unwrap().tasks[..2] {
        let erased = zeef.store.erased(task.receipt.unwrap()).await.unwrap();
        assert_eq!(erased.unwrap().facts.organisation, zeef.organisation);
    }
}

#[tokio::test]
async fn an_erasure_that_a_legal_hold_forbids_leaves_its_task_open() {
    let zeef = Installation::new().await;
    let device = zeef.reporting().await;
    let case = executing(&zeef, Kind::Erasure, &[device], &[]).await;
    let hold = zeef_collector::retention::LegalHold {
        id: zeef_proto::id::HoldId::from_bytes([unique(); 16]),
        organisation: zeef.organisation,
        device: Some(device),
        reason: zeef_collector::retention::Reason::parse("a case before the court").unwrap(),
        starts: START,
        ends: START.plus(DAY),
    };
    zeef.store.add_hold(hold).await.unwrap();
    let taking = Taking {
        organisation: zeef.organisation,
        request: case.id,
        seen: case.version,
        step: Step::Finish(1),
        by: ANNA,
        rules: ALONE,
    };
    let refused = zeef.store.step_request(taking, START).await;
    assert_eq!(refused, Err(StoreError::OnHold));
    assert_eq!(read(&zeef, &case, START).await.unwrap().case, case);
    assert!(zeef.look(device, START).await.is_some());
}

#[tokio::test]
async fn a_restriction_meanwhile_ends_with_the_request_and_one_that_was_asked_for_stays() {
    let zeef = Installation::new().await;
    let (device, asked) = (zeef.reporting().await, zeef.device().await);
    let case = opened(&zeef, Kind::Objection).await;
    let scope = Scope {
        devices: vec![device],
        ..Scope::default()
    };
    let case = through(&zeef, case, identified()).await;
    let case = through(&zeef, case, [Step::Scope(scope), Step::Restrict]).await;
    let other = executing(&zeef, Kind::Restriction, &[asked], &[]).await;
    let other = through(&zeef, other, [Step::Finish(1)]).await;
    let mut both = vec![device, asked];
    both.sort();
    assert_eq!(zeef.store.restricted(zeef.organisation).await.unwrap(), both);
    through(&zeef, case, [refusal(), Step::Close]).await;
    through(&zeef, other, [Step::Withdraw]).await;
    assert_eq!(zeef.store.restricted(zeef.organisation).await.unwrap(), [asked]);
    let lift = || zeef.store.lift_restriction(zeef.organisation, asked, ANNA, START);
    assert!(lift().await.unwrap());
    assert!(!lift().await.unwrap());
    assert!(zeef.store.restricted(zeef.organisation).await.unwrap().is_empty());
    let told = told(&zeef).await;
    let count = |name| told.iter().filter(|one| **one == name).count();
    assert_eq!((count("device_restricted"), count("restriction_lifted")), (2, 2));
}

fn correction(case: &Case, field: Field, said: &str, corrected: &str) -> Correction {
    Correction {
        field,
        said: line(said),
        corrected: line(corrected),
        request: case.id,
        since: START,
    }
}

async fn corrected(zeef: &Installation, device: DeviceId) -> Vec<(String, String)> {
    let corrections = zeef.store.corrections(zeef.organisation, device).await.unwrap();
    let pair = |one: &Correction| (one.said.expose().to_owned(), one.corrected.expose().to_owned());
    corrections.iter().map(pair).collect()
}

#[tokio::test]
async fn a_correction_stands_beside_the_agents_word_and_no_report_undoes_it() {
    let zeef = Installation::new().await;
    let device = zeef.reporting().await;
    let case = opened(&zeef, Kind::Rectification).await;
    let correct = |one: Correction| {
        zeef.store
            .correct_value(zeef.organisation, device, one, ANNA, START)
    };
    correct(correction(&case, Field::Username, "J.Jansen", "j.janssen"))
        .await
        .unwrap();
    let pair = |said: &str, right: &str| (said.to_owned(), right.to_owned());
    assert_eq!(corrected(&zeef, device).await, [pair("J.Jansen", "j.janssen")]);
    for sequence in 2..4 {
        zeef.send(device, full(sequence, "lap-17", "j.jansen", "10.0.3.17"), START)
            .await;
    }
    assert_eq!(zeef.values(device, Field::Username, START).await, ["j.jansen"]);
    correct(correction(&case, Field::Username, "j.jansen", "jj"))
        .await
        .unwrap();
    assert_eq!(corrected(&zeef, device).await, [pair("j.jansen", "jj")]);
    let absent = correct(correction(&case, Field::Username, "somebody", "else")).await;
    assert_eq!(absent, Err(StoreError::NotFound("value")));
    let take_back = || {
        let said = line("j.jansen");
        zeef.store
            .take_correction_back(zeef.organisation, device, Field::Username, said, ANNA, START)
    };
    assert!(take_back().await.unwrap() && !take_back().await.unwrap());
    assert!(corrected(&zeef, device).await.is_empty());
}

#[tokio::test]
async fn a_correction_goes_with_the_username_or_the_device_that_is_erased() {
    let zeef = Installation::new().await;
    let device = zeef.reporting().await;
    let case = opened(&zeef, Kind::Rectification).await;
    for (field, said, right) in [
        (Field::Username, "j.jansen", "p.smit"),
        (Field::DeviceName, "lap-17", "lap-71"),
    ] {
        let one = correction(&case, field, said, right);
        let correct = zeef
            .store
            .correct_value(zeef.organisation, device, one, ANNA, START);
        correct.await.unwrap();
    }
    let erase = async |subject| {
        let receipt = ReceiptId::from_random([unique(); 16]);
        zeef.store
            .erase(zeef.organisation, subject, receipt, Actor::Administrator, START)
            .await
            .unwrap()
    };
    // As the right word, where the agent says another.
    erase(Subject::Person(Username::parse("p.smit").unwrap())).await;
    assert_eq!(corrected(&zeef, device).await.len(), 1);
    erase(Subject::Device(device)).await;
    assert!(corrected(&zeef, device).await.is_empty());
}

#[tokio::test]
async fn the_queue_begins_with_what_is_due_first_and_ends_with_what_is_closed() {
    let zeef = Installation::new().await;
    let closed = opened(&zeef, Kind::Complaint).await;
    let later = opened(&zeef, Kind::Access).await;
    let first = opened(&zeef, Kind::Erasure).await;
    let extend = Step::Extend(zeef_collector::requests::Extension::Complexity);
    through(&zeef, later, [extend]).await;
    through(&zeef, closed, [Step::Withdraw]).await;
    let ids = async |of| {
        let cases = zeef.store.requests(of, START).await.unwrap();
        cases.into_iter().map(|case| case.id).collect::<Vec<_>>()
    };
    assert_eq!(ids(None).await, [first.id, later.id, closed.id]);
    assert_eq!(ids(Some(vec![zeef.organisation])).await.len(), 3);
    let other = OrganisationId::from_bytes([0xee; 16]);
    assert!(ids(Some(vec![other])).await.is_empty());
    assert_eq!(
        zeef.store.find_request(first.id).await.unwrap(),
        Some(zeef.organisation)
    );
    let elsewhere = zeef.store.read_request(other, first.id, ANNA, START).await;
    assert!(elsewhere.unwrap().is_none());
}

async fn purged_at(zeef: &Installation, now: UnixTime) {
    zeef.store.confirm_time(now).await.unwrap();
    assert_eq!(purge(&zeef.store, now).await.unwrap().failure, None);
}

#[tokio::test]
async fn what_was_said_goes_after_thirty_days_the_record_after_two_years_and_a_count_stays() {
    let zeef = Installation::new().await;
    let case = executing(&zeef, Kind::Access, &[], &["needle.in.user"]).await;
    let case = through(&zeef, case, [Step::Withdraw]).await;
    let contact = START.plus(30 * DAY);
    assert!(
        read(&zeef, &case, contact.plus(-1))
            .await
            .unwrap()
            .details
            .is_some()
    );
    // At its term, and before any purge.
    let past = read(&zeef, &case, contact).await.unwrap();
    assert!(past.details.is_none());
    assert_eq!(past.tasks[0].target, Target::Username(None));
    purged_at(&zeef, contact).await;
    let past = read(&zeef, &case, contact).await.unwrap();
    assert!(past.details.is_none() && past.case == case);
    let record = case.record_until().unwrap();
    assert!(read(&zeef, &case, record.plus(-1)).await.is_some());
    assert!(read(&zeef, &case, record).await.is_none());
    assert!(zeef.store.requests(None, record).await.unwrap().is_empty());
    purged_at(&zeef, record).await;
    assert_eq!(zeef.store.find_request(case.id).await.unwrap(), None);
    let counted = zeef.store.counted_requests(zeef.organisation).await.unwrap();
    let counted: Vec<_> = counted
        .iter()
        .map(|one| (one.kind, one.ending, one.requests))
        .collect();
    assert_eq!(counted, [(Kind::Access, Outcome::Withdrawn, 1)]);
}

#[tokio::test]
async fn a_kept_request_outlives_its_terms_until_the_hold_ends() {
    let zeef = Installation::new().await;
    let case = opened(&zeef, Kind::Access).await;
    let case = through(&zeef, case, [Step::Withdraw, Step::Hold]).await;
    let record = case.record_until().unwrap();
    purged_at(&zeef, record).await;
    assert!(read(&zeef, &case, record).await.unwrap().details.is_some());
    let stepped = take(&zeef, &case, Step::Release, ANNA, record).await;
    assert!(matches!(stepped, Stepped::Taken(_)));
    assert!(read(&zeef, &case, record).await.is_none());
    purged_at(&zeef, record).await;
    assert_eq!(zeef.store.find_request(case.id).await.unwrap(), None);
}

#[tokio::test]
async fn no_file_holds_what_was_said_in_the_clear() {
    let zeef = Installation::new().await;
    let device = zeef.reporting().await;
    let case = executing(&zeef, Kind::Rectification, &[device], &["needle.in.user"]).await;
    let one = correction(&case, Field::Username, "j.jansen", "needle.that.is.right");
    zeef.store
        .correct_value(zeef.organisation, device, one, ANNA, START)
        .await
        .unwrap();
    zeef.store.checkpoint().await.unwrap();
    let bytes = zeef.engine().bytes_on_disk();
    let holds = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
    assert!(
        holds(b"Bakkerij Jansen"),
        "the scan sees what is stored in the clear"
    );
    for needle in [
        "Needle de Vries",
        "needle@example.test",
        "what of my needle",
        "needle.in.user",
        "needle.that",
    ] {
        assert!(!holds(needle.as_bytes()), "{needle}");
    }
}

#[tokio::test]
async fn an_erased_organisation_takes_its_requests_along() {
    let zeef = Installation::new().await;
    let case = opened(&zeef, Kind::Access).await;
    let receipt = ReceiptId::from_random([unique(); 16]);
    let erased = zeef
        .store
        .erase(
            zeef.organisation,
            Subject::Organisation,
            receipt,
            Actor::Administrator,
            START,
        )
        .await
        .unwrap();
    assert_eq!(erased.facts.counts.requests, 1);
    assert_eq!(zeef.store.find_request(case.id).await.unwrap(), None);
    assert!(zeef.store.requests(None, START).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_request_about_nobodys_device_or_organisation_is_refused() {
    let zeef = Installation::new().await;
    let case = opened(&zeef, Kind::Access).await;
    let case = through(&zeef, case, identified()).await;
    let other = OrganisationId::from_bytes([0xee; 16]);
    zeef.store
        .add_organisation(other, "Garage De Wit".into(), START)
        .await
        .unwrap();
    let taking = |organisation| Taking {
        organisation,
        request: case.id,
        seen: case.version,
        step: Step::Scope(Scope {
            devices: vec![DeviceId::from_bytes([0xdd; 16])],
            ..Scope::default()
        }),
        by: ANNA,
        rules: ALONE,
    };
    let device = zeef.store.step_request(taking(zeef.organisation), START).await;
    assert_eq!(device, Err(StoreError::NotFound("device")));
    let request = zeef.store.step_request(taking(other), START).await;
    assert_eq!(request, Err(StoreError::NotFound("request")));
}
