//! A database that is behind its key store is an earlier copy of it, or a process was killed between two commits. In
//! either case what the key store knows to be erased is deleted from it before anything is read: ended devices and
//! organisations, erased usernames, removed accounts, revocations. Done twice it changes nothing more.

use std::collections::HashSet;

use zeef_proto::field::Field;
use zeef_proto::id::UserId;
use zeef_proto::{DeviceId, OrganisationId, UnixTime};

use super::columns::{self, note_change, note_end};
use super::erasure;
use super::key_store::{ErasedDevice, ErasedMark, Generation, MarkKind, generation};
use super::note::Note;
use super::writer::Writing;
use crate::failpoint::{Point, reached};
use crate::seal::{BlindKey, Digest16, Place};
use crate::store::sql::driver::{self, Connection, OptionalExtension, params};
use crate::store::{Result, StoreError};

/// What was deleted from an earlier copy of the database.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CaughtUp {
    /// Devices that had been ended.
    pub devices: u64,
    /// Organisations that had been erased.
    pub organisations: u64,
    /// Accounts that had been removed.
    pub users: u64,
    /// Devices that had been revoked.
    pub revoked: u64,
    /// Usernames that had been erased and were deleted from a device.
    pub usernames: u64,
    /// Devices whose values were sealed with a key that was destroyed since; they were deleted.
    pub unreadable: u64,
}

/// What became of devices whose keys are not in a key store that is older than the database.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Accepted {
    /// Devices that got a new key; their values, which nothing can open, were deleted.
    pub devices: u64,
    /// Keys that had been destroyed, were in the older key store again, and were destroyed once more.
    pub destroyed: u64,
}

impl Writing {
    /// Brings the database up to the key store. Comes before all else: what is begun moves the generation on.
    ///
    /// # Errors
    /// [`StoreError::OlderKeyStore`] where it is the key store that is behind.
    pub(super) fn catch_up(&mut self) -> Result<CaughtUp> {
        // In this order: a key store that goes on meanwhile is ahead, never behind.
        let held = generation(&self.db)?;
        if held == generation(self.keys.connection())? {
            return Ok(CaughtUp::default());
        }
        self.in_one_transaction(|writing| {
            let held = generation(&writing.db)?;
            match held.cmp(&generation(writing.keys.connection())?) {
                std::cmp::Ordering::Greater => Err(StoreError::OlderKeyStore),
                std::cmp::Ordering::Equal => Ok(CaughtUp::default()),
                std::cmp::Ordering::Less => writing.replay(),
            }
        })
    }

    /// Goes on with a key store that is older than the database.
    pub(super) fn accept_older_keys(&mut self) -> Result<Accepted> {
        self.in_one_transaction(|writing| {
            let Generation(ahead) = generation(&writing.db)?;
            writing.keys.advance_to(ahead)?;
            for organisation in writing.organisations_without_key()? {
                writing.keys.create_blind_key(organisation)?;
                let key = [organisation.as_bytes()];
                writing
                    .db
                    .execute("DELETE FROM observation WHERE organisation = ?1", key)?;
            }
            let destroyed = writing.exchange_tombstones()?;
            writing.exchange_erased()?;
            // A key that may have been replaced since is destroyed once more, for old backups open with it.
            for keyed in writing.keys.keyed_devices()? {
                if writing.opens(keyed.organisation, keyed.device)? != Some(true) {
                    writing.keys.destroy_data_key(keyed.organisation, keyed.device)?;
                }
            }
            let devices = writing.devices_without_key()?;
            for (organisation, device) in &devices {
                writing.keys.create_data_key(*organisation, *device)?;
                writing.keys.mark_rotated(*organisation, *device)?;
                let key = params![organisation.as_bytes(), device.as_bytes()];
                writing.db.execute(
                    "DELETE FROM observation WHERE organisation = ?1 AND device = ?2",
                    key,
                )?;
                // At its next report the device is asked for everything.
                writing.db.execute(
                    "UPDATE device SET sequence = 0, report_check = NULL, record_sequence = 0, record_check = NULL
                     WHERE organisation = ?1 AND device = ?2",
                    key,
                )?;
                note_change(&writing.db, *organisation, *device)?;
            }
            Ok(Accepted {
                devices: devices.len() as u64,
                destroyed,
            })
        })
    }

    fn in_one_transaction<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.begin()?;
        let done = work(self).and_then(|result| {
            self.keys.begin()?;
            self.commit()?;
            Ok(result)
        });
        if done.is_err() {
            self.roll_back();
        }
        done
    }

    fn replay(&mut self) -> Result<CaughtUp> {
        self.exchange_tombstones()?;
        self.exchange_erased()?;
        let gone = self.organisations_without_key()?;
        for organisation in &gone {
            erasure::delete_organisation(&self.db, *organisation)?;
        }
        let devices = self.devices_without_key()?;
        for (organisation, device) in &devices {
            self.delete_device(*organisation, *device)?;
        }
        let rotated = self.keys.rotated_devices()?;
        let caught_up = CaughtUp {
            unreadable: self.forget_unreadable(rotated)?,
            usernames: self.strike_erased()?,
            devices: devices.len() as u64,
            organisations: gone.len() as u64,
            users: self.delete_removed_users()?,
            revoked: self.revoke_again()?,
        };
        reached(Point::CaughtUp);
        Ok(caught_up)
    }

    /// Each file gets the marks that only the other has, and the key of a device that is marked is destroyed: it can
    /// only be there where a copy of the key store was put back. Gives how many were.
    fn exchange_tombstones(&mut self) -> Result<u64> {
        let logged = self.keys.erased()?;
        for erased in &logged {
            self.db
                .prepare_cached("INSERT INTO tombstone VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING")?
                .execute(params![
                    erased.organisation.as_bytes(),
                    erased.mark,
                    erased.expires_at
                ])?;
        }
        let in_log: HashSet<_> = logged.iter().map(|one| (one.organisation, one.mark)).collect();
        let marked = tombstones(&self.db)?;
        for erased in &marked {
            if !in_log.contains(&(erased.organisation, erased.mark)) {
                self.keys.note_erased(erased)?;
            }
        }
        let marks: HashSet<(OrganisationId, Digest16)> = marked
            .into_iter()
            .map(|one| (one.organisation, one.mark))
            .collect();
        let mut destroyed = 0;
        let mut blind: Option<(OrganisationId, Option<BlindKey>)> = None;
        for keyed in self.keys.keyed_devices()? {
            if blind.as_ref().is_none_or(|(of, _)| *of != keyed.organisation) {
                blind = Some((keyed.organisation, self.keys.blind_key(keyed.organisation)?));
            }
            let Some((_, Some(key))) = &blind else { continue };
            if marks.contains(&(keyed.organisation, key.tombstone(keyed.device.as_bytes()))) {
                self.keys.destroy_data_key(keyed.organisation, keyed.device)?;
                destroyed += 1;
            }
        }
        Ok(destroyed)
    }

    fn organisations_without_key(&self) -> Result<Vec<OrganisationId>> {
        let mut statement = self.db.prepare_cached("SELECT organisation FROM organisation")?;
        let rows = statement.query_map([], columns::organisation_id)?;
        let mut without = Vec::new();
        for organisation in rows {
            let organisation = organisation?;
            if self.keys.blind_key(organisation)?.is_none() {
                without.push(organisation);
            }
        }
        Ok(without)
    }

    fn devices_without_key(&self) -> Result<Vec<(OrganisationId, DeviceId)>> {
        let keyed: HashSet<_> = self
            .keys
            .keyed_devices()?
            .into_iter()
            .map(|keyed| (keyed.organisation, keyed.device))
            .collect();
        let mut statement = self
            .db
            .prepare_cached("SELECT organisation, device FROM device")?;
        let rows = statement.query_map([], columns::key_of_device)?;
        let all = rows.collect::<driver::Result<Vec<_>>>()?;
        Ok(all.into_iter().filter(|device| !keyed.contains(device)).collect())
    }

    fn delete_device(&self, organisation: OrganisationId, device: DeviceId) -> Result<()> {
        for sql in [
            "DELETE FROM device WHERE organisation = ?1 AND device = ?2",
            "DELETE FROM subscription WHERE organisation = ?1 AND device = ?2",
        ] {
            self.db
                .prepare_cached(sql)?
                .execute(params![organisation.as_bytes(), device.as_bytes()])?;
        }
        // It went long ago: whoever reads changes now has read them once the next purge takes the mark away.
        note_end(&self.db, organisation, device, UnixTime(0))
    }

    /// Each file gets the marks that only the other has, or has with a later end; and the keys of an organisation that
    /// was erased are destroyed.
    fn exchange_erased(&mut self) -> Result<()> {
        let logged = ErasedMark::all(self.keys.connection())?;
        let lifted: HashSet<_> = self.notes()?.into_iter().collect();
        for erased in &logged {
            let held = ErasedMark::find(&self.db, erased.organisation, erased.kind, &erased.mark)?;
            let news = held.is_none_or(|held| held.expires_at < erased.expires_at);
            // One that is lifted is noted and only not passed on yet.
            if news && !lifted.contains(&Note::Lifted(erased.organisation, erased.mark)) {
                erased.store(&self.db)?;
            }
        }
        let logged: HashSet<_> = logged.into_iter().collect();
        let held = ErasedMark::all(&self.db)?;
        for erased in held.iter().filter(|erased| !logged.contains(erased)) {
            self.keys.note_mark(erased)?;
        }
        for erased in held.iter().filter(|erased| erased.kind == MarkKind::Organisation) {
            self.keys.destroy_organisation(erased.organisation)?;
        }
        Ok(())
    }

    /// Deletes erased usernames again, and the devices of which nothing stays; gives from how many devices.
    fn strike_erased(&mut self) -> Result<u64> {
        let mut from = 0;
        for erased in ErasedMark::all(&self.db)? {
            if erased.kind == MarkKind::Username {
                for struck in erasure::strike(self, erased.organisation, &erased.mark)? {
                    from += 1;
                    if struck.holder.vanishes {
                        self.delete_with_key(erased.organisation, struck.holder.device)?;
                    }
                }
            }
        }
        self.cache.clear();
        Ok(from)
    }

    /// Deletes the values of those devices that do not open under their keys, all or none of which do. At its next report
    /// such a device is asked for everything; one without an agent comes with its next record. Gives how many there were.
    fn forget_unreadable(&mut self, devices: Vec<(OrganisationId, DeviceId)>) -> Result<u64> {
        let mut unreadable = 0;
        for (organisation, device) in devices {
            if self.opens(organisation, device)? != Some(false) {
                continue;
            }
            unreadable += 1;
            let key = params![organisation.as_bytes(), device.as_bytes()];
            self.db.execute(
                "DELETE FROM observation WHERE organisation = ?1 AND device = ?2",
                key,
            )?;
            let has_agent = self.db.execute(
                "UPDATE device SET sequence = 0, report_check = NULL, record_sequence = 0, record_check = NULL
                 WHERE organisation = ?1 AND device = ?2 AND platform IS NOT NULL",
                key,
            )?;
            if has_agent == 0 {
                self.delete_with_key(organisation, device)?;
            } else {
                note_change(&self.db, organisation, device)?;
            }
        }
        Ok(unreadable)
    }

    /// Whether what is held of a device opens; `None` where nothing is held.
    fn opens(&self, organisation: OrganisationId, device: DeviceId) -> Result<Option<bool>> {
        let sealed: Option<(Field, Vec<u8>)> = self
            .db
            .prepare_cached(
                "SELECT field, sealed FROM observation WHERE organisation = ?1 AND device = ?2 LIMIT 1",
            )?
            .query_row(params![organisation.as_bytes(), device.as_bytes()], |row| {
                Ok((columns::field(row)?, row.get("sealed")?))
            })
            .optional()?;
        let Some((field, sealed)) = sealed else {
            return Ok(None);
        };
        let place = Place {
            organisation,
            device,
            field,
        };
        let key = erasure::data_key(&self.db, &self.keys, organisation, device)?;
        Ok(Some(key.is_some_and(|key| key.open(&place, &sealed).is_ok())))
    }

    fn delete_with_key(&self, organisation: OrganisationId, device: DeviceId) -> Result<()> {
        self.delete_device(organisation, device)?;
        self.db
            .prepare_cached(
                "INSERT INTO key_to_destroy (organisation, device) VALUES (?1, ?2)
                 ON CONFLICT (organisation, device) DO NOTHING",
            )?
            .execute(params![organisation.as_bytes(), device.as_bytes()])?;
        Ok(())
    }

    fn delete_removed_users(&self) -> Result<u64> {
        let delete = |user: UserId| {
            self.db
                .prepare_cached("DELETE FROM \"user\" WHERE \"user\" = ?1")?
                .execute([user.as_bytes()])
        };
        let removed = self.keys.removed_users()?;
        let deleted: usize = removed.into_iter().map(delete).sum::<driver::Result<_>>()?;
        Ok(deleted as u64)
    }

    fn revoke_again(&self) -> Result<u64> {
        let mut revoked = 0;
        for keyed in self.keys.keyed_devices()?.iter().filter(|keyed| keyed.revoked) {
            let changed = self
                .db
                .prepare_cached(
                    // A device that was taken in again is noted and only not passed on yet.
                    "UPDATE device SET state = 1, speaks_for_site = 0 WHERE organisation = ?1 AND device = ?2 AND state = 0
                     AND NOT EXISTS (SELECT 1 FROM key_store_note AS n WHERE n.kind = 0
                                     AND n.organisation = ?1 AND n.id = ?2)",
                )?
                .execute(params![keyed.organisation.as_bytes(), keyed.device.as_bytes()])?;
            if changed > 0 {
                note_change(&self.db, keyed.organisation, keyed.device)?;
                revoked += 1;
            }
        }
        Ok(revoked)
    }
}

/// The marks of ended devices that a database holds.
pub(super) fn tombstones(db: &Connection) -> Result<Vec<ErasedDevice>> {
    let mut statement = db.prepare_cached("SELECT organisation, mark, expires_at FROM tombstone")?;
    let rows = statement.query_map([], |row| {
        Ok(ErasedDevice {
            organisation: columns::organisation_id(row)?,
            mark: row.get("mark")?,
            expires_at: row.get("expires_at")?,
        })
    })?;
    Ok(rows.collect::<driver::Result<_>>()?)
}
