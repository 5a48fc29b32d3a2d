//! The log of what was erased, other than devices with an agent: usernames, by what records know a device, and whole
//! organisations.

use zeef_proto::OrganisationId;

use super::KeyStore;
use crate::erasure::{KeyId, Tombstone};
use crate::seal::Digest16;
use crate::store::Result;
use crate::store::sql::driver::{self, Connection, OptionalExtension, Row, params};

/// What was erased, as stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::store::sql) enum MarkKind {
    /// A username.
    Username = 1,
    /// By what a source knew a device.
    Link = 2,
    /// An organisation.
    Organisation = 3,
}

/// Something that was erased and is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::store::sql) struct ErasedMark {
    pub(in crate::store::sql) organisation: OrganisationId,
    pub(in crate::store::sql) kind: MarkKind,
    pub(in crate::store::sql) mark: Digest16,
    pub(in crate::store::sql) erased_at: i64,
    pub(in crate::store::sql) expires_at: i64,
}

impl ErasedMark {
    /// The same to a receipt.
    pub(in crate::store::sql) const fn tombstone(&self) -> Tombstone {
        Tombstone {
            kind: self.kind as u8,
            mark: self.mark,
            expires_at: self.expires_at,
        }
    }

    /// Stores it in the database or in the key store; one that is there is renewed.
    pub(in crate::store::sql) fn store(&self, db: &Connection) -> Result<()> {
        db.prepare_cached(
            "INSERT INTO erased (organisation, kind, mark, erased_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (organisation, kind, mark)
             DO UPDATE SET erased_at = excluded.erased_at, expires_at = excluded.expires_at",
        )?
        .execute(params![
            self.organisation.as_bytes(),
            self.kind as i64,
            self.mark,
            self.erased_at,
            self.expires_at
        ])?;
        Ok(())
    }

    fn read(row: &Row<'_>) -> driver::Result<Self> {
        Ok(Self {
            organisation: OrganisationId::from_bytes(row.get(0)?),
            kind: match row.get::<_, i64>(1)? {
                1 => MarkKind::Username,
                2 => MarkKind::Link,
                3 => MarkKind::Organisation,
                _ => return Err(driver::Error::Type),
            },
            mark: row.get(2)?,
            erased_at: row.get(3)?,
            expires_at: row.get(4)?,
        })
    }

    /// One that a database holds.
    pub(in crate::store::sql) fn find(
        db: &Connection,
        organisation: OrganisationId,
        kind: MarkKind,
        mark: &Digest16,
    ) -> Result<Option<Self>> {
        Ok(db
            .prepare_cached(
                "SELECT organisation, kind, mark, erased_at, expires_at FROM erased
                 WHERE organisation = ?1 AND kind = ?2 AND mark = ?3",
            )?
            .query_row(params![organisation.as_bytes(), kind as i64, mark], Self::read)
            .optional()?)
    }

    /// All that a database or a key store holds.
    pub(in crate::store::sql) fn all(db: &Connection) -> Result<Vec<Self>> {
        let mut statement =
            db.prepare_cached("SELECT organisation, kind, mark, erased_at, expires_at FROM erased")?;
        let rows = statement.query_map([], Self::read)?;
        Ok(rows.collect::<driver::Result<_>>()?)
    }
}

impl KeyStore {
    /// Notes that something was erased.
    pub(in crate::store::sql) fn note_mark(&mut self, erased: &ErasedMark) -> Result<()> {
        self.begin()?;
        erased.store(&self.db)
    }

    /// Forgets that a username was erased.
    pub(in crate::store::sql) fn forget_username(
        &mut self,
        organisation: OrganisationId,
        mark: &Digest16,
    ) -> Result<()> {
        self.begin()?;
        self.db.execute(
            "DELETE FROM erased WHERE organisation = ?1 AND kind = ?2 AND mark = ?3",
            params![organisation.as_bytes(), MarkKind::Username as i64, mark],
        )?;
        Ok(())
    }

    /// Destroys all keys of an organisation, and what the log says of what was in it: it is refused as a whole.
    pub(in crate::store::sql) fn destroy_organisation(
        &mut self,
        organisation: OrganisationId,
    ) -> Result<usize> {
        self.begin()?;
        let delete = |sql: &str| self.db.execute(sql, [organisation.as_bytes()]);
        let keys = delete("DELETE FROM device_key WHERE organisation = ?1")?
            + delete("DELETE FROM next_device_key WHERE organisation = ?1")?
            + delete("DELETE FROM organisation_key WHERE organisation = ?1")?;
        delete("DELETE FROM erased_device WHERE organisation = ?1")?;
        delete("DELETE FROM erased WHERE organisation = ?1 AND kind <> 3")?;
        Ok(keys)
    }

    /// The id of an organisation's key for blind indexes.
    pub(in crate::store::sql) fn organisation_key_id(
        &self,
        organisation: OrganisationId,
    ) -> Result<Option<KeyId>> {
        let bytes = self.blind_key_bytes(organisation)?;
        Ok(bytes.map(|bytes| KeyId::of(&bytes)))
    }
}
