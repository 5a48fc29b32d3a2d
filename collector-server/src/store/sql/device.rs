//! A device's life: enrolled or spoken of, certified, revoked, ended.

use zeef_proto::{DeviceId, OrganisationId, UnixTime};

use super::columns::{self, note_change, note_end};
use super::erasure;
use super::note::Note;
use super::writer::Writing;
use crate::ledger::{Actor, OrganisationEvent};
use crate::random;
use crate::seal::BlindKey;
use crate::store::records::{Enrolled, Enrolment, IssuedCertificate, Standing};
use crate::store::sql::driver::{Connection, OptionalExtension, Row, params};
use crate::store::{Result, StoreError};

/// How long a tombstone stands: longer than a certificate (90 days), an agent's spool and any backup that can still be
/// read (366 days).
pub(super) const TOMBSTONE_LIFE: i64 = 400 * zeef_proto::time::DAY;

/// Why a device has no row: it was ended, or it never was.
pub(super) fn absent(
    writing: &mut Writing,
    organisation: OrganisationId,
    device: DeviceId,
) -> Result<Standing> {
    let blind = writing.keys.blind_key(organisation)?;
    absent_under(&writing.db, blind.as_ref(), organisation, device)
}

fn absent_under(
    db: &Connection,
    blind: Option<&BlindKey>,
    organisation: OrganisationId,
    device: DeviceId,
) -> Result<Standing> {
    if erasure::is_erased(db, organisation)? {
        return Ok(Standing::Gone);
    }
    // An organisation that never was here has no key.
    let Some(blind) = blind else {
        return Ok(Standing::Unknown);
    };
    let mark = blind.tombstone(device.as_bytes());
    let gone = db
        .prepare_cached("SELECT 1 FROM tombstone WHERE organisation = ?1 AND mark = ?2")?
        .exists(params![organisation.as_bytes(), mark])?;
    Ok(if gone { Standing::Gone } else { Standing::Unknown })
}

/// Whether a device may use the service, from a read.
pub(super) fn standing(
    reading: &super::readers::Reading,
    organisation: OrganisationId,
    device: DeviceId,
) -> Result<Standing> {
    let state: Option<i64> = reading
        .db
        .prepare_cached(
            "SELECT state FROM device WHERE organisation = ?1 AND device = ?2 AND platform IS NOT NULL",
        )?
        .query_row(params![organisation.as_bytes(), device.as_bytes()], |row| {
            row.get(0)
        })
        .optional()?;
    match state {
        Some(0) => Ok(Standing::Active),
        Some(_) => Ok(Standing::Revoked),
        None => {
            let blind = reading.keys.blind_key(organisation)?;
            absent_under(&reading.db, blind.as_ref(), organisation, device)
        }
    }
}

/// A token that may be spent.
struct Spendable {
    organisation: OrganisationId,
    token: [u8; 16],
    uses_left: u32,
}

fn spendable(writing: &Writing, enrolment: &Enrolment) -> Result<Option<Spendable>> {
    let mut statement = writing.db.prepare_cached(
        "SELECT organisation, token, uses_left FROM token
         WHERE secret_hash = ?1 AND revoked = 0 AND expires_at > ?2{| FOR UPDATE}",
    )?;
    let read = |row: &Row<'_>| {
        Ok(Spendable {
            organisation: columns::organisation_id(row)?,
            token: row.get("token")?,
            uses_left: row.get("uses_left")?,
        })
    };
    Ok(statement
        .query_row(params![enrolment.secret_hash, enrolment.now.0], read)
        .optional()?)
}

/// A device that the same key has had before.
struct Known {
    device: DeviceId,
    token: [u8; 16],
    revoked: bool,
}

fn known(writing: &Writing, organisation: OrganisationId, key_hash: &[u8; 32]) -> Result<Option<Known>> {
    let mut statement = writing.db.prepare_cached(
        "SELECT device, token, state FROM device WHERE organisation = ?1 AND key_hash = ?2{| FOR UPDATE}",
    )?;
    let read = |row: &Row<'_>| {
        Ok(Known {
            device: columns::device_id(row)?,
            token: row.get("token")?,
            revoked: row.get::<_, i64>("state")? != 0,
        })
    };
    Ok(statement
        .query_row(params![organisation.as_bytes(), key_hash], read)
        .optional()?)
}

/// Spends one use of a token for a new device. The same key gets the device that it has: at no cost with the token
/// that it came with, and out of revocation only with another one.
pub(super) fn enrol(writing: &mut Writing, enrolment: &Enrolment) -> Result<Option<Enrolled>> {
    let Some(token) = spendable(writing, enrolment)? else {
        return Ok(None);
    };
    let organisation = token.organisation;
    let device = match known(writing, organisation, &enrolment.key_hash)? {
        Some(known) if known.token == token.token && known.revoked => return Ok(None),
        Some(known) => {
            let spent = known.token != token.token;
            if spent && !spend(writing, &token)? {
                return Ok(None);
            }
            if spent {
                note_enrolled(writing, organisation, known.device, enrolment.now)?;
            }
            enrol_again(writing, enrolment, &token, known.device)?;
            known.device
        }
        None => {
            if !spend(writing, &token)? {
                return Ok(None);
            }
            insert(writing, enrolment, &token)?;
            note_enrolled(writing, organisation, enrolment.device, enrolment.now)?;
            enrolment.device
        }
    };
    note_change(&writing.db, organisation, device)?;
    let products = writing
        .organisation(organisation)?
        .products(device, enrolment.now);
    Ok(Some(Enrolled {
        organisation,
        device,
        products,
    }))
}

/// A use of a token was spent. A repeated request that costs nothing is not told again.
fn note_enrolled(
    writing: &mut Writing,
    organisation: OrganisationId,
    device: DeviceId,
    now: UnixTime,
) -> Result<()> {
    let event = OrganisationEvent::DeviceEnrolled;
    writing.note_device(Actor::Device, organisation, device, event, now)
}

fn spend(writing: &Writing, token: &Spendable) -> Result<bool> {
    if token.uses_left == 0 {
        return Ok(false);
    }
    writing.db.execute(
        "UPDATE token SET uses_left = uses_left - 1 WHERE organisation = ?1 AND token = ?2",
        params![token.organisation.as_bytes(), token.token],
    )?;
    Ok(true)
}

/// The agent may have lost its state: its reports start anew.
fn enrol_again(writing: &Writing, enrolment: &Enrolment, token: &Spendable, device: DeviceId) -> Result<()> {
    writing.db.execute(
        "UPDATE device SET state = 0, sequence = 0, report_check = NULL, record_sequence = 0, record_check = NULL,
                           token = ?3, platform = ?4, agent = ?5
         WHERE organisation = ?1 AND device = ?2",
        params![
            token.organisation.as_bytes(),
            device.as_bytes(),
            token.token,
            columns::platform_number(enrolment.platform),
            enrolment.agent.as_str(),
        ],
    )?;
    Note::Revocation(token.organisation, device).make(&writing.db)
}

fn insert(writing: &mut Writing, enrolment: &Enrolment, token: &Spendable) -> Result<()> {
    writing
        .keys
        .create_data_key(token.organisation, enrolment.device)?;
    writing.db.execute(
        "INSERT INTO device (organisation, device, platform, agent, enrolled_at, token, key_hash)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            token.organisation.as_bytes(),
            enrolment.device.as_bytes(),
            columns::platform_number(enrolment.platform),
            enrolment.agent.as_str(),
            enrolment.now.to_the_hour().0,
            token.token,
            enrolment.key_hash,
        ],
    )?;
    Ok(())
}

/// Notes the certificate that a device was given.
pub(super) fn record_certificate(
    writing: &Writing,
    organisation: OrganisationId,
    device: DeviceId,
    certificate: &IssuedCertificate,
) -> Result<()> {
    let noted = writing.db.execute(
        "UPDATE device SET serial = ?3, not_before = ?4, not_after = ?5
         WHERE organisation = ?1 AND device = ?2 AND platform IS NOT NULL",
        params![
            organisation.as_bytes(),
            device.as_bytes(),
            certificate.serial,
            certificate.not_before.0,
            certificate.not_after.0,
        ],
    )?;
    if noted == 0 {
        return Err(StoreError::NotFound("device"));
    }
    note_change(&writing.db, organisation, device)
}

/// Refuses a device from its next request on; whoever enrols it again decides anew whether it may tell of others.
pub(super) fn revoke(
    writing: &mut Writing,
    organisation: OrganisationId,
    device: DeviceId,
    by: Actor,
    now: UnixTime,
) -> Result<bool> {
    let revoked = writing.db.execute(
        "UPDATE device SET state = 1, speaks_for_site = 0
         WHERE organisation = ?1 AND device = ?2 AND platform IS NOT NULL",
        params![organisation.as_bytes(), device.as_bytes()],
    )?;
    if revoked > 0 {
        Note::Revocation(organisation, device).make(&writing.db)?;
        writing.note_device(by, organisation, device, OrganisationEvent::DeviceRevoked, now)?;
        note_change(&writing.db, organisation, device)?;
    }
    Ok(revoked > 0)
}

/// Allows a device to tell of other devices of its site, or no longer.
pub(super) fn allow_site(
    writing: &mut Writing,
    organisation: OrganisationId,
    device: DeviceId,
    allowed: bool,
    by: Actor,
    now: UnixTime,
) -> Result<bool> {
    let set = writing.db.execute(
        "UPDATE device SET speaks_for_site = ?3
         WHERE organisation = ?1 AND device = ?2 AND platform IS NOT NULL",
        params![organisation.as_bytes(), device.as_bytes(), allowed],
    )?;
    if set > 0 {
        let event = if allowed {
            OrganisationEvent::SiteAllowed
        } else {
            OrganisationEvent::SiteDenied
        };
        writing.note_device(by, organisation, device, event, now)?;
        note_change(&writing.db, organisation, device)?;
    }
    Ok(set > 0)
}

/// Makes a device of which records alone speak, first at `now`.
pub(super) fn insert_without_agent(
    writing: &mut Writing,
    organisation: OrganisationId,
    now: UnixTime,
) -> Result<DeviceId> {
    let device = DeviceId::from_random(random::bytes());
    writing.keys.create_data_key(organisation, device)?;
    writing
        .db
        .prepare_cached("INSERT INTO device (organisation, device, enrolled_at) VALUES (?1, ?2, ?3)")?
        .execute(params![
            organisation.as_bytes(),
            device.as_bytes(),
            now.to_the_hour().0
        ])?;
    Ok(device)
}

/// Deletes a device and all that is held of it; its data key is destroyed once this is durable. What had a certificate
/// leaves a tombstone, so that it is told so.
pub(super) fn end(
    writing: &mut Writing,
    organisation: OrganisationId,
    device: DeviceId,
    by: Actor,
    now: UnixTime,
) -> Result<bool> {
    let key = params![organisation.as_bytes(), device.as_bytes()];
    let had_agent: Option<bool> = writing
        .db
        .prepare_cached(
            "DELETE FROM device WHERE organisation = ?1 AND device = ?2 RETURNING platform IS NOT NULL",
        )?
        .query_row(key, |row| row.get(0))
        .optional()?;
    let Some(had_agent) = had_agent else {
        return Ok(false);
    };
    // A subscription of this device alone would name it for ever.
    writing.db.execute(
        "DELETE FROM subscription WHERE organisation = ?1 AND device = ?2",
        key,
    )?;
    writing.db.execute(
        "INSERT INTO key_to_destroy VALUES (?1, ?2) ON CONFLICT DO NOTHING",
        key,
    )?;
    if had_agent {
        let mark = writing
            .organisation(organisation)?
            .blind
            .tombstone(device.as_bytes());
        writing.db.execute(
            "INSERT INTO tombstone VALUES (?1, ?2, ?3)
             ON CONFLICT (organisation, mark) DO UPDATE SET expires_at = excluded.expires_at",
            params![organisation.as_bytes(), mark, now.plus(TOMBSTONE_LIFE).0],
        )?;
    }
    writing.note_device(by, organisation, device, OrganisationEvent::DeviceEnded, now)?;
    writing.cache.organisations.remove(&organisation);
    writing.changes_facts = true;
    note_end(&writing.db, organisation, device, now)?;
    Ok(true)
}
