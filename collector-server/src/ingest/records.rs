//! Records of other products: a batch read whole, decided and stored in one transaction, then acknowledged.

use bytes::Bytes;
use zeef_proto::wire::{ProblemCode, RecordBatch, RecordsReply};
use zeef_proto::{Logged, UnixTime};

use super::Ingest;
use super::answer::{Answer, Refused, check_standing, check_wire, json};
use crate::pki::DeviceIdentity;
use crate::store::batch::{IncomingRecords, RecordsOutcome};

impl Ingest {
    pub(super) async fn records(&self, identity: DeviceIdentity, body: Bytes, now: UnixTime) -> Answer {
        let batch = RecordBatch::read(&body)?;
        check_wire(batch.wire)?;
        let acknowledged = batch.sequence;
        let incoming = IncomingRecords {
            organisation: identity.organisation,
            device: identity.device,
            batch,
            body,
            now,
        };
        match self.store.record_batch(incoming).await? {
            RecordsOutcome::Stored {
                counts,
                repeated: _,
                products,
                policy,
            } => {
                self.metrics.records(counts);
                Ok(json(&RecordsReply {
                    acknowledged,
                    stored: counts.stored,
                    not_documented: counts.not_documented,
                    ambiguous: counts.ambiguous,
                    policy,
                    products,
                }))
            }
            RecordsOutcome::SiteNotAllowed => Err(Refused::new(ProblemCode::SiteNotAllowed)),
            RecordsOutcome::SequenceFork => {
                tracing::warn!(
                    organisation = %Logged(&identity.organisation),
                    device = %Logged(&identity.device),
                    "the number of a batch of records came twice: the device's state was copied or restored"
                );
                Err(Refused::new(ProblemCode::SequenceFork))
            }
            RecordsOutcome::NotAdmitted(standing) => {
                check_standing(standing)?;
                Err(Refused::new(ProblemCode::CertificateUnknown))
            }
        }
    }
}
