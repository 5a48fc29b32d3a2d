//! A device that is erased: what records know it by is refused as well, for they would bring it back.
use zeef_proto::policy::ProductId;
use zeef_proto::{DeviceId, OrganisationId, UnixTime};

use super::super::cache::OrganisationFacts;
use super::super::key_store::MarkKind;
use super::super::link::Marks;
use super::super::writer::Writing;
use super::super::{device, retention};
use super::{Done, rotation};
use crate::erasure::Tombstone;
use crate::join::Identity;
use crate::ledger::Actor;
use crate::seal::Digest16;
use crate::store::sql::driver::{self, OptionalExtension, params};
use crate::store::{Result, StoreError};

pub(super) fn erase(
    writing: &mut Writing,
    organisation: OrganisationId,
    id: DeviceId,
    by: Actor,
    now: UnixTime,
) -> Result<Done> {
    retention::check_hold(&writing.db, organisation, id, now)?;
    let key = rotation::key_id(writing, organisation, id)?;
    let known_by = known_by(writing, organisation, id)?;
    if !device::end(writing, organisation, id, by, now)? {
        return Err(StoreError::NotFound("device"));
    }
    let mut tombstones = Vec::new();
    if let Some(gone) = writing.tombstone(organisation, id)? {
        tombstones.push(Tombstone {
            kind: 0,
            mark: gone.mark,
            expires_at: gone.expires_at,
        });
    }
    for mark in known_by {
        let refused = writing.refuse(organisation, MarkKind::Link, mark, now)?;
        tombstones.push(refused.tombstone());
    }
    Ok(Done {
        asked: writing.organisation(organisation)?.blind.ledger(id.as_bytes()),
        keys: key.into_iter().collect(),
        tombstones,
    })
}

/// By what the next record would be known as one of this device: its links, and numbers that no two devices have.
fn known_by(writing: &Writing, organisation: OrganisationId, id: DeviceId) -> Result<Vec<Digest16>> {
    let mut statement = writing.db.prepare_cached(
        "SELECT mark FROM link WHERE organisation = ?1 AND device = ?2
         UNION SELECT blind FROM observation WHERE organisation = ?1 AND device = ?2
               AND field IN ('mac_address', 'service_id', 'line_id')",
    )?;
    let rows = statement.query_map(params![organisation.as_bytes(), id.as_bytes()], |row| row.get(0))?;
    Ok(rows.collect::<driver::Result<_>>()?)
}

/// Whether a record that is of no device that is here is of an erased one. A product that was subscribed to since
/// begins anew.
pub(in crate::store::sql) fn is_refused(
    writing: &Writing,
    organisation: OrganisationId,
    facts: &OrganisationFacts,
    (marks, identity): (&Marks, &Identity),
    product: &ProductId,
    now: UnixTime,
) -> Result<bool> {
    let numbers = identity.keys.iter().filter_map(|key| match key.0.as_slice() {
        [(field, form)] => Some(facts.blind.value(*field, form)),
        _ => None,
    });
    let mut erased_at = writing.db.prepare_cached(
        "SELECT erased_at FROM erased WHERE organisation = ?1 AND kind = ?2 AND mark = ?3 AND expires_at > ?4",
    )?;
    for mark in marks.all().chain(numbers) {
        let key = params![organisation.as_bytes(), MarkKind::Link as i64, mark, now.0];
        let erased: Option<i64> = erased_at.query_row(key, |row| row.get(0)).optional()?;
        let begun_since = |erased: i64| {
            let mut of_product = facts.subscriptions.iter().filter(|one| one.product == *product);
            of_product.any(|one| one.starts.0 > erased && one.runs_at(now))
        };
        if erased.is_some_and(|erased| !begun_since(erased)) {
            return Ok(true);
        }
    }
    Ok(false)
}
