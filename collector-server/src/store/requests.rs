//! Requests of people whose data is held, and what they leave at devices: corrections and restrictions.

use async_trait::async_trait;
use zeef_proto::field::{Field, Username};
use zeef_proto::id::{ReceiptId, RequestId};
use zeef_proto::{DeviceId, OrganisationId, UnixTime};

use super::Result;
use crate::requests::{Case, Details, Kind, Line, Officer, Outcome, Refused, Rules, Step};

/// A request to be opened.
#[derive(Debug, Clone)]
pub struct NewRequest {
    /// Its id.
    pub id: RequestId,
    /// Whose data it is about.
    pub organisation: OrganisationId,
    /// What is asked for.
    pub kind: Kind,
    /// When it came in, not later than now: a letter lies a day.
    pub received: UnixTime,
    /// What the person said.
    pub details: Details,
}

/// A request with all that is kept of it.
#[derive(Debug, Clone)]
pub struct Request {
    /// As it stands.
    pub case: Case,
    /// What was said; `None` once that is past its term.
    pub details: Option<Details>,
    /// What is in scope, and the recipients.
    pub tasks: Vec<Task>,
}

/// Something that is to be done for a request.
#[derive(Debug, Clone)]
pub struct Task {
    /// Its number within the request.
    pub number: u32,
    /// What it is about.
    pub target: Target,
    /// Whether it was done.
    pub done: Done,
    /// The receipt, where something was erased.
    pub receipt: Option<ReceiptId>,
}

/// What a task is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A device.
    Device(DeviceId),
    /// A username, on whichever device it is held; `None` once it is past its term.
    Username(Option<Username>),
    /// A row of the policy, by id, whose data is held elsewhere.
    Elsewhere(String),
    /// A sub-processor to be told.
    Recipient(String),
}

/// Whether a task was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// Not yet.
    Open,
    /// At this time; of a recipient: acknowledged.
    At(UnixTime),
    /// It will not be, since then.
    PassedOver(UnixTime),
}

/// What became of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stepped {
    /// It was taken; the case as it stands now.
    Taken(Box<Case>),
    /// Somebody else took a step since this one was begun; the case as it stands now. Nothing was changed.
    Overtaken(Box<Case>),
    /// It cannot be taken. Nothing was changed.
    Refused(Refused),
}

/// A step that somebody wants to take.
#[derive(Debug, Clone)]
pub struct Taking {
    /// Whose request.
    pub organisation: OrganisationId,
    /// The request.
    pub request: RequestId,
    /// The version of the case that they saw.
    pub seen: u64,
    /// The step.
    pub step: Step,
    /// Who they are.
    pub by: Officer,
    /// How this installation handles requests.
    pub rules: Rules,
}

/// A value of a device that somebody said was wrong. It is shown beside what the agent says, and no report changes it.
#[derive(Debug, Clone)]
pub struct Correction {
    /// The field.
    pub field: Field,
    /// What the agent says, in the field's canonical form. The correction is of this value alone.
    pub said: Line,
    /// What it should be.
    pub corrected: Line,
    /// The request that asked for it.
    pub request: RequestId,
    /// Since when.
    pub since: UnixTime,
}

/// How many requests of a kind ended in some way in a year, of those without a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// The year in which they were closed.
    pub year: i16,
    /// What was asked for.
    pub kind: Kind,
    /// How they ended.
    pub ending: Outcome,
    /// How many.
    pub requests: u64,
}

/// What is done with requests.
#[async_trait]
pub trait RequestStore: Send + Sync {
    /// Opens a request.
    ///
    /// # Errors
    /// [`super::StoreError::NotFound`] where there is no such organisation.
    async fn open_request(&self, request: NewRequest, by: Officer, now: UnixTime) -> Result<Case>;

    /// Requests of these organisations, or of all, those first that are due first; closed ones follow, until their
    /// record is past its term.
    async fn requests(&self, of: Option<Vec<OrganisationId>>, now: UnixTime) -> Result<Vec<Case>>;

    /// A request with what the person said, and notes in the ledger that it was shown; `None` where there is none.
    async fn read_request(
        &self,
        organisation: OrganisationId,
        request: RequestId,
        by: Officer,
        now: UnixTime,
    ) -> Result<Option<Request>>;

    /// Whose request it is, for commands that name no organisation.
    async fn find_request(&self, request: RequestId) -> Result<Option<OrganisationId>>;

    /// Takes a step, and does in the same transaction what it entails: a finished task of an erasure erases, one of a
    /// restriction hides its device; what was restricted meanwhile is shown again once the request is closed.
    ///
    /// # Errors
    /// [`super::StoreError::NotFound`] where there is no such request, or one of its devices is none of the
    /// organisation; [`super::StoreError::OnHold`] where a legal hold keeps what would be erased.
    async fn step_request(&self, taking: Taking, now: UnixTime) -> Result<Stepped>;

    /// Requests that have no record any more, counted, the latest years first.
    async fn counted_requests(&self, organisation: OrganisationId) -> Result<Vec<Counted>>;

    /// Corrects a value of a device, anew where it was corrected before.
    ///
    /// # Errors
    /// [`super::StoreError::NotFound`] where the device has no such value or there is no such request.
    async fn correct_value(
        &self,
        organisation: OrganisationId,
        device: DeviceId,
        correction: Correction,
        by: Officer,
        now: UnixTime,
    ) -> Result<()>;

    /// Takes a correction back; `false` where there was none.
    async fn take_correction_back(
        &self,
        organisation: OrganisationId,
        device: DeviceId,
        field: Field,
        said: Line,
        by: Officer,
        now: UnixTime,
    ) -> Result<bool>;

    /// The corrections of a device.
    async fn corrections(&self, organisation: OrganisationId, device: DeviceId) -> Result<Vec<Correction>>;

    /// Devices of an organisation that are restricted, in order of id.
    async fn restricted(&self, organisation: OrganisationId) -> Result<Vec<DeviceId>>;

    /// Ends a device's restriction, of whichever request; `false` where there was none. The person must have been told
    /// (18(3)).
    async fn lift_restriction(
        &self,
        organisation: OrganisationId,
        device: DeviceId,
        by: Officer,
        now: UnixTime,
    ) -> Result<bool>;
}
