//! A batch of sources' records, and what became of it.

use zeef_proto::policy::ProductId;
use zeef_proto::wire::RecordBatch;
use zeef_proto::{DeviceId, OrganisationId, UnixTime};

use super::records::Standing;

/// A batch with what the connection says about it.
pub struct IncomingRecords {
    /// From the certificate.
    pub organisation: OrganisationId,
    /// From the certificate: who sends it.
    pub device: DeviceId,
    /// What was sent.
    pub batch: RecordBatch,
    /// The body as received; only a keyed check value of it is stored.
    pub body: bytes::Bytes,
    /// Time of receipt.
    pub now: UnixTime,
}

/// What became of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordsOutcome {
    /// Decided on and durable, now or before.
    Stored {
        /// What became of its records; all zero where it had been stored before.
        counts: RecordCounts,
        /// It had been stored before.
        repeated: bool,
        /// Products of the device that sends.
        products: Vec<ProductId>,
        /// Version of the published policy.
        policy: u64,
    },
    /// It tells of other devices, which nobody has allowed this one. Nothing of it was stored.
    SiteNotAllowed,
    /// Another batch had this number.
    SequenceFork,
    /// The device may not send.
    NotAdmitted(Standing),
}

/// What became of the records of one batch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RecordCounts {
    /// Held.
    pub stored: u32,
    /// Left out: a field is not documented for their product, the product is not running, or the device was erased.
    pub not_documented: u32,
    /// Held, of those `stored`, as a device of their own because they fitted several.
    pub ambiguous: u32,
}
