//! How much an erasure deletes, counted before it does.

use std::collections::BTreeMap;
use zeef_proto::OrganisationId;
use zeef_proto::field::{Field, Parse};

use super::person;
use crate::erasure::{Counts, Subject};
use crate::seal::BlindKey;
use crate::store::sql::driver::{self, Connection, Row, ToSql, params};
use crate::store::{Result, StoreError};

pub(super) fn of(
    db: &Connection,
    blind: &BlindKey,
    organisation: OrganisationId,
    subject: &Subject,
) -> Result<Counts> {
    let of = organisation.as_bytes();
    match subject {
        Subject::Device(device) => {
            let key = params![of, device.as_bytes()];
            let count = |sql| count(db, sql, key);
            if count("SELECT count(*) FROM device WHERE organisation = ?1 AND device = ?2")? == 0 {
                return Err(StoreError::NotFound("device"));
            }
            Ok(Counts {
                device_keys: 1,
                devices: 1,
                holds: 0,
                index_entries: 1,
                links: count("SELECT count(*) FROM link WHERE organisation = ?1 AND device = ?2")?,
                observations: observations(
                    db,
                    "SELECT field, count(*) FROM observation WHERE organisation = ?1 AND device = ?2 GROUP BY field",
                    key,
                )?,
                organisation_keys: 0,
                questions: count(
                    "SELECT count(*) FROM device_silence WHERE organisation = ?1 AND device = ?2",
                )?,
                requests: 0,
                subscriptions: count(
                    "SELECT count(*) FROM subscription WHERE organisation = ?1 AND device = ?2",
                )?,
                tokens: 0,
            })
        }
        Subject::Person(name) => {
            let mark = blind.value(Field::Username, &name.matching_form());
            let mut counts = Counts::default();
            for holder in person::holders(db, organisation, &mark)? {
                counts.device_keys += 1;
                counts.index_entries += 1;
                counts.devices += u64::from(holder.vanishes);
                counts.links += person::count_links(db, organisation, &holder, &mark)?;
                *counts
                    .observations
                    .entry(Field::Username.name().to_owned())
                    .or_default() += holder.values;
            }
            Ok(counts)
        }
        Subject::Organisation => {
            let count = |sql| count(db, sql, params![of]);
            let devices = count("SELECT count(*) FROM device WHERE organisation = ?1")?;
            Ok(Counts {
                device_keys: devices,
                devices,
                holds: count("SELECT count(*) FROM legal_hold WHERE organisation = ?1")?,
                index_entries: devices,
                links: count("SELECT count(*) FROM link WHERE organisation = ?1")?,
                observations: observations(
                    db,
                    "SELECT field, count(*) FROM observation WHERE organisation = ?1 GROUP BY field",
                    params![of],
                )?,
                organisation_keys: 1,
                questions: count("SELECT count(*) FROM device_silence WHERE organisation = ?1")?,
                requests: count("SELECT count(*) FROM request WHERE organisation = ?1")?,
                subscriptions: count("SELECT count(*) FROM subscription WHERE organisation = ?1")?,
                tokens: count("SELECT count(*) FROM token WHERE organisation = ?1")?,
            })
        }
    }
}

pub(super) fn count(db: &Connection, sql: &str, key: &[&dyn ToSql]) -> Result<u64> {
    Ok(db.prepare_cached(sql)?.query_row(key, |row| row.get(0))?)
}

fn observations(db: &Connection, sql: &str, key: &[&dyn ToSql]) -> Result<BTreeMap<String, u64>> {
    let mut statement = db.prepare_cached(sql)?;
    let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
    Ok(statement.query_map(key, read)?.collect::<driver::Result<_>>()?)
}
