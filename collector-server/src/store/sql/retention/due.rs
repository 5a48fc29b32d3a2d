//! What is due, counted.

use zeef_proto::{DeviceId, OrganisationId, UnixTime};

use super::super::columns;
use super::silence;
use crate::retention::Expiry;
use crate::store::Result;
use crate::store::retention::{Backlog, Held};
use crate::store::sql::driver::{self, Connection, Row, params};

/// What has expired at `now` and is still stored.
pub(super) fn backlog(db: &Connection, now: UnixTime) -> Result<Backlog> {
    // due_at: the later of expiry and the end of the last hold; what is held is due later than now. LIMIT -1 keeps
    // SQLite from asking for the holds of a row more than once.
    let (expired, on_hold, oldest) = db
        .prepare_cached(
            "SELECT count(*) FILTER (WHERE due_at <= ?1), count(*) FILTER (WHERE due_at > ?1),
                    min(due_at) FILTER (WHERE due_at <= ?1)
             FROM (SELECT {max|greatest}(expires_at, coalesce((
                       SELECT max(ends) FROM legal_hold AS h
                       WHERE h.organisation = o.organisation AND (h.device IS NULL OR h.device = o.device)
                   ), 0)) AS due_at
                   FROM observation AS o
                   WHERE expires_at <= ?1 AND expires_at < 9223372036854775807
                   {LIMIT -1|}) AS expired",
        )?
        .query_row([now.0], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get::<_, Option<i64>>(2)?))
        })?;
    let next: Option<i64> = db
        .prepare_cached(
            "SELECT min(expires_at) FROM observation WHERE expires_at > ?1 AND expires_at < 9223372036854775807",
        )?
        .query_row([now.0], |row| row.get(0))?;
    Ok(Backlog {
        expired,
        on_hold,
        oldest: oldest.map(UnixTime),
        next: next.map(UnixTime),
        asked_about: silence::asked_about(db)?,
    })
}

/// Values that expire by `until`, the first to expire first.
pub(super) fn due(db: &Connection, until: UnixTime, after: Option<&Held>, limit: usize) -> Result<Vec<Held>> {
    let mut statement = db.prepare_cached(
        "SELECT organisation, device, field, source, product, first_seen, expires_at FROM observation
         WHERE expires_at <= ?1 AND expires_at < 9223372036854775807
           AND (expires_at, organisation, device, field, source, product, first_seen)
               > (?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ORDER BY expires_at, organisation, device, field, source, product, first_seen LIMIT ?9",
    )?;
    let key = Key::after(after);
    let key = params![
        until.0,
        key.expires_at,
        key.organisation,
        key.device,
        key.field,
        key.source,
        key.product,
        key.first_seen,
        limit
    ];
    counted(statement.query_map(key, held_row)?, limit)
}

/// All values, by device.
pub(super) fn held(db: &Connection, after: Option<&Held>, limit: usize) -> Result<Vec<Held>> {
    let mut statement = db.prepare_cached(
        "SELECT organisation, device, field, source, product, first_seen, expires_at FROM observation
         WHERE (organisation, device, field, source, product, first_seen, expires_at)
               > (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ORDER BY organisation, device, field, source, product, first_seen, expires_at LIMIT ?8",
    )?;
    let key = Key::after(after);
    let key = params![
        key.organisation,
        key.device,
        key.field,
        key.source,
        key.product,
        key.first_seen,
        key.expires_at,
        limit
    ];
    counted(statement.query_map(key, held_row)?, limit)
}

/// Devices with an agent: they end with their service, the others with their last value.
pub(super) fn enrolled(
    db: &Connection,
    after: Option<(OrganisationId, DeviceId)>,
    limit: usize,
) -> Result<Vec<(OrganisationId, DeviceId)>> {
    let mut statement = db.prepare_cached(
        "SELECT organisation, device FROM device
         WHERE platform IS NOT NULL AND (organisation, device) > (?1, ?2) ORDER BY organisation, device LIMIT ?3",
    )?;
    let zero = (OrganisationId::from_bytes([0; 16]), DeviceId::from_bytes([0; 16]));
    let (organisation, device) = after.unwrap_or(zero);
    let key = params![organisation.as_bytes(), device.as_bytes(), limit];
    Ok(statement
        .query_map(key, columns::key_of_device)?
        .collect::<driver::Result<_>>()?)
}

/// Joins rows that are alike. Done here and not by SQLite, which would sort all that is left for each page; the last of
/// a full page may have more of its kind on the next, and is left to it.
fn counted(rows: impl Iterator<Item = driver::Result<Held>>, limit: usize) -> Result<Vec<Held>> {
    let (mut page, mut read) = (Vec::<Held>::new(), 0);
    for row in rows {
        let row = row?;
        read += 1;
        match page.last_mut() {
            Some(last) if last.is_like(&row) => last.values += 1,
            _ => page.push(row),
        }
    }
    if read == limit && page.len() > 1 {
        page.pop();
    }
    Ok(page)
}

/// Where a page starts.
struct Key<'a> {
    organisation: &'a [u8; 16],
    device: &'a [u8; 16],
    field: &'a str,
    source: &'a str,
    product: &'a str,
    first_seen: i64,
    expires_at: i64,
}

impl<'a> Key<'a> {
    fn after(last: Option<&'a Held>) -> Self {
        last.map_or(
            Self {
                organisation: &[0; 16],
                device: &[0; 16],
                field: "",
                source: "",
                product: "",
                first_seen: i64::MIN,
                expires_at: i64::MIN,
            },
            |last| Self {
                organisation: last.organisation.as_bytes(),
                device: last.device.as_bytes(),
                field: last.field.name(),
                source: last.origin.source(),
                product: last.origin.product(),
                first_seen: last.first_seen.0,
                expires_at: last.expires_at.map_or(Expiry::WithService, Expiry::At).stored(),
            },
        )
    }
}

fn held_row(row: &Row<'_>) -> driver::Result<Held> {
    Ok(Held {
        organisation: columns::organisation_id(row)?,
        device: columns::device_id(row)?,
        field: columns::field(row)?,
        origin: columns::origin(row)?,
        first_seen: columns::time(row, "first_seen")?,
        expires_at: Expiry::from_stored(row.get("expires_at")?),
        values: 1,
    })
}
