//! What the key store must be told once a transaction has committed, so that an earlier copy of the database can be
//! told it again: who is revoked, and which accounts were removed. Ended devices are told with their keys.

use zeef_proto::id::UserId;
use zeef_proto::{DeviceId, OrganisationId};

use super::key_store::{ErasedDevice, ErasedMark, MarkKind};
use super::writer::Writing;
use crate::seal::Digest16;
use crate::store::Result;
use crate::store::sql::driver::{self, Connection, OptionalExtension, params};

/// One thing to tell. Telling it twice does no harm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Note {
    /// A device was revoked, or taken in again.
    Revocation(OrganisationId, DeviceId),
    /// An account was removed.
    UserRemoved(UserId),
    /// Something was erased that is refused under this mark.
    Erased(OrganisationId, MarkKind, Digest16),
    /// A username is refused no longer.
    Lifted(OrganisationId, Digest16),
}

impl Note {
    /// Makes the note, in the transaction of what it tells of.
    pub(super) fn make(self, db: &Connection) -> Result<()> {
        let (kind, organisation, id) = self.columns();
        db.prepare_cached("INSERT INTO key_store_note VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING")?
            .execute(params![kind, organisation, id])?;
        Ok(())
    }

    /// Forgets the note.
    pub(super) fn forget(self, db: &Connection) -> Result<()> {
        let (kind, organisation, id) = self.columns();
        db.prepare_cached("DELETE FROM key_store_note WHERE kind = ?1 AND organisation = ?2 AND id = ?3")?
            .execute(params![kind, organisation, id])?;
        Ok(())
    }

    fn columns(self) -> (i64, Vec<u8>, [u8; 16]) {
        match self {
            Self::Revocation(organisation, device) => {
                (0, organisation.as_bytes().to_vec(), *device.as_bytes())
            }
            Self::UserRemoved(user) => (1, Vec::new(), *user.as_bytes()),
            Self::Erased(organisation, kind, mark) => {
                (1 + kind as i64, organisation.as_bytes().to_vec(), mark)
            }
            Self::Lifted(organisation, mark) => (5, organisation.as_bytes().to_vec(), mark),
        }
    }

    /// Tells the key store.
    pub(super) fn pass_on(self, writing: &mut Writing) -> Result<()> {
        match self {
            Self::Revocation(organisation, device) => {
                let state: Option<i64> = writing
                    .db
                    .prepare_cached("SELECT state FROM device WHERE organisation = ?1 AND device = ?2")?
                    .query_row(params![organisation.as_bytes(), device.as_bytes()], |row| {
                        row.get(0)
                    })
                    .optional()?;
                state.map_or(Ok(()), |state| {
                    writing.keys.note_revoked(organisation, device, state != 0)
                })
            }
            Self::UserRemoved(user) => writing.keys.note_removed_user(user),
            Self::Erased(organisation, kind, mark) => {
                if let Some(erased) = ErasedMark::find(&writing.db, organisation, kind, &mark)? {
                    writing.keys.note_mark(&erased)?;
                    if kind == MarkKind::Organisation {
                        writing.keys.destroy_organisation(organisation)?;
                    }
                }
                Ok(())
            }
            // Where it was erased again since, that is noted as well.
            Self::Lifted(organisation, mark) => {
                match ErasedMark::find(&writing.db, organisation, MarkKind::Username, &mark)? {
                    Some(again) => writing.keys.note_mark(&again),
                    None => writing.keys.forget_username(organisation, &mark),
                }
            }
        }
    }
}

impl Writing {
    /// What committed transactions have noted.
    pub(super) fn notes(&self) -> Result<Vec<Note>> {
        let mut statement = self
            .db
            .prepare_cached("SELECT kind, organisation, id FROM key_store_note")?;
        let rows = statement.query_map([], |row| {
            let organisation = || row.get(1).map(OrganisationId::from_bytes);
            Ok(match row.get::<_, i64>(0)? {
                0 => Note::Revocation(organisation()?, DeviceId::from_bytes(row.get(2)?)),
                1 => Note::UserRemoved(UserId::from_bytes(row.get(2)?)),
                2 => Note::Erased(organisation()?, MarkKind::Username, row.get(2)?),
                3 => Note::Erased(organisation()?, MarkKind::Link, row.get(2)?),
                4 => Note::Erased(organisation()?, MarkKind::Organisation, row.get(2)?),
                _ => Note::Lifted(organisation()?, row.get(2)?),
            })
        })?;
        Ok(rows.collect::<driver::Result<_>>()?)
    }

    /// The tombstone of a device that was ended, if it has one.
    pub(super) fn tombstone(
        &self,
        organisation: OrganisationId,
        device: DeviceId,
    ) -> Result<Option<ErasedDevice>> {
        let Some(blind) = self.keys.blind_key(organisation)? else {
            return Ok(None);
        };
        let mark = blind.tombstone(device.as_bytes());
        let expires_at = self
            .db
            .prepare_cached("SELECT expires_at FROM tombstone WHERE organisation = ?1 AND mark = ?2")?
            .query_row(params![organisation.as_bytes(), mark], |row| row.get(0))
            .optional()?;
        Ok(expires_at.map(|expires_at| ErasedDevice {
            organisation,
            mark,
            expires_at,
        }))
    }
}
