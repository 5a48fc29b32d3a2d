//! Second factors, accounts of an identity provider, and signing out everywhere.

use async_trait::async_trait;
use zeef_proto::UnixTime;
use zeef_proto::id::UserId;

use super::Result;
use super::people::NewUser;
use crate::ledger::Actor;
use crate::otp::{RecoveryHash, Secret, Step};

/// An account's second factor.
#[derive(Clone)]
pub struct SecondFactor {
    /// What its authenticator knows.
    pub secret: Secret,
    /// Since when it counts.
    pub set_at: UnixTime,
    /// Recovery codes that are not spent.
    pub recovery_codes: u32,
}

/// An account of an identity provider, by SHA-256 of the provider and its name for the person.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ProviderMark(pub [u8; 32]);

/// What is done about the ways in which a person signs in.
#[async_trait]
pub trait SignInStore: Send + Sync {
    /// The second factor of an account, if it has one.
    async fn second_factor(&self, user: UserId) -> Result<Option<SecondFactor>>;

    /// Gives an account a second factor, proven by the code of `step`, in place of any it had; ends all its sessions
    /// and links, for they began with less.
    async fn set_second_factor(
        &self,
        user: UserId,
        secret: Secret,
        step: Step,
        codes: Vec<RecoveryHash>,
        now: UnixTime,
    ) -> Result<()>;

    /// Takes the code of a step, once: `false` where that or a later one was taken before, by whichever collector.
    async fn spend_step(&self, user: UserId, step: Step) -> Result<bool>;

    /// Takes a recovery code, once: `false` where the account has no such code.
    async fn spend_recovery_code(&self, user: UserId, code: RecoveryHash, now: UnixTime) -> Result<bool>;

    /// Gives an account other recovery codes; the former ones are worth nothing. Refuses with
    /// [`super::StoreError::NotFound`] where it has no second factor.
    async fn replace_recovery_codes(
        &self,
        user: UserId,
        codes: Vec<RecoveryHash>,
        now: UnixTime,
    ) -> Result<()>;

    /// Takes the second factor off an account, and ends all its sessions but `keep` (a session's token hash). `false`
    /// where it has none.
    async fn remove_second_factor(
        &self,
        user: UserId,
        keep: Option<[u8; 32]>,
        by: Actor,
        now: UnixTime,
    ) -> Result<bool>;

    /// Ends all sessions and links of an account.
    async fn sign_out_everywhere(&self, user: UserId, now: UnixTime) -> Result<()>;

    /// The account as which a provider's signs in.
    async fn provider_account(&self, mark: ProviderMark) -> Result<Option<UserId>>;

    /// Makes an account for a provider's, in one with the tie between them; refuses a name that exists in any case.
    async fn add_provider_account(&self, mark: ProviderMark, user: NewUser, now: UnixTime) -> Result<()>;
}
