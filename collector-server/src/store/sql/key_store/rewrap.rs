//! Another key-encryption key: every key of the store is wrapped anew, in one transaction, and no data is touched.

use std::sync::Arc;

use zeef_proto::{DeviceId, OrganisationId};

use super::{KeyStore, backup_key, device_place, installation_place, organisation_place, rotation};
use crate::failpoint::{Point, reached};
use crate::seal::KeyEncryptionKey;
use crate::store::sql::driver::{self, params};
use crate::store::{Result, StoreError};

/// One table of wrapped keys. A row is named by two parts, of which the second is empty where one is enough.
struct Table {
    count: &'static str,
    /// The next thousand rows after one.
    batch: &'static str,
    update: &'static str,
    /// Where in the store the key of a row stands.
    place: fn(&Name) -> Option<Vec<u8>>,
}

type Name = (Vec<u8>, Vec<u8>);

const TABLES: [Table; 5] = [
    Table {
        count: "SELECT count(*) FROM installation_key",
        batch: "SELECT {CAST(purpose AS BLOB)|convert_to(purpose, 'UTF8')}, {x''|''::bytea}, wrapped FROM installation_key
                WHERE purpose > {CAST(?1 AS TEXT)|convert_from(?1, 'UTF8')} AND ?2 = {x''|''::bytea} ORDER BY purpose LIMIT 1000",
        update: "UPDATE installation_key SET wrapped = ?3 WHERE purpose = {CAST(?1 AS TEXT)|convert_from(?1, 'UTF8')} AND ?2 = {x''|''::bytea}",
        place: |name| std::str::from_utf8(&name.0).ok().map(installation_place),
    },
    Table {
        count: "SELECT count(*) FROM organisation_key",
        batch: "SELECT organisation, {x''|''::bytea}, wrapped FROM organisation_key
                WHERE organisation > ?1 AND ?2 = {x''|''::bytea} ORDER BY organisation LIMIT 1000",
        update: "UPDATE organisation_key SET wrapped = ?3 WHERE organisation = ?1 AND ?2 = {x''|''::bytea}",
        place: |name| {
            id(&name.0)
                .map(OrganisationId::from_bytes)
                .map(organisation_place)
        },
    },
    Table {
        count: "SELECT count(*) FROM device_key",
        batch: "SELECT organisation, device, wrapped FROM device_key
                WHERE (organisation, device) > (?1, ?2) ORDER BY organisation, device LIMIT 1000",
        update: "UPDATE device_key SET wrapped = ?3 WHERE organisation = ?1 AND device = ?2",
        place: |name| {
            let organisation = id(&name.0).map(OrganisationId::from_bytes)?;
            Some(device_place(organisation, DeviceId::from_bytes(id(&name.1)?)))
        },
    },
    Table {
        count: "SELECT count(*) FROM backup_key",
        batch: "SELECT backup, {x''|''::bytea}, wrapped FROM backup_key
                WHERE backup > ?1 AND ?2 = {x''|''::bytea} ORDER BY backup LIMIT 1000",
        update: "UPDATE backup_key SET wrapped = ?3 WHERE backup = ?1 AND ?2 = {x''|''::bytea}",
        place: |name| Some(backup_key::place(&id(&name.0)?)),
    },
    Table {
        count: "SELECT count(*) FROM next_device_key",
        batch: "SELECT rotation, {x''|''::bytea}, wrapped FROM next_device_key
                WHERE rotation > ?1 AND ?2 = {x''|''::bytea} ORDER BY rotation LIMIT 1000",
        update: "UPDATE next_device_key SET wrapped = ?3 WHERE rotation = ?1 AND ?2 = {x''|''::bytea}",
        place: |name| Some(rotation::place(&id(&name.0)?)),
    },
];

fn id(bytes: &[u8]) -> Option<[u8; 16]> {
    bytes.try_into().ok()
}

impl KeyStore {
    /// Wraps every key by `new` instead of the present key and gives how many there were; `progress` is told how many
    /// of how many are done. The former key opens nothing of this file any more. With an error nothing has changed.
    pub(in crate::store::sql) fn rewrap(
        &mut self,
        new: KeyEncryptionKey,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<u64> {
        self.begin()?;
        let rewrapped = self
            .rewrap_tables(&new, progress)
            .and_then(|count| self.commit().map(|_| count));
        reached(Point::KeysRewrapped);
        match rewrapped {
            Ok(_) => self.wrapping = Arc::new(new),
            Err(_) => self.roll_back(),
        }
        rewrapped
    }

    fn rewrap_tables(&self, new: &KeyEncryptionKey, progress: &mut dyn FnMut(u64, u64)) -> Result<u64> {
        let count = |table: &Table| self.db.query_row(table.count, [], |row| row.get::<_, u64>(0));
        let total = TABLES.iter().map(count).sum::<driver::Result<u64>>()?;
        let mut done = 0;
        for table in &TABLES {
            let mut last = Name::default();
            loop {
                let rows = self.batch(table, &last)?;
                let Some((name, _)) = rows.last() else { break };
                last.clone_from(name);
                for (name, wrapped) in &rows {
                    let place = (table.place)(name).ok_or(StoreError::Unsealing)?;
                    let key = self.wrapping.unwrap_key(&place, wrapped)?;
                    self.db.prepare_cached(table.update)?.execute(params![
                        name.0,
                        name.1,
                        new.wrap(&place, &key).0
                    ])?;
                }
                done += rows.len() as u64;
                reached(Point::TableRewrapped);
                progress(done, total);
            }
        }
        Ok(total)
    }

    fn batch(&self, table: &Table, after: &Name) -> Result<Vec<(Name, Vec<u8>)>> {
        let mut statement = self.db.prepare_cached(table.batch)?;
        let rows = statement.query_map(params![after.0, after.1], |row| {
            Ok(((row.get(0)?, row.get(1)?), row.get(2)?))
        })?;
        Ok(rows.collect::<driver::Result<_>>()?)
    }
}
