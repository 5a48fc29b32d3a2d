//! Sessions: how they begin, how long they last, how they end.

use data_encoding::BASE64URL_NOPAD;
use ring::digest::{SHA256, digest};
use zeef_proto::UnixTime;
use zeef_proto::id::UserId;
use zeef_proto::time::HOUR;
use zeroize::Zeroizing;

use crate::random;
use crate::store::people::{NewSession, Session};

/// A session that is not used for this long ends, in seconds.
pub(super) const IDLE: i64 = HOUR / 2;
/// A session ends after this long in any case, in seconds.
pub(super) const ABSOLUTE: i64 = 12 * HOUR;
/// Moving the idle limit by less than this is not worth a write, in seconds.
const TOUCH: i64 = 60;

/// What the cookie holds. The store knows only its hash.
pub(super) struct SessionSecret(Zeroizing<[u8; 32]>);

impl SessionSecret {
    /// Reads a cookie's value.
    pub(super) fn from_cookie(value: &str) -> Option<Self> {
        let bytes = Zeroizing::new(BASE64URL_NOPAD.decode(value.as_bytes()).ok()?);
        Some(Self(Zeroizing::new(bytes.as_slice().try_into().ok()?)))
    }

    /// The cookie's value.
    pub(super) fn expose(&self) -> String {
        BASE64URL_NOPAD.encode(&*self.0)
    }

    /// What the store knows the session by.
    pub(super) fn hash(&self) -> [u8; 32] {
        sha256(&*self.0)
    }

    /// The raw secret, for keys that are derived from it.
    pub(super) fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// How a person signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// With what the collector checks itself.
    Here,
    /// At an identity provider.
    Provider,
}

/// A new session, always under a new secret.
pub(super) fn begin(user: UserId, way: Way, now: UnixTime) -> (SessionSecret, NewSession) {
    let secret = SessionSecret(Zeroizing::new(random::bytes()));
    let session = NewSession {
        token_hash: secret.hash(),
        user,
        form_secret: random::bytes(),
        created_at: now,
        idle_until: now.plus(IDLE),
        absolute_until: now.plus(ABSOLUTE),
        by_provider: way == Way::Provider,
    };
    (secret, session)
}

/// The idle limit that a session which is used at `now` should get, if that is worth a write.
pub(super) fn touched(session: &Session, now: UnixTime) -> Option<UnixTime> {
    let limit = now.plus(IDLE).min(session.absolute_until);
    (limit.since(session.idle_until) >= TOUCH).then_some(limit)
}

/// SHA-256 of a secret of 256 random bits, which needs no slow hash.
pub(super) fn sha256(secret: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, secret).as_ref());
    hash
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{Reach, Role};

    const NOW: UnixTime = UnixTime(1_780_000_000);

    fn session(idle_until: i64) -> Session {
        Session {
            user: UserId::from_bytes([1; 16]),
            user_name: "anna".to_owned(),
            role: Role::Technician,
            reach: Reach::All,
            form_secret: [0; 32],
            created_at: NOW,
            idle_until: NOW.plus(idle_until),
            absolute_until: NOW.plus(ABSOLUTE),
            second_factor: false,
            by_provider: false,
        }
    }

    #[test]
    fn use_moves_the_idle_limit_but_never_past_the_absolute_one() {
        assert_eq!(touched(&session(IDLE), NOW), None);
        assert_eq!(touched(&session(IDLE), NOW.plus(TOUCH - 1)), None);
        assert_eq!(
            touched(&session(IDLE), NOW.plus(TOUCH)),
            Some(NOW.plus(TOUCH + IDLE))
        );
        let late = session(ABSOLUTE - 600);
        assert_eq!(touched(&late, NOW.plus(ABSOLUTE - 700)), Some(NOW.plus(ABSOLUTE)));
        assert_eq!(touched(&session(ABSOLUTE), NOW.plus(ABSOLUTE - 1)), None);
    }

    #[test]
    fn each_session_has_a_secret_of_its_own_that_survives_its_cookie() {
        let (first, stored) = begin(UserId::from_bytes([1; 16]), Way::Here, NOW);
        let (second, _) = begin(UserId::from_bytes([1; 16]), Way::Here, NOW);
        assert_ne!(first.as_bytes(), second.as_bytes());
        let read = SessionSecret::from_cookie(&first.expose()).unwrap();
        assert_eq!(read.hash(), stored.token_hash);
        assert!(SessionSecret::from_cookie("short").is_none());
    }
}
