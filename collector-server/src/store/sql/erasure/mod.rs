//! Erasure on this engine: what somebody asks to be erased is deleted with its tombstones and its entry in the ledger in
//! one transaction; keys follow once that is durable.

mod counts;
mod device;
mod organisation;
mod person;
mod rotation;
#[cfg(test)]
mod tests;

use async_trait::async_trait;
use zeef_proto::field::{Parse, Username};
use zeef_proto::id::ReceiptId;
use zeef_proto::{OrganisationId, UnixTime};

pub(super) use device::is_refused;
pub(super) use organisation::{delete as delete_organisation, is_erased};
pub(super) use person::{refused_usernames, strike};
pub(super) use rotation::{Rotation, data_key};

use super::SqlStore;
use super::columns;
use super::key_store::{ErasedMark, MarkKind};
use super::note::Note;
use super::writer::Writing;
use crate::erasure::{Counts, Facts, KeyId, Subject, Tombstone, Tombstones};
use crate::ledger::{Actor, Event, OrganisationEvent};
use crate::store::erasure::{Erased, ErasureStore};
use crate::store::sql::driver::{Connection, OptionalExtension, Row, params};
use crate::store::{Result, StoreError};

/// What is done of an erasure.
struct Done {
    /// How a receipt names what was asked.
    asked: [u8; 16],
    keys: Vec<KeyId>,
    tombstones: Vec<Tombstone>,
}

#[async_trait]
impl ErasureStore for SqlStore {
    async fn plan_erasure(&self, organisation: OrganisationId, subject: Subject) -> Result<Counts> {
        self.readers
            .run(move |reading| {
                let blind = reading.keys.blind_key(organisation)?;
                let blind = blind.ok_or(StoreError::NotFound("organisation"))?;
                counts::of(&reading.db, &blind, organisation, &subject)
            })
            .await
    }

    async fn erase(
        &self,
        organisation: OrganisationId,
        subject: Subject,
        receipt: ReceiptId,
        by: Actor,
        now: UnixTime,
    ) -> Result<Erased> {
        let now = self.high_water.at(now);
        self.writer
            .run_alone(move |writing| erase(writing, organisation, &subject, receipt, (by, now)))
            .await
    }

    async fn lift_erasure(
        &self,
        organisation: OrganisationId,
        username: Username,
        now: UnixTime,
    ) -> Result<bool> {
        let now = self.high_water.at(now);
        self.writer
            .run_alone(move |writing| person::lift(writing, organisation, &username.matching_form(), now))
            .await
    }

    async fn erased(&self, receipt: ReceiptId) -> Result<Option<Erased>> {
        self.readers
            .run(move |reading| stored(&reading.db, receipt))
            .await
    }
}

pub(super) fn erase(
    writing: &mut Writing,
    organisation: OrganisationId,
    subject: &Subject,
    receipt: ReceiptId,
    (by, now): (Actor, UnixTime),
) -> Result<Erased> {
    let blind = writing.keys.blind_key(organisation)?;
    let blind = blind.ok_or(StoreError::NotFound("organisation"))?;
    let counts = counts::of(&writing.db, &blind, organisation, subject)?;
    let mut done = match subject {
        Subject::Device(id) => device::erase(writing, organisation, *id, by, now)?,
        Subject::Person(name) => person::erase(writing, organisation, &name.matching_form(), by, now)?,
        Subject::Organisation => organisation::erase(writing, organisation, now)?,
    };
    done.keys.sort();
    let policy = columns::policy(&writing.db)?;
    let facts = Facts {
        asked: data_encoding::HEXLOWER.encode(&done.asked),
        counts,
        erased_at: now.0,
        keys: done.keys,
        kind: subject.kind(),
        organisation,
        policy: policy.map(|policy| Facts::policy_hash(&policy.document)),
        receipt,
        tombstones: Tombstones::of(done.tombstones),
    };
    let digest = facts.digest();
    let event = OrganisationEvent::Erased { receipt, digest };
    writing.note(by, Event::Of(organisation, event), now)?;
    // Which entry it is stands in the receipt.
    writing.append_noted()?;
    let entry = super::ledger::newest_index(&writing.db)?;
    writing
        .db
        .prepare_cached("INSERT INTO receipt (organisation, receipt, entry, facts) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![
            organisation.as_bytes(),
            receipt.as_bytes(),
            entry,
            facts.to_bytes()
        ])?;
    Ok(Erased { facts, entry })
}

fn stored(db: &Connection, receipt: ReceiptId) -> Result<Option<Erased>> {
    let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
    let found: Option<(u64, Vec<u8>)> = db
        .prepare_cached("SELECT entry, facts FROM receipt WHERE receipt = ?1")?
        .query_row([receipt.as_bytes()], read)
        .optional()?;
    let unreadable = |_| StoreError::Database("what a receipt tells cannot be read".to_owned());
    found
        .map(|(entry, facts)| {
            let facts = serde_json::from_slice(&facts).map_err(unreadable)?;
            Ok(Erased { facts, entry })
        })
        .transpose()
}

impl Writing {
    /// Refuses what was erased from now on, and tells the key store once this is durable.
    fn refuse(
        &self,
        organisation: OrganisationId,
        kind: MarkKind,
        mark: [u8; 16],
        now: UnixTime,
    ) -> Result<ErasedMark> {
        let erased = ErasedMark {
            organisation,
            kind,
            mark,
            erased_at: now.0,
            expires_at: now.plus(super::device::TOMBSTONE_LIFE).0,
        };
        erased.store(&self.db)?;
        Note::Erased(organisation, kind, mark).make(&self.db)?;
        Ok(erased)
    }
}

/// Deletes what need no longer be refused; how much.
pub(super) fn forget_expired(db: &Connection, now: UnixTime) -> Result<usize> {
    Ok(db
        .prepare_cached("DELETE FROM erased WHERE expires_at <= ?1")?
        .execute([now.0])?)
}
