//! The ledger's rows. An entry, its place in the tree and the head over it are written in the transaction of what the
//! entry tells, so that none of them is ever there without the others.

use zeef_proto::{DeviceId, OrganisationId, UnixTime};

use super::columns;
use super::pair;
use super::postgres::Lock;
use super::readers::Reading;
use super::writer::Writing;
use crate::failpoint::{Point, reached};
use crate::ledger::{
    Actor, DeviceMark, Entry, Event, Frontier, Hash, Head, Identity, InstallationEvent, LedgerSigningKey,
    OrganisationEvent, SignedHead, StoredEntry,
};
use crate::store::ledger::{Look, LookedAt, PackageMade};
use crate::store::sql::driver::{self, Connection, OptionalExtension, Row, ToSql, params};
use crate::store::{Result, StoreError};

/// What goes into the ledger when the transaction is committed.
pub(super) struct Noted {
    actor: Actor,
    event: Event,
    at: UnixTime,
}

impl Writing {
    /// Adds an entry to the ledger, as part of the transaction that runs. Refused at once where the ledger is not to be
    /// continued.
    pub(super) fn note(&self, actor: Actor, event: Event, at: UnixTime) -> Result<()> {
        self.note_all(actor, std::iter::once(event), at)
    }

    fn note_all(&self, actor: Actor, events: impl Iterator<Item = Event>, at: UnixTime) -> Result<()> {
        let mut noted = self.noted.borrow_mut();
        if noted.is_empty() {
            self.edge(&self.signer()?.1)?;
        }
        noted.extend(events.map(|event| Noted { actor, event, at }));
        Ok(())
    }

    /// Writes the entries that were noted, and one head over them. Comes last in a transaction: until it ends, no other
    /// collector adds any.
    pub(super) fn append_noted(&self) -> Result<()> {
        let noted = self.noted.take();
        let Some(last) = noted.last() else { return Ok(()) };
        let time = last.at;
        Lock::Ledger.take(&self.db)?;
        let (key, identity) = self.signer()?;
        let (mut frontier, mut previous) = self.edge(&identity)?;
        let mut insert = self
            .db
            .prepare_cached("INSERT INTO ledger_entry (idx, entry, leaf) VALUES (?1, ?2, ?3)")?;
        for Noted { actor, event, at } in noted {
            let entry = Entry {
                index: frontier.size(),
                at,
                actor,
                event,
                previous,
            };
            let bytes = entry.to_bytes();
            previous = Hash::of_leaf(&bytes);
            frontier.push(previous);
            insert.execute(params![entry.index, bytes, previous.0])?;
        }
        reached(Point::EntriesAppended);
        let head = Head {
            size: frontier.size(),
            root: frontier.root(),
            time,
        };
        let signature = key.sign(identity.installation, head).signature;
        self.db
            .prepare_cached(
                "INSERT INTO ledger_head VALUES (0, ?1, ?2, ?3, ?4)
                 ON CONFLICT (\"only\") DO UPDATE SET size = excluded.size, frontier = excluded.frontier,
                                                  time = excluded.time, signature = excluded.signature",
            )?
            .execute(params![head.size, frontier.to_bytes(), head.time.0, signature])?;
        reached(Point::HeadSigned);
        Ok(())
    }

    fn signer(&self) -> Result<(LedgerSigningKey, Identity)> {
        let key = self.keys.ledger_key()?;
        let identity = Identity {
            installation: installation(&self.db)?,
            key: key.public(),
        };
        Ok((key, identity))
    }

    /// Where the next entry is added: the tree's edge, and the leaf to chain it to. A ledger whose newest head is not
    /// this installation's, or not over its newest entry, is not continued: what somebody wrote into the database
    /// would be signed with the next entry.
    fn edge(&self, identity: &Identity) -> Result<(Frontier, Hash)> {
        let mut last = self
            .db
            .prepare_cached("SELECT idx, leaf FROM ledger_entry ORDER BY idx DESC LIMIT 1")?;
        let last = last
            .query_row([], |row| Ok((row.get::<_, u64>("idx")?, Hash(row.get("leaf")?))))
            .optional()?;
        match (newest(&self.db)?, last) {
            (None, None) => Ok((Frontier::default(), Hash::NONE)),
            (Some(newest), Some((index, leaf))) if newest.frontier.size() == index + 1 => {
                let verified = newest.signed(*identity).verify(identity).is_ok();
                verified
                    .then_some((newest.frontier, leaf))
                    .ok_or(StoreError::Ledger)
            }
            _ => Err(StoreError::Ledger),
        }
    }

    /// Adds an entry about a device.
    pub(super) fn note_device(
        &mut self,
        actor: Actor,
        organisation: OrganisationId,
        device: DeviceId,
        event: impl FnOnce(DeviceMark) -> OrganisationEvent,
        at: UnixTime,
    ) -> Result<()> {
        let mark = self.organisation(organisation)?.blind.ledger(device.as_bytes());
        self.note(actor, Event::Of(organisation, event(DeviceMark(mark))), at)
    }
}

/// Notes that somebody looked.
pub(super) fn record_look(writing: &mut Writing, look: &Look, now: UnixTime) -> Result<()> {
    let by = look.by;
    let (counts, event): (_, fn(u64) -> OrganisationEvent) = match &look.at {
        LookedAt::Device(organisation, device) => {
            let event = OrganisationEvent::DeviceRead;
            return writing.note_device(by, *organisation, *device, event, now);
        }
        LookedAt::Search(counts) if counts.is_empty() => {
            let event = Event::Installation(InstallationEvent::SearchedInVain);
            return writing.note(by, event, now);
        }
        LookedAt::List(counts) | LookedAt::Export(counts) if counts.is_empty() => return Ok(()),
        LookedAt::Search(counts) => (counts, OrganisationEvent::DevicesSearched),
        LookedAt::List(counts) => (counts, OrganisationEvent::DevicesListed),
        LookedAt::Export(counts) => (counts, OrganisationEvent::DevicesExported),
    };
    let events = counts.iter().map(|(id, devices)| Event::Of(*id, event(*devices)));
    writing.note_all(by, events, now)
}

/// Notes an access package, last of all, and says in which entry.
pub(super) fn record_package(writing: &mut Writing, made: &PackageMade, now: UnixTime) -> Result<u64> {
    for device in &made.shown {
        let event = OrganisationEvent::DeviceRead;
        writing.note_device(made.by, made.organisation, *device, event, now)?;
    }
    let event = OrganisationEvent::PackageMade {
        digest: made.digest,
        devices: made.devices,
    };
    writing.note(made.by, Event::Of(made.organisation, event), now)?;
    writing.append_noted()?;
    newest_index(&writing.db)
}

/// Which entry was added last.
pub(super) fn newest_index(db: &Connection) -> Result<u64> {
    Ok(db
        .prepare_cached("SELECT size - 1 FROM ledger_head")?
        .query_row([], |row| row.get(0))?)
}

/// Drops a ledger that cannot be continued and begins another, which says so; how many entries were dropped.
pub(super) fn begin_anew(writing: &Writing, now: UnixTime) -> Result<Option<u64>> {
    match writing.edge(&writing.signer()?.1) {
        Ok(_) => return Ok(None),
        Err(StoreError::Ledger) => {}
        Err(other) => return Err(other),
    }
    let dropped = writing.db.execute("DELETE FROM ledger_entry", [])? as u64;
    writing.db.execute("DELETE FROM ledger_head", [])?;
    let event = Event::Installation(InstallationEvent::LedgerBegunAnew(dropped));
    writing.note(Actor::Administrator, event, now)?;
    Ok(Some(dropped))
}

/// The newest head as stored.
struct Newest {
    frontier: Frontier,
    time: UnixTime,
    signature: [u8; 64],
}

impl Newest {
    fn signed(&self, identity: Identity) -> SignedHead {
        SignedHead {
            head: Head {
                size: self.frontier.size(),
                root: self.frontier.root(),
                time: self.time,
            },
            identity,
            signature: self.signature,
        }
    }
}

fn newest(db: &Connection) -> Result<Option<Newest>> {
    let read = |row: &Row<'_>| {
        let (size, frontier): (u64, Vec<u8>) = (row.get("size")?, row.get("frontier")?);
        Ok((size, frontier, columns::time(row, "time")?, row.get("signature")?))
    };
    let mut statement = db.prepare_cached("SELECT size, frontier, time, signature FROM ledger_head")?;
    let Some((size, frontier, time, signature)) = statement.query_row([], read).optional()? else {
        return Ok(None);
    };
    let signature: Vec<u8> = signature;
    Ok(Some(Newest {
        frontier: Frontier::from_bytes(size, &frontier).ok_or(StoreError::Ledger)?,
        time,
        signature: signature.try_into().map_err(|_| StoreError::Ledger)?,
    }))
}

fn installation(db: &Connection) -> Result<[u8; 16]> {
    pair::installation(db)?.ok_or(StoreError::ForeignDatabase)
}

pub(super) fn identity(reading: &Reading) -> Result<Identity> {
    Ok(Identity {
        installation: installation(&reading.db)?,
        key: reading.keys.ledger_key()?.public(),
    })
}

pub(super) fn head(reading: &Reading) -> Result<Option<SignedHead>> {
    let newest = newest(&reading.db)?;
    newest
        .map(|newest| Ok(newest.signed(identity(reading)?)))
        .transpose()
}

fn stored(row: &Row<'_>) -> driver::Result<StoredEntry> {
    Ok(StoredEntry {
        index: row.get("idx")?,
        bytes: row.get("entry")?,
        leaf: Hash(row.get("leaf")?),
    })
}

pub(super) fn from(reading: &Reading, index: u64, limit: usize) -> Result<Vec<StoredEntry>> {
    let mut statement = reading
        .db
        .prepare_cached("SELECT idx, entry, leaf FROM ledger_entry WHERE idx >= ?1 ORDER BY idx LIMIT ?2")?;
    let rows = statement.query_map(params![index, limit], stored)?;
    Ok(rows.collect::<driver::Result<_>>()?)
}

pub(super) fn before(
    reading: &Reading,
    organisation: Option<OrganisationId>,
    index: u64,
    limit: usize,
) -> Result<Vec<StoredEntry>> {
    let read = |sql: &str, values: &[&dyn ToSql]| {
        let mut statement = reading.db.prepare_cached(sql)?;
        let rows = statement.query_map(values, stored)?;
        rows.collect::<driver::Result<_>>()
    };
    Ok(match organisation {
        Some(organisation) => read(
            "SELECT idx, entry, leaf FROM ledger_entry WHERE organisation = ?1 AND idx < ?2
             ORDER BY idx DESC LIMIT ?3",
            params![organisation.as_bytes(), index, limit],
        ),
        None => read(
            "SELECT idx, entry, leaf FROM ledger_entry WHERE idx < ?1 ORDER BY idx DESC LIMIT ?2",
            params![index, limit],
        ),
    }?)
}

/// Entries that hold the device's mark where those about a device have it; no other entry has those bytes there.
pub(super) fn of_device(
    reading: &Reading,
    (organisation, device): (OrganisationId, DeviceId),
    index: u64,
    limit: usize,
) -> Result<Vec<StoredEntry>> {
    let Some(mark) = device_mark(reading, organisation, device)? else {
        return Ok(Vec::new());
    };
    let mut statement = reading.db.prepare_cached(
        "SELECT idx, entry, leaf FROM ledger_entry
         WHERE organisation = ?1 AND substr(entry, 84, 16) = ?2 AND idx < ?3 ORDER BY idx DESC LIMIT ?4",
    )?;
    let rows = statement.query_map(params![organisation.as_bytes(), mark.0, index, limit], stored)?;
    Ok(rows.collect::<driver::Result<_>>()?)
}

pub(super) fn device_mark(
    reading: &Reading,
    organisation: OrganisationId,
    device: DeviceId,
) -> Result<Option<DeviceMark>> {
    let blind = reading.keys.blind_key(organisation)?;
    Ok(blind.map(|blind| DeviceMark(blind.ledger(device.as_bytes()))))
}
