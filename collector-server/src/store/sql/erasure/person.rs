//! A person who is erased: a username, on whichever devices of the organisation it is held.

use std::collections::HashMap;
use zeef_proto::field::Field;
use zeef_proto::{DeviceId, OrganisationId, UnixTime};

use super::super::columns::{self, note_change};
use super::super::key_store::MarkKind;
use super::super::note::Note;
use super::super::writer::Writing;
use super::super::{device, requests, retention};
use super::{Done, counts, rotation};
use crate::erasure::KeyId;
use crate::ledger::{Actor, Event, OrganisationEvent};
use crate::seal::Digest16;
use crate::store::sql::driver::{self, Connection, Row, params};
use crate::store::{Result, StoreError};

/// A device that holds a username.
pub(in crate::store::sql) struct Holder {
    pub(in crate::store::sql) device: DeviceId,
    /// How often: each source may have said it.
    pub(in crate::store::sql) values: u64,
    /// It has no agent and holds nothing else, so that it goes too.
    pub(in crate::store::sql) vanishes: bool,
}

/// A username that was deleted from a device.
pub(in crate::store::sql) struct Struck {
    pub(in crate::store::sql) holder: Holder,
    /// The key that is destroyed for it.
    key: KeyId,
}

pub(super) fn erase(
    writing: &mut Writing,
    organisation: OrganisationId,
    username: &str,
    by: Actor,
    now: UnixTime,
) -> Result<Done> {
    let blind = writing.organisation(organisation)?.blind.clone();
    let mark = blind.value(Field::Username, username);
    for holder in holders(&writing.db, organisation, &mark)? {
        retention::check_hold(&writing.db, organisation, holder.device, now)?;
    }
    let struck = strike(writing, organisation, &mark)?;
    for gone in struck.iter().filter(|one| one.holder.vanishes) {
        device::end(writing, organisation, gone.holder.device, by, now)?;
    }
    let refused = writing.refuse(organisation, MarkKind::Username, mark, now)?;
    writing.cache.organisations.remove(&organisation);
    Ok(Done {
        asked: blind.asked(username),
        keys: struck.into_iter().map(|one| one.key).collect(),
        tombstones: vec![refused.tombstone()],
    })
}

/// Deletes a username from all devices that hold it, and from what their next records would be known by. What stays of a
/// device is sealed anew, so that no copy of the deleted value opens once the former key is destroyed; devices of which
/// nothing stays are left to the caller.
pub(in crate::store::sql) fn strike(
    writing: &mut Writing,
    organisation: OrganisationId,
    mark: &Digest16,
) -> Result<Vec<Struck>> {
    let mut struck = Vec::new();
    requests::forget_corrections(&writing.db, organisation, mark)?;
    for holder in holders(&writing.db, organisation, mark)? {
        let device = holder.device;
        let key = params![organisation.as_bytes(), device.as_bytes(), mark];
        // The mark of a whole record was made from the name as well.
        writing
            .db
            .prepare_cached(
                "DELETE FROM link WHERE organisation = ?1 AND device = ?2 AND kind = 2 AND EXISTS
                     (SELECT 1 FROM observation AS o WHERE o.organisation = ?1 AND o.device = ?2
                      AND o.field = 'username' AND o.blind = ?3
                      AND o.source = link.source AND o.product = link.product)",
            )?
            .execute(key)?;
        writing
            .db
            .prepare_cached(
                "DELETE FROM observation
                 WHERE organisation = ?1 AND device = ?2 AND field = 'username' AND blind = ?3",
            )?
            .execute(key)?;
        let former = if holder.vanishes {
            rotation::key_id(writing, organisation, device)?.ok_or(StoreError::Unsealing)?
        } else {
            note_change(&writing.db, organisation, device)?;
            rotation::rotate(writing, organisation, device)?
        };
        struck.push(Struck { holder, key: former });
    }
    Ok(struck)
}

pub(super) fn holders(db: &Connection, organisation: OrganisationId, mark: &Digest16) -> Result<Vec<Holder>> {
    let mut statement = db.prepare_cached(
        "SELECT o.device AS device, count(*) AS held,
                CAST(CASE WHEN EXISTS (SELECT 1 FROM device AS d WHERE d.organisation = ?1 AND d.device = o.device
                                  AND d.platform IS NOT NULL)
                       OR EXISTS (SELECT 1 FROM observation AS r WHERE r.organisation = ?1 AND r.device = o.device
                                  AND NOT (r.field = 'username' AND r.blind = ?2))
                     THEN 0 ELSE 1 END AS BIGINT) AS vanishes
         FROM observation AS o WHERE o.organisation = ?1 AND o.field = 'username' AND o.blind = ?2
         GROUP BY o.device",
    )?;
    let read = |row: &Row<'_>| {
        Ok(Holder {
            device: columns::device_id(row)?,
            values: row.get("held")?,
            vanishes: row.get::<_, i64>("vanishes")? != 0,
        })
    };
    let rows = statement.query_map(params![organisation.as_bytes(), mark], read)?;
    Ok(rows.collect::<driver::Result<_>>()?)
}

/// How many marks of links go with a username.
pub(super) fn count_links(
    db: &Connection,
    organisation: OrganisationId,
    holder: &Holder,
    mark: &Digest16,
) -> Result<u64> {
    let key = params![organisation.as_bytes(), holder.device.as_bytes(), mark];
    if holder.vanishes {
        let all = "SELECT count(*) FROM link WHERE organisation = ?1 AND device = ?2";
        return counts::count(db, all, &key[..2]);
    }
    counts::count(
        db,
        "SELECT count(*) FROM link AS l WHERE l.organisation = ?1 AND l.device = ?2 AND l.kind = 2 AND EXISTS
             (SELECT 1 FROM observation AS o WHERE o.organisation = ?1 AND o.device = ?2
              AND o.field = 'username' AND o.blind = ?3 AND o.source = l.source AND o.product = l.product)",
        key,
    )
}

/// Takes an erased username in again.
pub(super) fn lift(
    writing: &mut Writing,
    organisation: OrganisationId,
    username: &str,
    now: UnixTime,
) -> Result<bool> {
    let blind = writing.keys.blind_key(organisation)?;
    let blind = blind.ok_or(StoreError::NotFound("organisation"))?;
    let mark = blind.value(Field::Username, username);
    let lifted = writing.db.execute(
        "DELETE FROM erased WHERE organisation = ?1 AND kind = ?2 AND mark = ?3 AND expires_at > ?4",
        params![organisation.as_bytes(), MarkKind::Username as i64, mark, now.0],
    )?;
    if lifted == 0 {
        return Ok(false);
    }
    Note::Lifted(organisation, mark).make(&writing.db)?;
    writing.cache.organisations.remove(&organisation);
    let event = OrganisationEvent::ErasureLifted(blind.asked(username));
    writing.note(Actor::Administrator, Event::Of(organisation, event), now)?;
    Ok(true)
}

/// Usernames that are refused, each with the end of that.
pub(in crate::store::sql) fn refused_usernames(
    db: &Connection,
    organisation: OrganisationId,
) -> Result<HashMap<Digest16, UnixTime>> {
    let mut statement =
        db.prepare_cached("SELECT mark, expires_at FROM erased WHERE organisation = ?1 AND kind = ?2")?;
    let key = params![organisation.as_bytes(), MarkKind::Username as i64];
    let rows = statement.query_map(key, |row| {
        Ok((row.get("mark")?, columns::time(row, "expires_at")?))
    })?;
    Ok(rows.collect::<driver::Result<_>>()?)
}
