//! One device's record from a store.

use zeef_proto::policy::Policy;
use zeef_proto::time::DAY;
use zeef_proto::wire::MyData;
use zeef_proto::{DeviceId, OrganisationId, UnixTime};

use super::{Holding, Looks, compose};
use crate::store::records::Device;
use crate::store::{Result, Store};

/// How far back looks are told, in seconds.
const LOOKS_TOLD: i64 = 366 * DAY;

/// Entries of the ledger in which looks at one device are sought at most.
const MOST_ENTRIES: usize = 5_000;

/// What is told of one device, and from what.
pub struct Told {
    /// The record.
    pub data: MyData,
    /// The device as the store has it.
    pub device: Device,
    /// Looks that concern it, newest first.
    pub looks: Looks,
}

/// Reads the record of one device at `now`; `None` where there is no such device. Whoever shows it notes the look.
///
/// # Errors
/// Those of the store.
pub async fn read(
    store: &dyn Store,
    (organisation, device): (OrganisationId, DeviceId),
    policy: Option<&Policy>,
    now: UnixTime,
) -> Result<Option<Told>> {
    let (Some(owner), Some(found), Some(mark)) = (
        store.organisation(organisation).await?,
        store.device(organisation, device, now).await?,
        store.device_mark(organisation, device).await?,
    ) else {
        return Ok(None);
    };
    let products = store.products(organisation, device, now).await?;
    let since = found.known_since.max(now.plus(-LOOKS_TOLD));
    let newest = (since, i64::MAX as u64);
    let looks = Looks::read(store, organisation, newest, MOST_ENTRIES, MOST_ENTRIES).await?;
    let holding = Holding {
        device: &found,
        organisation: &owner.name,
        products: &products,
        policy,
        looks: looks.counted(mark),
    };
    Ok(Some(Told {
        data: compose(holding, now),
        looks: looks.concerning(mark),
        device: found,
    }))
}
