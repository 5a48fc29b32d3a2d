//! The end of a request: first of what was said, then of its record, of which a count is left.

use zeef_proto::id::RequestId;
use zeef_proto::{OrganisationId, UnixTime};

use super::super::columns;
use super::correction;
use crate::requests::{Kind, Outcome, closed_in};
use crate::store::Result;
use crate::store::requests::Counted;
use crate::store::sql::driver::{self, Connection, Row, params};

/// Deletes what is past its term; how much.
pub(in crate::store::sql) fn purge(db: &Connection, now: UnixTime) -> Result<usize> {
    let names = db
        .prepare_cached(
            "UPDATE request_task SET named = NULL WHERE kind = 2 AND named IS NOT NULL
             AND (organisation, request) IN (SELECT organisation, request FROM request
                                             WHERE contact_until <= ?1 AND held = 0)",
        )?
        .execute([now.0])?;
    let details = db
        .prepare_cached(
            "UPDATE request SET details = NULL WHERE contact_until <= ?1 AND held = 0 AND details IS NOT NULL",
        )?
        .execute([now.0])?;
    Ok(names + details + records(db, now)? + correction::purge(db)?)
}

struct Past {
    organisation: OrganisationId,
    request: RequestId,
    kind: i64,
    ending: i64,
    closed_at: UnixTime,
}

fn records(db: &Connection, now: UnixTime) -> Result<usize> {
    let past: Vec<Past> = {
        let mut statement = db.prepare_cached(
            "SELECT organisation, request, kind, ending, closed_at FROM request
             WHERE record_until <= ?1 AND held = 0",
        )?;
        let read = |row: &Row<'_>| {
            Ok(Past {
                organisation: columns::organisation_id(row)?,
                request: RequestId::from_bytes(row.get("request")?),
                kind: row.get("kind")?,
                ending: row.get("ending")?,
                closed_at: columns::time(row, "closed_at")?,
            })
        };
        statement
            .query_map([now.0], read)?
            .collect::<driver::Result<_>>()?
    };
    for one in &past {
        db.prepare_cached(
            "INSERT INTO request_count (organisation, year, kind, ending, requests) VALUES (?1, ?2, ?3, ?4, 1)
             ON CONFLICT (organisation, year, kind, ending)
             DO UPDATE SET requests = request_count.requests + 1",
        )?
        .execute(params![
            one.organisation.as_bytes(),
            i64::from(closed_in(one.closed_at)),
            one.kind,
            one.ending
        ])?;
        db.prepare_cached("DELETE FROM request WHERE organisation = ?1 AND request = ?2")?
            .execute(params![one.organisation.as_bytes(), one.request.as_bytes()])?;
    }
    Ok(past.len())
}

pub(super) fn counted(db: &Connection, organisation: OrganisationId) -> Result<Vec<Counted>> {
    let mut statement = db.prepare_cached(
        "SELECT year, kind, ending, requests FROM request_count WHERE organisation = ?1
         ORDER BY year DESC, kind, ending",
    )?;
    let read = |row: &Row<'_>| {
        let small = |column: &str| u8::try_from(row.get::<_, i64>(column)?).map_err(|_| driver::Error::Type);
        Ok(Counted {
            year: i16::try_from(row.get::<_, i64>("year")?).map_err(|_| driver::Error::Type)?,
            kind: Kind::from_number(small("kind")?).ok_or(driver::Error::Type)?,
            ending: Outcome::from_number(small("ending")?).ok_or(driver::Error::Type)?,
            requests: row.get("requests")?,
        })
    };
    let rows = statement.query_map([organisation.as_bytes()], read)?;
    Ok(rows.collect::<driver::Result<_>>()?)
}
