//! Tokens for the API, and answers to requests that may be sent again.

use async_trait::async_trait;
use zeef_proto::UnixTime;
use zeef_proto::id::{ApiTokenId, UserId};

use super::Result;
use crate::access::{Reach, Role, Scopes};
use crate::ledger::Actor;

/// Whose a token is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holder {
    /// A person's: it has the role and reach that the account has when it is used.
    Account(UserId),
    /// A program's: it has its own.
    Service(Role, Reach),
}

/// A token, as listed.
#[derive(Debug, Clone)]
pub struct ApiToken {
    /// Its name in the ledger.
    pub id: ApiTokenId,
    /// What its maker calls it.
    pub name: String,
    /// Whose it is.
    pub holder: Holder,
    /// What it is narrowed to.
    pub scopes: Scopes,
    /// When it was made.
    pub created_at: UnixTime,
    /// Until when it is good.
    pub expires_at: UnixTime,
    /// When it was last used, to the hour.
    pub last_used: Option<UnixTime>,
}

/// A token to be stored.
pub struct NewApiToken {
    /// Its name in the ledger.
    pub id: ApiTokenId,
    /// SHA-256 of its secret.
    pub secret_hash: [u8; 32],
    /// What its maker calls it.
    pub name: String,
    /// Whose it is.
    pub holder: Holder,
    /// What it is narrowed to.
    pub scopes: Scopes,
    /// When it is made.
    pub created_at: UnixTime,
    /// Until when it is good.
    pub expires_at: UnixTime,
}

/// A good token with what it may, now.
#[derive(Debug, Clone)]
pub struct Admitted {
    /// Its name in the ledger.
    pub id: ApiTokenId,
    /// The account whose it is; `None` for a service's.
    pub user: Option<UserId>,
    /// Role of the account or the service, now.
    pub role: Role,
    /// The organisations that it reaches, now.
    pub reach: Reach,
    /// What it is narrowed to.
    pub scopes: Scopes,
    /// When it was last used, to the hour.
    pub last_used: Option<UnixTime>,
}

/// A request that may be sent again: by which token, and digests of its key and of what it asks for.
#[derive(Debug, Clone, Copy)]
pub struct Repeatable {
    /// The token.
    pub token: ApiTokenId,
    /// Of the key that the client gave.
    pub key_hash: [u8; 32],
    /// Of method, address and body.
    pub body_hash: [u8; 32],
}

/// What is known of a request that may be sent again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Once {
    /// Nothing: it is the first, and is noted now.
    First,
    /// The first is being worked off, or was cut off.
    Unfinished,
    /// The key was given with another request.
    Other,
    /// It was answered so, sealed by whoever answered.
    Answered(Vec<u8>),
}

/// What is stored for the API.
#[async_trait]
pub trait ApiTokenStore: Send + Sync {
    /// Stores a token; refuses an account or an organisation that does not exist.
    async fn add_api_token(&self, token: NewApiToken, by: Actor) -> Result<()>;

    /// The tokens of an account, or all, the newest first; expired ones until they are deleted.
    async fn api_tokens(&self, of: Option<UserId>) -> Result<Vec<ApiToken>>;

    /// Makes a token worthless; where `of` is given, only one of that account. `false` where there is none.
    async fn revoke_api_token(
        &self,
        token: ApiTokenId,
        of: Option<UserId>,
        by: Actor,
        now: UnixTime,
    ) -> Result<bool>;

    /// The good token of that secret.
    async fn admitted(&self, secret_hash: [u8; 32], now: UnixTime) -> Result<Option<Admitted>>;

    /// Notes the hour in which a token is used.
    async fn touch_api_token(&self, token: ApiTokenId, now: UnixTime) -> Result<()>;

    /// Notes a request that may be sent again, unless it is known; at most one caller ever gets [`Once::First`].
    async fn begin_once(&self, request: Repeatable, now: UnixTime) -> Result<Once>;

    /// Keeps the answer to it until its day is over; where there is none, forgets the request.
    async fn end_once(&self, request: Repeatable, answer: Option<Vec<u8>>) -> Result<()>;
}
