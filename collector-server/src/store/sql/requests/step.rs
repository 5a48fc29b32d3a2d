//! A step with what it entails.

use zeef_proto::UnixTime;
use zeef_proto::id::ReceiptId;

use super::super::erasure;
use super::super::writer::Writing;
use super::{case, details, restriction, task};
use crate::erasure::Subject;
use crate::ledger::{Event, OrganisationEvent};
use crate::random;
use crate::requests::{Case, Kind, Refused, State, Step, apply};
use crate::seal::RequestKey;
use crate::store::requests::{Stepped, Taking, Target};
use crate::store::sql::driver::params;
use crate::store::{Result, StoreError};

pub(super) fn take(writing: &mut Writing, taking: &Taking, now: UnixTime) -> Result<Stepped> {
    let (organisation, request) = (taking.organisation, taking.request);
    let found = case::one(&writing.db, organisation, request, now)?;
    let before = found.ok_or(StoreError::NotFound("request"))?;
    if before.version != taking.seen {
        return Ok(Stepped::Overtaken(Box::new(before)));
    }
    let next = match apply(&before, &taking.step, now, taking.by, taking.rules) {
        Ok(next) => next,
        Err(refused) => return Ok(Stepped::Refused(refused)),
    };
    let key = writing.keys.request_key(organisation, request)?;
    let key = key.ok_or(StoreError::Unsealing)?;
    if let Some(refused) = entail(writing, taking, &before, &key, now)? {
        return Ok(Stepped::Refused(refused));
    }
    if !case::update(&writing.db, &next, taking.seen)? {
        // Another collector was quicker: what this one has done is undone.
        return Err(StoreError::Contended);
    }
    if matches!(next.state, State::Closed { .. }) && !matches!(before.state, State::Closed { .. }) {
        restriction::end_meanwhile(writing, &next, taking.by, now)?;
    }
    note(writing, taking, &next, now)?;
    Ok(Stepped::Taken(Box::new(next)))
}

/// Does what a step entails. A refusal comes before anything is changed.
fn entail(
    writing: &mut Writing,
    taking: &Taking,
    case: &Case,
    key: &RequestKey,
    now: UnixTime,
) -> Result<Option<Refused>> {
    match &taking.step {
        Step::Scope(scope) => task::replace(&writing.db, key, case, scope)?,
        Step::Restrict => {
            for device in task::devices(&writing.db, case.organisation, case.id)? {
                restriction::begin(writing, case, device, true, taking.by, now)?;
            }
        }
        Step::Finish(number) | Step::PassOver(number) | Step::Acknowledge(number) => {
            let of_recipients = matches!(taking.step, Step::Acknowledge(_));
            let Some(target) = task::open(&writing.db, key, case, *number, of_recipients)? else {
                return Ok(Some(Refused::NoSuchTask));
            };
            let passed_over = matches!(taking.step, Step::PassOver(_));
            let receipt = if matches!(taking.step, Step::Finish(_)) {
                execute(writing, taking, case, target, now)?
            } else {
                None
            };
            task::settle(&writing.db, case, *number, passed_over, receipt, now)?;
        }
        Step::Propose { explanation, .. } => {
            let id = params![case.organisation.as_bytes(), case.id.as_bytes()];
            let sealed: Vec<u8> = writing
                .db
                .prepare_cached("SELECT details FROM request WHERE organisation = ?1 AND request = ?2")?
                .query_row(id, |row| row.get(0))?;
            let sealed = details::explained(key, &sealed, explanation.as_ref())?;
            writing
                .db
                .prepare_cached("UPDATE request SET details = ?3 WHERE organisation = ?1 AND request = ?2")?
                .execute(params![case.organisation.as_bytes(), case.id.as_bytes(), sealed])?;
        }
        _ => {}
    }
    Ok(None)
}

/// Does what a task asks for, where that is done here; gives the receipt of what was erased.
fn execute(
    writing: &mut Writing,
    taking: &Taking,
    case: &Case,
    target: Target,
    now: UnixTime,
) -> Result<Option<ReceiptId>> {
    let subject = match (case.kind, target) {
        (Kind::Erasure, Target::Device(device)) => Subject::Device(device),
        (Kind::Erasure, Target::Username(Some(name))) => Subject::Person(name),
        (Kind::Restriction, Target::Device(device)) => {
            restriction::begin(writing, case, device, false, taking.by, now)?;
            return Ok(None);
        }
        _ => return Ok(None),
    };
    let receipt = ReceiptId::from_random(random::bytes());
    let by = (taking.by.actor(), now);
    match erasure::erase(writing, case.organisation, &subject, receipt, by) {
        Ok(_) => Ok(Some(receipt)),
        // It ended by itself meanwhile: there is nothing left to erase.
        Err(StoreError::NotFound("device")) => Ok(None),
        Err(error) => Err(error),
    }
}

fn note(writing: &Writing, taking: &Taking, next: &Case, now: UnixTime) -> Result<()> {
    let note = |event| writing.note(taking.by.actor(), Event::Of(next.organisation, event), now);
    note(OrganisationEvent::RequestStep(next.id, taking.step.name()))?;
    if matches!(taking.step, Step::Extend(_)) {
        note(OrganisationEvent::RequestExtended(next.id, next.due))?;
    }
    match (&taking.step, next.state) {
        (Step::Close | Step::Withdraw, State::Closed { ending, .. }) => {
            note(OrganisationEvent::RequestClosed(next.id, ending.outcome()))
        }
        _ => Ok(()),
    }
}
