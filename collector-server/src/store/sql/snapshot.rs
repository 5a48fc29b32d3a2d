//! Many devices in one snapshot.

use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use tokio::sync::mpsc::Sender;
use zeef_proto::field::Field;
use zeef_proto::{DeviceId, OrganisationId, UnixTime};

use super::readers::Reading;
use super::{SqlStore, cache, columns, inventory};
use crate::ledger::DeviceMark;
use crate::store::snapshot::{DeviceThen, SnapshotStore, Which};
use crate::store::{Result, StoreError};

/// Devices that are sent at once.
const BATCH: usize = 200;

#[async_trait]
impl SnapshotStore for SqlStore {
    async fn snapshot(
        &self,
        organisation: OrganisationId,
        which: Which,
        now: UnixTime,
        to: Sender<Vec<DeviceThen>>,
    ) -> Result<()> {
        let now = self.high_water.at(now);
        let begun = AtomicBool::new(false);
        self.readers
            .run(move |reading| {
                // A read is tried again where its server was lost, and what was sent cannot be taken back.
                if begun.swap(true, Ordering::Relaxed) {
                    return Err(StoreError::Unreachable);
                }
                send(reading, organisation, &which, now, &to)
            })
            .await
    }
}

fn send(
    reading: &Reading,
    organisation: OrganisationId,
    which: &Which,
    now: UnixTime,
    to: &Sender<Vec<DeviceThen>>,
) -> Result<()> {
    let blind = reading
        .keys
        .blind_key(organisation)?
        .ok_or(StoreError::NotFound("organisation"))?;
    let subscriptions = columns::subscriptions(&reading.db, organisation)?;
    let read = |id: &DeviceId| {
        let device = inventory::device(reading, organisation, *id, now).transpose()?;
        Some(device.map(|device| DeviceThen {
            mark: DeviceMark(blind.ledger(id.as_bytes())),
            products: cache::products(&subscriptions, *id, now),
            device,
        }))
    };
    let send = |ids: &[DeviceId]| -> Result<bool> {
        let devices = ids.iter().filter_map(read).collect::<Result<Vec<_>>>()?;
        Ok(to.blocking_send(devices).is_ok())
    };
    let ids = match which {
        Which::All => return send_all(reading, organisation, send),
        Which::Device(device) => vec![*device],
        Which::OfUser(form) => inventory::devices_with(reading, organisation, Field::Username, form, now)?,
    };
    for ids in ids.chunks(BATCH) {
        if !send(ids)? {
            break;
        }
    }
    Ok(())
}

fn send_all(
    reading: &Reading,
    organisation: OrganisationId,
    send: impl Fn(&[DeviceId]) -> Result<bool>,
) -> Result<()> {
    let mut after = None;
    loop {
        let ids = inventory::device_ids(reading, Some(organisation), after, BATCH)?;
        after = ids.last().copied();
        let ids: Vec<_> = ids.into_iter().map(|(_, device)| device).collect();
        if ids.is_empty() || !send(&ids)? {
            return Ok(());
        }
    }
}
