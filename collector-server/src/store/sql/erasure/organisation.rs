//! An organisation that is erased: everything of it but what the ledger and receipts hold.
use zeef_proto::id::UserId;
use zeef_proto::{OrganisationId, UnixTime};

use super::super::columns::{self, note_end};
use super::super::key_store::MarkKind;
use super::super::people;
use super::super::writer::Writing;
use super::{Done, rotation};
use crate::access::Role;
use crate::store::sql::driver::{self, Connection, params};
use crate::store::{Result, StoreError};

pub(super) fn erase(writing: &mut Writing, organisation: OrganisationId, now: UnixTime) -> Result<Done> {
    let held = writing
        .db
        .prepare_cached("SELECT 1 FROM legal_hold WHERE organisation = ?1 AND ends > ?2")?
        .exists(params![organisation.as_bytes(), now.0])?;
    if held {
        return Err(StoreError::OnHold);
    }
    let asked = writing
        .organisation(organisation)?
        .blind
        .ledger(organisation.as_bytes());
    let mut keys: Vec<_> = writing
        .keys
        .organisation_key_id(organisation)?
        .into_iter()
        .collect();
    let devices: Vec<_> = {
        let mut statement = writing
            .db
            .prepare_cached("SELECT device FROM device WHERE organisation = ?1")?;
        let rows = statement.query_map([organisation.as_bytes()], columns::device_id)?;
        rows.collect::<driver::Result<_>>()?
    };
    for device in devices {
        keys.extend(rotation::key_id(writing, organisation, device)?);
        note_end(&writing.db, organisation, device, now)?;
    }
    remove_contacts(writing, organisation, now)?;
    delete(&writing.db, organisation)?;
    // The organisation is refused as a whole: its keys, under which the others are named, go with the note of it.
    let refused = writing.refuse(
        organisation,
        MarkKind::Organisation,
        *organisation.as_bytes(),
        now,
    )?;
    writing.cache.clear();
    Ok(Done {
        asked,
        keys,
        tombstones: vec![refused.tombstone()],
    })
}

/// Deletes the accounts of those who spoke for this organisation alone.
fn remove_contacts(writing: &Writing, organisation: OrganisationId, now: UnixTime) -> Result<()> {
    let contacts: Vec<_> = {
        let mut statement = writing.db.prepare_cached(
            "SELECT \"user\" FROM user_organisation AS own JOIN \"user\" USING (\"user\")
             WHERE own.organisation = ?1 AND role = ?2
             AND NOT EXISTS (SELECT 1 FROM user_organisation AS other
                             WHERE other.\"user\" = own.\"user\" AND other.organisation <> ?1)",
        )?;
        let key = params![organisation.as_bytes(), Role::CustomerContact.name()];
        let rows = statement.query_map(key, |row| Ok(UserId::from_bytes(row.get("user")?)))?;
        rows.collect::<driver::Result<_>>()?
    };
    for contact in contacts {
        people::remove_user(writing, contact, now)?;
    }
    Ok(())
}

/// Deletes all rows of an organisation; those of its devices go with them.
pub(in crate::store::sql) fn delete(db: &Connection, organisation: OrganisationId) -> Result<()> {
    for sql in [
        "DELETE FROM device WHERE organisation = ?1",
        "DELETE FROM subscription WHERE organisation = ?1",
        "DELETE FROM token WHERE organisation = ?1",
        "DELETE FROM silence WHERE organisation = ?1",
        "DELETE FROM legal_hold WHERE organisation = ?1",
        "DELETE FROM request WHERE organisation = ?1",
        "DELETE FROM request_count WHERE organisation = ?1",
        "DELETE FROM tombstone WHERE organisation = ?1",
        "DELETE FROM erased WHERE organisation = ?1 AND kind <> 3",
        "DELETE FROM key_to_destroy WHERE organisation = ?1",
        "DELETE FROM key_to_rotate WHERE organisation = ?1",
        "DELETE FROM key_store_note WHERE organisation = ?1",
        "DELETE FROM organisation WHERE organisation = ?1",
    ] {
        db.prepare_cached(sql)?.execute([organisation.as_bytes()])?;
    }
    Ok(())
}

/// Whether an organisation was erased, so that its agents are told so.
pub(in crate::store::sql) fn is_erased(db: &Connection, organisation: OrganisationId) -> Result<bool> {
    Ok(db
        .prepare_cached("SELECT 1 FROM erased WHERE organisation = ?1 AND kind = ?2")?
        .exists(params![organisation.as_bytes(), MarkKind::Organisation as i64])?)
}
