//! Erasure of what somebody asks to be erased, before its term.

use async_trait::async_trait;
use zeef_proto::field::Username;
use zeef_proto::id::ReceiptId;
use zeef_proto::{OrganisationId, UnixTime};

use super::Result;
use crate::erasure::{Counts, Facts, Subject};
use crate::ledger::Actor;

/// What an erasure left in the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erased {
    /// What its receipt tells.
    pub facts: Facts,
    /// The index of the ledger's entry with their hash.
    pub entry: u64,
}

/// Erasures, each one transaction with its tombstones and its entry in the ledger. Keys are destroyed once that is
/// durable; a restart finishes what was begun.
#[async_trait]
pub trait ErasureStore: Send + Sync {
    /// What an erasure would delete at `now`.
    ///
    /// # Errors
    /// [`super::StoreError::NotFound`] where there is no such organisation or device.
    async fn plan_erasure(&self, organisation: OrganisationId, subject: Subject) -> Result<Counts>;

    /// Erases, and keeps what the receipt tells. A username is refused from then on, whoever sends it, until its
    /// tombstone ends or is lifted; so is a record about an erased device that is not here any more, unless its product
    /// was subscribed to since.
    ///
    /// # Errors
    /// [`super::StoreError::OnHold`] where a legal hold keeps something of it, [`super::StoreError::NotFound`].
    async fn erase(
        &self,
        organisation: OrganisationId,
        subject: Subject,
        receipt: ReceiptId,
        by: Actor,
        now: UnixTime,
    ) -> Result<Erased>;

    /// Takes an erased username in again from the next time on that it is sent; `false` where it was not refused.
    async fn lift_erasure(
        &self,
        organisation: OrganisationId,
        username: Username,
        now: UnixTime,
    ) -> Result<bool>;

    /// What a receipt tells, to write it again.
    async fn erased(&self, receipt: ReceiptId) -> Result<Option<Erased>>;
}
