//! Tokens for the API: their one spelling, and how one is made.

use data_encoding::BASE64URL_NOPAD;
use ring::digest::{SHA256, digest};
use zeef_proto::UnixTime;
use zeef_proto::id::ApiTokenId;
use zeef_proto::time::DAY;
use zeroize::Zeroizing;

use crate::access::{Role, Scopes};
use crate::ledger::Actor;
use crate::random;
use crate::store::api_tokens::{Holder, NewApiToken};
use crate::store::{Store, StoreError};

/// By which a token is known wherever it turns up.
const PREFIX: &str = "zeef_";

/// A token is good for this long at most, in seconds.
pub const LONGEST: i64 = 366 * DAY;

/// Longest name, in characters.
const MOST_NAME: usize = 64;

/// Tokens that one account may have at the same time.
const MOST_OF_ACCOUNT: usize = 50;

/// The secret of a token. The store knows only its hash.
pub struct Secret(Zeroizing<[u8; 32]>);

impl Secret {
    fn new() -> Self {
        Self(Zeroizing::new(random::bytes()))
    }

    /// Reads a token.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let encoded = text.strip_prefix(PREFIX)?;
        let bytes = Zeroizing::new(BASE64URL_NOPAD.decode(encoded.as_bytes()).ok()?);
        Some(Self(Zeroizing::new(bytes.as_slice().try_into().ok()?)))
    }

    /// The token, to be shown once.
    #[must_use]
    pub fn expose(&self) -> String {
        format!("{PREFIX}{}", BASE64URL_NOPAD.encode(&*self.0))
    }

    /// What the store knows it by. 256 random bits need no slow hash.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        let mut hash = [0; 32];
        hash.copy_from_slice(digest(&SHA256, &*self.0).as_ref());
        hash
    }

    /// The raw secret, for keys that are derived from it.
    pub(super) fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// What is asked for when a token is made.
#[derive(Debug, Clone)]
pub struct Wish {
    /// What it is called.
    pub name: String,
    /// Whose it is.
    pub holder: Holder,
    /// What it is narrowed to.
    pub scopes: Scopes,
    /// How long it is good, in seconds.
    pub seconds: i64,
}

/// Why no token is made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// No name, or too long a one.
    #[error("a token's name is 1 to 64 characters without control characters")]
    Name,
    /// It would let nothing through.
    #[error("a token needs at least one scope that its role may use")]
    Scopes,
    /// No time, or too long.
    #[error("a token is good for a year at most")]
    Length,
    /// A customer's contact that reaches everything.
    #[error("a customer's contact belongs to an organisation; name it")]
    Reach,
    /// The account has as many as it may.
    #[error("an account has 50 tokens at most; revoke one that is not used")]
    Many,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Wish {
    /// The same, if it can be had by an account or service of this role.
    fn check(mut self, role: Role) -> Result<Self, TokenError> {
        self.name = self.name.trim().to_owned();
        let characters = self.name.chars().count();
        if !(1..=MOST_NAME).contains(&characters) || self.name.chars().any(char::is_control) {
            return Err(TokenError::Name);
        }
        if !(1..=LONGEST).contains(&self.seconds) {
            return Err(TokenError::Length);
        }
        if !self.scopes.iter().any(|scope| role.may(scope.permission())) {
            return Err(TokenError::Scopes);
        }
        if let Holder::Service(role, reach) = &self.holder
            && role.is_limited()
            && reach.limits().is_none()
        {
            return Err(TokenError::Reach);
        }
        Ok(self)
    }
}

/// Makes a token for an account or service of this role, and stores it.
///
/// # Errors
/// [`TokenError`]; nothing is stored then.
pub async fn make(
    store: &dyn Store,
    wish: Wish,
    role: Role,
    by: Actor,
    now: UnixTime,
) -> Result<(ApiTokenId, Secret), TokenError> {
    let wish = wish.check(role)?;
    if let Holder::Account(user) = wish.holder
        && store.api_tokens(Some(user)).await?.len() >= MOST_OF_ACCOUNT
    {
        return Err(TokenError::Many);
    }
    let (id, secret) = (ApiTokenId::from_random(random::bytes()), Secret::new());
    let token = NewApiToken {
        id,
        secret_hash: secret.hash(),
        name: wish.name,
        holder: wish.holder,
        scopes: wish.scopes,
        created_at: now,
        expires_at: now.plus(wish.seconds),
    };
    store.add_api_token(token, by).await?;
    Ok((id, secret))
}

#[cfg(test)]
mod tests {
    use zeef_proto::id::UserId;

    use super::*;
    use crate::access::Reach;

    fn wish() -> Wish {
        Wish {
            name: " nightly export ".to_owned(),
            holder: Holder::Account(UserId::from_bytes([1; 16])),
            scopes: "inventory:read".parse().unwrap(),
            seconds: 90 * DAY,
        }
    }

    #[test]
    fn a_token_survives_its_text_and_nothing_else_is_one() {
        let secret = Secret::new();
        let text = secret.expose();
        assert_eq!(text.len(), 48);
        assert_eq!(Secret::parse(&text).unwrap().hash(), secret.hash());
        for other in ["", "zeef_", &text[5..], &text[..47], &format!("{text}A")] {
            assert!(Secret::parse(other).is_none(), "{}", other.len());
        }
    }

    #[test]
    fn a_token_without_name_end_or_use_is_refused() {
        assert_eq!(wish().check(Role::Technician).unwrap().name, "nightly export");
        let refused = |change: fn(&mut Wish)| {
            let mut wish = wish();
            change(&mut wish);
            wish.check(Role::Technician).unwrap_err()
        };
        assert_eq!(refused(|wish| wish.name = "  ".to_owned()), TokenError::Name);
        assert_eq!(refused(|wish| wish.name = "x".repeat(65)), TokenError::Name);
        assert_eq!(refused(|wish| wish.name = "a\nb".to_owned()), TokenError::Name);
        assert_eq!(refused(|wish| wish.seconds = LONGEST + 1), TokenError::Length);
        assert_eq!(refused(|wish| wish.seconds = 0), TokenError::Length);
        assert_eq!(
            refused(|wish| wish.scopes = Scopes::default()),
            TokenError::Scopes
        );
        let foreign = |wish: &mut Wish| wish.scopes = "ledger:read accounts:manage".parse().unwrap();
        assert_eq!(refused(foreign), TokenError::Scopes);
        let contact = Wish {
            holder: Holder::Service(Role::CustomerContact, Reach::All),
            scopes: "policy:read".parse().unwrap(),
            ..wish()
        };
        assert_eq!(
            contact.check(Role::CustomerContact).unwrap_err(),
            TokenError::Reach
        );
    }
}
