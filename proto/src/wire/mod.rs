//! The messages between agent and collector: JSON over HTTP/1.1 and mutual TLS, closed against everything
//! that is not written here (requests; replies may grow, so that an agent works with a newer collector). `docs/wire.schema.json` is exported from these types by a test.

mod enrolment;
mod form;
mod link;
mod my_data;
mod problem;
mod records;
pub(crate) mod refusal;
mod report;
mod secret;

pub use enrolment::{
    EnrolmentReply, EnrolmentRequest, Platform, RecoveryChallenge, RecoveryRequest, RenewalReply,
    RenewalRequest, recovery_message,
};
pub use link::{InvalidLink, LinkToken};
pub use my_data::{
    HeldByProtocol, HeldCertificate, HeldReason, HeldUnder, HeldValue, LooksCounted, MyData, ProtocolReason,
};
pub use problem::{Problem, ProblemCode};
pub use records::{About, MAX_LINKS, MAX_RECORDS, RecordBatch, RecordsReply, SourceRecord};
pub use refusal::Refusal;
pub use report::{AgentVersion, Report, ReportReply};
pub use secret::{EnrolmentToken, InvalidToken};

/// The version of this contract. Rises when a message changes in a way that the other side must know of.
pub const VERSION: u16 = 1;

/// Largest body of a request that a collector reads, in bytes.
pub const MAX_BODY: usize = 16 * 1024;

/// The paths of the agents' port.
pub mod path {
    /// `POST`, no client certificate: [`super::EnrolmentRequest`] for [`super::EnrolmentReply`].
    pub const ENROLMENT: &str = "/v1/enrolment";
    /// `POST`: [`super::Report`] for [`super::ReportReply`].
    pub const REPORT: &str = "/v1/report";
    /// `POST`: [`super::RecordBatch`] for [`super::RecordsReply`].
    pub const RECORDS: &str = "/v1/records";
    /// `POST`: [`super::RenewalRequest`] for [`super::RenewalReply`].
    pub const RENEWAL: &str = "/v1/renewal";
    /// `GET` for [`super::RecoveryChallenge`], `POST` [`super::RecoveryRequest`] for [`super::RenewalReply`]; no
    /// client certificate, for it has lapsed.
    pub const RECOVERY: &str = "/v1/recovery";
    /// `GET` for [`crate::policy::SignedPolicy`].
    pub const POLICY: &str = "/v1/policy";
    /// `GET` for [`super::MyData`]: what is held of the asking device.
    pub const MY_DATA: &str = "/v1/my-data";
    /// `DELETE`: the device leaves; its data is deleted.
    pub const DEVICE: &str = "/v1/device";
}
