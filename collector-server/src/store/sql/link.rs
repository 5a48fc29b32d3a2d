//! By what the next record of a device is known, and which devices a record's identity leads to.
//!
//! Where the planner could as well go through a whole organisation, the index is named.

use zeef_proto::wire::{About, SourceRecord};
use zeef_proto::{DeviceId, OrganisationId, UnixTime};

use super::columns;
use crate::join::{Candidate, Found, Identity, Key};
use crate::seal::{BlindKey, Digest16};
use crate::store::sql::driver::{self, Connection, ToSql, params};
use crate::store::{Origin, Result};

/// What a mark stands for, as stored.
#[derive(Clone, Copy)]
enum Kind {
    /// A link token.
    Link = 0,
    /// A link token whose records were set apart.
    Apart = 1,
    /// A record of a site without link tokens, as it was last said.
    Said = 2,
}

/// The marks of one record.
pub(super) struct Marks {
    links: Vec<Digest16>,
    apart: Vec<Digest16>,
    said: Option<Digest16>,
}

impl Marks {
    pub(super) fn of(record: &SourceRecord, blind: &BlindKey) -> Self {
        let each = |mark: fn(&BlindKey, &str) -> Digest16| {
            let tokens = record.links.iter();
            tokens.map(|token| mark(blind, token.as_str())).collect()
        };
        Self {
            links: each(BlindKey::link),
            apart: each(BlindKey::apart),
            said: (record.about == About::SiteDevice && record.links.is_empty())
                .then(|| blind.said(&record.to_bytes())),
        }
    }
}

impl Marks {
    /// All of them.
    pub(super) fn all(&self) -> impl Iterator<Item = Digest16> {
        self.links.iter().chain(&self.apart).chain(&self.said).copied()
    }
}

/// Looks for a record's device in one organisation, as it is at `now`.
pub(super) struct Search<'a> {
    pub(super) db: &'a Connection,
    pub(super) organisation: OrganisationId,
    pub(super) blind: &'a BlindKey,
    pub(super) now: UnixTime,
}

impl Search<'_> {
    /// The devices that a record's identity leads to. A mark counts while its source has a live value there.
    pub(super) fn find(&self, identity: &Identity, marks: &Marks, origin: &Origin) -> Result<Found> {
        let mut found = Found::default();
        for mark in &marks.apart {
            found.before.extend(self.marked_by(origin, mark, Kind::Apart)?);
        }
        if let Some(mark) = &marks.said {
            found.before.extend(self.marked_by(origin, mark, Kind::Said)?);
        }
        for mark in &marks.links {
            found.linked.extend(self.linked(mark)?);
        }
        for key in &identity.keys {
            for device in self.holding(key)? {
                found.alike.push(Candidate {
                    device,
                    linked_by_source: self.is_linked_by(origin, device)?,
                });
            }
        }
        Ok(found)
    }

    fn marked_by(&self, origin: &Origin, mark: &Digest16, kind: Kind) -> Result<Vec<DeviceId>> {
        self.devices(
            "SELECT device FROM link AS l
             WHERE organisation = ?1 AND mark = ?2 AND kind = ?3 AND source = ?4 AND product = ?5
               AND EXISTS (SELECT 1 FROM observation AS o
                           WHERE o.organisation = l.organisation AND o.device = l.device
                             AND o.source = l.source AND o.product = l.product AND o.expires_at > ?6)",
            params![
                self.organisation.as_bytes(),
                mark,
                kind as i64,
                origin.source(),
                origin.product(),
                self.now.0
            ],
        )
    }

    fn linked(&self, mark: &Digest16) -> Result<Vec<DeviceId>> {
        self.devices(
            "SELECT DISTINCT device FROM link AS l
             WHERE organisation = ?1 AND mark = ?2 AND kind = ?3
               AND EXISTS (SELECT 1 FROM observation AS o
                           WHERE o.organisation = l.organisation AND o.device = l.device
                             AND o.source = l.source AND o.product = l.product AND o.expires_at > ?4)",
            params![self.organisation.as_bytes(), mark, Kind::Link as i64, self.now.0],
        )
    }

    /// Devices that hold all values of a key.
    fn holding(&self, key: &Key) -> Result<Vec<DeviceId>> {
        let mut devices: Option<Vec<DeviceId>> = None;
        for (field, form) in &key.0 {
            let blind = self.blind.value(*field, form);
            let key = params![self.organisation.as_bytes(), field.name(), blind, self.now.0];
            devices = Some(match devices {
                None => self.devices(
                    "SELECT DISTINCT device FROM observation {INDEXED BY observation_blind|}
                     WHERE organisation = ?1 AND field = ?2 AND blind = ?3 AND expires_at > ?4",
                    key,
                )?,
                Some(mut held) => {
                    let mut also = self.db.prepare_cached(
                        "SELECT 1 FROM observation
                         WHERE organisation = ?1 AND field = ?2 AND blind = ?3 AND expires_at > ?4 AND device = ?5",
                    )?;
                    let mut kept = Vec::new();
                    for device in held.drain(..) {
                        let organisation = self.organisation.as_bytes();
                        if also.exists(params![
                            organisation,
                            field.name(),
                            blind,
                            self.now.0,
                            device.as_bytes()
                        ])? {
                            kept.push(device);
                        }
                    }
                    kept
                }
            });
        }
        Ok(devices.unwrap_or_default())
    }

    fn is_linked_by(&self, origin: &Origin, device: DeviceId) -> Result<bool> {
        Ok(self
            .db
            .prepare_cached(
                "SELECT 1 FROM link AS l {INDEXED BY link_device|}
                 WHERE organisation = ?1 AND device = ?2 AND source = ?3 AND product = ?4 AND kind = ?5
                   AND EXISTS (SELECT 1 FROM observation AS o
                               WHERE o.organisation = l.organisation AND o.device = l.device
                                 AND o.source = l.source AND o.product = l.product AND o.expires_at > ?6)",
            )?
            .exists(params![
                self.organisation.as_bytes(),
                device.as_bytes(),
                origin.source(),
                origin.product(),
                Kind::Link as i64,
                self.now.0
            ])?)
    }

    fn devices(&self, sql: &str, key: &[&dyn ToSql]) -> Result<Vec<DeviceId>> {
        let mut statement = self.db.prepare_cached(sql)?;
        Ok(statement
            .query_map(key, columns::device_id)?
            .collect::<driver::Result<_>>()?)
    }
}

/// Notes by what the next record of the device is known; `apart` where this one's link tokens do not lead elsewhere.
pub(super) fn remember(
    db: &Connection,
    (organisation, device): (OrganisationId, DeviceId),
    origin: &Origin,
    marks: &Marks,
    apart: bool,
) -> Result<()> {
    let insert = |mark: &Digest16, kind: Kind| {
        db.prepare_cached("INSERT INTO link VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING")?
            .execute(params![
                organisation.as_bytes(),
                mark,
                device.as_bytes(),
                origin.source(),
                origin.product(),
                kind as i64
            ])
    };
    for mark in &marks.links {
        insert(mark, Kind::Link)?;
    }
    for mark in marks.apart.iter().filter(|_| apart) {
        insert(mark, Kind::Apart)?;
    }
    if let Some(mark) = &marks.said {
        db.prepare_cached(
            "DELETE FROM link {INDEXED BY link_device|} WHERE organisation = ?1 AND device = ?2 AND source = ?3 AND product = ?4
             AND kind = ?5 AND mark <> ?6",
        )?
        .execute(params![
            organisation.as_bytes(),
            device.as_bytes(),
            origin.source(),
            origin.product(),
            Kind::Said as i64,
            mark
        ])?;
        insert(mark, Kind::Said)?;
    }
    Ok(())
}

/// Deletes what leads an origin to a device of which it holds nothing any more.
pub(super) fn forget_without_values(
    db: &Connection,
    organisation: OrganisationId,
    device: DeviceId,
    origin: &Origin,
    now: UnixTime,
) -> Result<()> {
    db.prepare_cached(
        "DELETE FROM link AS l
         WHERE organisation = ?1 AND device = ?2 AND source = ?3 AND product = ?4
           AND NOT EXISTS (SELECT 1 FROM observation AS o
                           WHERE o.organisation = l.organisation AND o.device = l.device
                             AND o.source = l.source AND o.product = l.product AND o.expires_at > ?5)",
    )?
    .execute(params![
        organisation.as_bytes(),
        device.as_bytes(),
        origin.source(),
        origin.product(),
        now.0
    ])?;
    Ok(())
}
