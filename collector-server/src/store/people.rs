//! People who sign in: their accounts, one-time links and sessions.

use async_trait::async_trait;
use zeef_proto::UnixTime;
use zeef_proto::id::UserId;

use super::Result;
use crate::access::{Reach, Role};
use crate::ledger::Actor;

/// An account.
#[derive(Clone)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// The name it signs in with, unique whatever its case.
    pub name: String,
    /// Argon2id in PHC string format, or `None` until a password is set.
    pub password_hash: Option<String>,
    /// What it is.
    pub role: Role,
    /// The organisations that it reaches.
    pub reach: Reach,
    /// Whether a code is asked for after the password.
    pub second_factor: bool,
}

/// An account to be made.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// Its id.
    pub id: UserId,
    /// The name to sign in with.
    pub name: String,
    /// What it is.
    pub role: Role,
    /// The organisations that it reaches.
    pub reach: Reach,
}

/// A session of a signed-in person. The cookie's value is known only as its SHA-256.
#[derive(Clone)]
pub struct Session {
    /// Whose.
    pub user: UserId,
    /// Name of the account.
    pub user_name: String,
    /// What the account is, now.
    pub role: Role,
    /// The organisations that it reaches, now.
    pub reach: Reach,
    /// Secret that forms must repeat (CSRF).
    pub form_secret: [u8; 32],
    /// When it began.
    pub created_at: UnixTime,
    /// When it ends if it is not used again.
    pub idle_until: UnixTime,
    /// When it ends in any case.
    pub absolute_until: UnixTime,
    /// Whether the account has a second factor.
    pub second_factor: bool,
    /// Whether it began at an identity provider.
    pub by_provider: bool,
}

/// A session to be stored.
pub struct NewSession {
    /// SHA-256 of the cookie's value.
    pub token_hash: [u8; 32],
    /// Whose.
    pub user: UserId,
    /// Secret that forms must repeat.
    pub form_secret: [u8; 32],
    /// When it begins.
    pub created_at: UnixTime,
    /// When it ends if it is not used.
    pub idle_until: UnixTime,
    /// When it ends in any case.
    pub absolute_until: UnixTime,
    /// Whether it begins at an identity provider.
    pub by_provider: bool,
}

/// What people who sign in do.
#[async_trait]
pub trait PeopleStore: Send + Sync {
    /// Makes an account; refuses a name that exists in any case, and an organisation that does not exist.
    async fn add_user(&self, user: NewUser, by: Actor, now: UnixTime) -> Result<()>;

    /// Gives an account another role and reach; its sessions have them from their next request on.
    async fn set_role(&self, user: UserId, role: Role, reach: Reach, by: Actor, now: UnixTime) -> Result<()>;

    /// All accounts, by name.
    async fn users(&self) -> Result<Vec<User>>;

    /// The account of that id.
    async fn user(&self, id: UserId) -> Result<Option<User>>;

    /// The account of that name, whatever its case.
    async fn user_by_name(&self, name: String) -> Result<Option<User>>;

    /// Sets an account's password hash and ends all its sessions but `keep` (a session's token hash).
    async fn set_password(
        &self,
        user: UserId,
        password_hash: String,
        keep: Option<[u8; 32]>,
        by: Actor,
        now: UnixTime,
    ) -> Result<()>;

    /// Deletes an account with its links and sessions.
    async fn remove_user(&self, user: UserId, now: UnixTime) -> Result<bool>;

    /// Stores the hash of a one-time sign-in link's secret.
    async fn add_link(
        &self,
        secret_hash: [u8; 32],
        user: UserId,
        expires_at: UnixTime,
        now: UnixTime,
    ) -> Result<()>;

    /// Spends a link: at most one caller ever gets its user.
    async fn spend_link(&self, secret_hash: [u8; 32], now: UnixTime) -> Result<Option<UserId>>;

    /// Starts a session.
    async fn add_session(&self, session: NewSession) -> Result<()>;

    /// The live session of that cookie.
    async fn session(&self, token_hash: [u8; 32], now: UnixTime) -> Result<Option<Session>>;

    /// Moves a session's idle limit.
    async fn touch_session(&self, token_hash: [u8; 32], idle_until: UnixTime) -> Result<()>;

    /// Ends a session.
    async fn end_session(&self, token_hash: [u8; 32]) -> Result<()>;
}
