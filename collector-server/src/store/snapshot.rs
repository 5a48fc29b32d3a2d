//! Many devices as they are at one instant.

use async_trait::async_trait;
use tokio::sync::mpsc::Sender;
use zeef_proto::policy::ProductId;
use zeef_proto::{DeviceId, OrganisationId, UnixTime};

use super::Result;
use super::records::Device;
use crate::ledger::DeviceMark;

/// Which devices of an organisation.
#[derive(Clone)]
pub enum Which {
    /// All of them.
    All,
    /// One.
    Device(DeviceId),
    /// Those that hold this username, in its matching form.
    OfUser(String),
}

/// A device with its products.
#[derive(Debug, Clone)]
pub struct DeviceThen {
    /// The device, with the values that are not expired.
    pub device: Device,
    /// Products that it is subscribed to.
    pub products: Vec<ProductId>,
    /// How the ledger names it.
    pub mark: DeviceMark,
}

/// Reads that take longer than one look.
#[async_trait]
pub trait SnapshotStore: Send + Sync {
    /// Sends devices in order of id, some hundreds at a time, all as of one instant: what is stored meanwhile is not in
    /// it. Stops where the receiver is gone. One of the few readers is taken until the last is sent, so a receiver must
    /// not wait for anybody.
    ///
    /// # Errors
    /// [`super::StoreError::NotFound`] where there is no such organisation; those of the store. What was sent until then is to be thrown away.
    async fn snapshot(
        &self,
        organisation: OrganisationId,
        which: Which,
        now: UnixTime,
        to: Sender<Vec<DeviceThen>>,
    ) -> Result<()>;
}
