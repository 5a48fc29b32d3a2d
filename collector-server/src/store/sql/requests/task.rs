//! What is to be done for a request.

use zeef_proto::field::{Parse, Username};
use zeef_proto::id::{ReceiptId, RequestId};
use zeef_proto::{DeviceId, OrganisationId, UnixTime};

use super::super::columns;
use crate::requests::{Case, Scope};
use crate::seal::RequestKey;
use crate::store::requests::{Done, Target, Task};
use crate::store::sql::driver::{Connection, OptionalExtension, Row, params};
use crate::store::{Result, StoreError};

const DEVICE: i64 = 1;
const USERNAME: i64 = 2;
const ELSEWHERE: i64 = 3;
pub(super) const RECIPIENT: i64 = 4;
const PART: &[u8] = b"task";

/// Puts the tasks of a scope in the place of those of an earlier one.
pub(super) fn replace(db: &Connection, key: &RequestKey, case: &Case, scope: &Scope) -> Result<()> {
    db.prepare_cached("DELETE FROM request_task WHERE organisation = ?1 AND request = ?2")?
        .execute(params![case.organisation.as_bytes(), case.id.as_bytes()])?;
    let known = |device: &DeviceId| -> Result<()> {
        let there = db
            .prepare_cached("SELECT 1 FROM device WHERE organisation = ?1 AND device = ?2")?
            .exists(params![case.organisation.as_bytes(), device.as_bytes()])?;
        there.then_some(()).ok_or(StoreError::NotFound("device"))
    };
    scope.devices.iter().try_for_each(known)?;
    let devices = scope.devices.iter().map(|device| (DEVICE, Some(device), None));
    let usernames = scope
        .usernames
        .iter()
        .map(|name| (USERNAME, None, Some(name.expose())));
    let elsewhere = scope
        .elsewhere
        .iter()
        .map(|row| (ELSEWHERE, None, Some(row.clone())));
    let recipients = scope
        .recipients
        .iter()
        .map(|name| (RECIPIENT, None, Some(name.clone())));
    let all = devices.chain(usernames).chain(elsewhere).chain(recipients);
    let mut insert = db.prepare_cached(
        "INSERT INTO request_task (organisation, request, task, kind, device, named, done)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0)",
    )?;
    for (number, (kind, device, named)) in (1_u32..).zip(all) {
        insert.execute(params![
            case.organisation.as_bytes(),
            case.id.as_bytes(),
            number,
            kind,
            device.map(DeviceId::as_bytes),
            named.map(|named| key.seal(PART, &named)),
        ])?;
    }
    Ok(())
}

/// All tasks of a case, usernames only where they are still shown.
pub(super) fn all(db: &Connection, key: &RequestKey, case: &Case, is_shown: bool) -> Result<Vec<Task>> {
    let mut statement = db.prepare_cached(
        "SELECT task, kind, device, named, done, done_at, receipt FROM request_task
         WHERE organisation = ?1 AND request = ?2 ORDER BY task",
    )?;
    let rows = statement.query_map(params![case.organisation.as_bytes(), case.id.as_bytes()], stored)?;
    let mut tasks = Vec::new();
    for row in rows {
        tasks.push(row?.open(key, is_shown)?);
    }
    Ok(tasks)
}

/// The devices in scope.
pub(super) fn devices(
    db: &Connection,
    organisation: OrganisationId,
    request: RequestId,
) -> Result<Vec<DeviceId>> {
    let mut statement = db.prepare_cached(
        "SELECT device FROM request_task
         WHERE organisation = ?1 AND request = ?2 AND device IS NOT NULL ORDER BY task",
    )?;
    let rows = statement.query_map(
        params![organisation.as_bytes(), request.as_bytes()],
        columns::device_id,
    )?;
    Ok(rows.collect::<crate::store::sql::driver::Result<_>>()?)
}

/// What an open task is about; `None` where there is none of that number, and of recipients or not.
pub(super) fn open(
    db: &Connection,
    key: &RequestKey,
    case: &Case,
    number: u32,
    of_recipients: bool,
) -> Result<Option<Target>> {
    let found = db
        .prepare_cached(
            "SELECT task, kind, device, named, done, done_at, receipt FROM request_task
             WHERE organisation = ?1 AND request = ?2 AND task = ?3 AND done = 0",
        )?
        .query_row(
            params![case.organisation.as_bytes(), case.id.as_bytes(), number],
            stored,
        )
        .optional()?;
    found
        .filter(|task| (task.kind == RECIPIENT) == of_recipients)
        .map(|task| Ok(task.open(key, true)?.target))
        .transpose()
}

/// Notes that a task is done, or passed over.
pub(super) fn settle(
    db: &Connection,
    case: &Case,
    number: u32,
    passed_over: bool,
    receipt: Option<ReceiptId>,
    now: UnixTime,
) -> Result<()> {
    db.prepare_cached(
        "UPDATE request_task SET done = ?4, done_at = ?5, receipt = ?6
         WHERE organisation = ?1 AND request = ?2 AND task = ?3",
    )?
    .execute(params![
        case.organisation.as_bytes(),
        case.id.as_bytes(),
        number,
        if passed_over { 2_i64 } else { 1 },
        now.0,
        receipt.as_ref().map(ReceiptId::as_bytes),
    ])?;
    Ok(())
}

struct Stored {
    number: u32,
    kind: i64,
    device: Option<[u8; 16]>,
    named: Option<Vec<u8>>,
    done: i64,
    done_at: Option<UnixTime>,
    receipt: Option<[u8; 16]>,
}

fn stored(row: &Row<'_>) -> crate::store::sql::driver::Result<Stored> {
    Ok(Stored {
        number: row.get("task")?,
        kind: row.get("kind")?,
        device: row.get("device")?,
        named: row.get("named")?,
        done: row.get("done")?,
        done_at: columns::optional_time(row, "done_at")?,
        receipt: row.get("receipt")?,
    })
}

impl Stored {
    fn open(self, key: &RequestKey, is_shown: bool) -> Result<Task> {
        let unreadable = || StoreError::Database("a request's task cannot be read".to_owned());
        let named = self.named.map(|named| key.open(PART, &named)).transpose()?;
        let target = match (self.kind, self.device, named) {
            (DEVICE, Some(device), _) => Target::Device(DeviceId::from_bytes(device)),
            (USERNAME, _, Some(name)) if is_shown => Target::Username(Username::parse(&name).ok()),
            (USERNAME, _, _) => Target::Username(None),
            (ELSEWHERE, _, Some(row)) => Target::Elsewhere(row),
            (RECIPIENT, _, Some(name)) => Target::Recipient(name),
            _ => return Err(unreadable()),
        };
        let done = match (self.done, self.done_at) {
            (1, Some(at)) => Done::At(at),
            (2, Some(at)) => Done::PassedOver(at),
            (0, None) => Done::Open,
            _ => return Err(unreadable()),
        };
        Ok(Task {
            number: self.number,
            target,
            done,
            receipt: self.receipt.map(ReceiptId::from_bytes),
        })
    }
}
