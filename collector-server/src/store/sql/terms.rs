//! Terms of what is held already, set anew when a subscription or the policy changes.

use zeef_proto::field::Field;
use zeef_proto::{DeviceId, OrganisationId, UnixTime};

use super::columns::{self, note_change};
use super::writer::Writing;
use crate::retention::Expiry;
use crate::store::sql::driver::{self, Row, params};
use crate::store::{Origin, Result};

/// Observations looked at in one go.
const PAGE: usize = 1_000;

/// One held value, as far as its term goes.
struct Held {
    device: DeviceId,
    field: Field,
    blind: [u8; 16],
    origin: Origin,
    first_seen: UnixTime,
    expires_at: i64,
}

/// Gives every live value of an organisation its term under today's subscriptions and policy. What nothing documents
/// any more expires now; what has expired stays expired. `now` is a time that is believed.
pub(super) fn set_anew(writing: &mut Writing, organisation: OrganisationId, now: UnixTime) -> Result<()> {
    writing.cache.organisations.remove(&organisation);
    let Some(published) = writing.policy()? else {
        return Ok(());
    };
    let facts = writing.organisation(organisation)?;
    let mut last: Option<Held> = None;
    loop {
        let page = page(writing, organisation, last.as_ref())?;
        for held in &page {
            if held.expires_at <= now.0 {
                continue;
            }
            let key = (held.device, held.field, &held.origin);
            let term = writing.expiry(&published, &facts, key, held.first_seen);
            // Not earlier than now, for deletion is late only from when it could have been known to be due.
            let expires_at = term.unwrap_or(Expiry::At(now)).max(Expiry::At(now)).stored();
            if expires_at != held.expires_at {
                set(writing, organisation, held, expires_at)?;
            }
        }
        last = page.into_iter().last();
        if last.is_none() {
            return Ok(());
        }
    }
}

fn page(writing: &Writing, organisation: OrganisationId, after: Option<&Held>) -> Result<Vec<Held>> {
    let mut statement = writing.db.prepare_cached(
        "SELECT device, field, blind, source, product, first_seen, expires_at FROM observation
         WHERE organisation = ?1 AND (device, field, blind, source, product) > (?2, ?3, ?4, ?5, ?6)
         ORDER BY device, field, blind, source, product LIMIT ?7",
    )?;
    let start = (DeviceId::from_bytes([0; 16]), "", [0; 16], "", "");
    let (device, field, blind, source, product) = after.map_or(start, |held| {
        let origin = &held.origin;
        (
            held.device,
            held.field.name(),
            held.blind,
            origin.source(),
            origin.product(),
        )
    });
    let organisation = organisation.as_bytes();
    let key = params![
        organisation,
        device.as_bytes(),
        field,
        blind,
        source,
        product,
        PAGE
    ];
    let read = |row: &Row<'_>| {
        Ok(Held {
            device: columns::device_id(row)?,
            field: columns::field(row)?,
            blind: row.get("blind")?,
            origin: columns::origin(row)?,
            first_seen: columns::time(row, "first_seen")?,
            expires_at: row.get("expires_at")?,
        })
    };
    Ok(statement.query_map(key, read)?.collect::<driver::Result<_>>()?)
}

fn set(writing: &Writing, organisation: OrganisationId, held: &Held, expires_at: i64) -> Result<()> {
    writing
        .db
        .prepare_cached(
            "UPDATE observation SET expires_at = ?7
             WHERE organisation = ?1 AND device = ?2 AND field = ?3 AND blind = ?4 AND source = ?5 AND product = ?6",
        )?
        .execute(params![
            organisation.as_bytes(),
            held.device.as_bytes(),
            held.field.name(),
            held.blind,
            held.origin.source(),
            held.origin.product(),
            expires_at
        ])?;
    note_change(&writing.db, organisation, held.device)
}
