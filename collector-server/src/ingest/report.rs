//! Reports: read whole, decided and stored in one transaction, then acknowledged.

use bytes::Bytes;
use tokio::time::Instant;
use zeef_proto::wire::{ProblemCode, Report, ReportReply};
use zeef_proto::{Logged, UnixTime};

use super::Ingest;
use super::answer::{Answer, Refused, check_standing, check_wire, json};
use super::peer::Peer;
use crate::operations::ReportResult;
use crate::pki::DeviceIdentity;
use crate::store::records::{IncomingReport, ReportOutcome, Standing};

impl Ingest {
    pub(super) async fn report(
        &self,
        identity: DeviceIdentity,
        peer: &Peer,
        body: Bytes,
        now: UnixTime,
    ) -> Answer {
        let report = Report::read(&body)?;
        check_wire(report.wire)?;
        let acknowledged = report.sequence;
        let incoming = IncomingReport {
            organisation: identity.organisation,
            device: identity.device,
            report,
            body,
            public_ip: peer.public_ip,
            now,
        };
        let begun = Instant::now();
        match self.store.record_report(incoming).await? {
            ReportOutcome::Stored {
                send_all,
                repeated,
                products,
                policy,
            } => {
                let result = if repeated {
                    ReportResult::Repeated
                } else {
                    ReportResult::Stored
                };
                self.metrics.report(result, begun.elapsed());
                Ok(json(&ReportReply {
                    acknowledged,
                    send_all,
                    policy,
                    products,
                    time: now,
                }))
            }
            ReportOutcome::Refused(refusal) => {
                Err(Refused::because(ProblemCode::NotDocumented, refusal.to_string()))
            }
            ReportOutcome::SequenceFork => {
                tracing::warn!(
                    organisation = %Logged(&identity.organisation),
                    device = %Logged(&identity.device),
                    "a report's number came twice: the device's state was copied or restored"
                );
                Err(Refused::new(ProblemCode::SequenceFork))
            }
            // A device that may report is not refused for its standing; should a store say so, it is unknown.
            ReportOutcome::NotAdmitted(Standing::Active) => {
                Err(Refused::new(ProblemCode::CertificateUnknown))
            }
            ReportOutcome::NotAdmitted(standing) => {
                check_standing(standing)?;
                Err(Refused::new(ProblemCode::CertificateUnknown))
            }
        }
    }
}
