//! What a browser holds between the password and the code: for whom, until when, sealed. Any collector can open it.

use data_encoding::BASE64URL_NOPAD;
use subtle::ConstantTimeEq;
use zeef_proto::UnixTime;
use zeef_proto::id::UserId;

use super::session::sha256;
use crate::seal::{SharedSecret, SignInStep};
use crate::store::people::User;

/// How long a code may be looked for, in seconds.
const VALID: i64 = 5 * 60;
const LENGTH: usize = 16 + 8 + 32;

/// That somebody has shown an account's password, or spent a link to it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Ticket {
    /// Whose.
    pub(super) user: UserId,
    /// The password's hash, hashed: a ticket does not outlive its password.
    password: [u8; 32],
}

impl Ticket {
    pub(super) fn of(user: &User) -> Self {
        let hash = user.password_hash.as_deref().unwrap_or_default();
        Self {
            user: user.id,
            password: sha256(hash.as_bytes()),
        }
    }

    /// The ticket as a form's field.
    pub(super) fn seal(&self, secret: &SharedSecret, now: UnixTime) -> String {
        let until = now.plus(VALID).0.to_be_bytes();
        let plain = [&self.user.as_bytes()[..], &until, &self.password].concat();
        BASE64URL_NOPAD.encode(&secret.seal_sign_in(SignInStep::Code, &plain))
    }

    /// Reads the field; `None` for one that is too old, or none of ours.
    pub(super) fn open(secret: &SharedSecret, field: &str, now: UnixTime) -> Option<Self> {
        let sealed = BASE64URL_NOPAD.decode(field.as_bytes()).ok()?;
        let plain = secret.open_sign_in(SignInStep::Code, &sealed)?;
        let plain: &[u8; LENGTH] = plain.as_slice().try_into().ok()?;
        let (user, rest) = plain.split_first_chunk::<16>()?;
        let (until, password) = rest.split_first_chunk::<8>()?;
        let until = UnixTime(i64::from_be_bytes(*until));
        (now < until).then_some(Self {
            user: UserId::from_bytes(*user),
            password: password.try_into().ok()?,
        })
    }

    /// Whether the account is still as it was.
    pub(super) fn is_of(&self, user: &User) -> bool {
        let present = Self::of(user);
        self.user == user.id && bool::from(self.password.ct_eq(&present.password))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{Reach, Role};

    const NOW: UnixTime = UnixTime(1_780_000_000);

    fn anna(hash: Option<&str>) -> User {
        User {
            id: UserId::from_bytes([1; 16]),
            name: "anna".to_owned(),
            password_hash: hash.map(str::to_owned),
            second_factor: true,
            role: Role::Technician,
            reach: Reach::All,
        }
    }

    #[test]
    fn a_ticket_holds_for_five_minutes_and_for_the_password_that_it_was_given_for() {
        let secret = SharedSecret::from_bytes(&[7; 32]);
        let field = Ticket::of(&anna(Some("a"))).seal(&secret, NOW);
        let read = Ticket::open(&secret, &field, NOW.plus(VALID - 1)).unwrap();
        assert!(read.is_of(&anna(Some("a"))));
        assert!(!read.is_of(&anna(Some("b"))) && !read.is_of(&anna(None)));
        assert_eq!(Ticket::open(&secret, &field, NOW.plus(VALID)), None);
        let other = SharedSecret::from_bytes(&[8; 32]);
        assert_eq!(Ticket::open(&other, &field, NOW), None);
        assert_eq!(Ticket::open(&secret, "", NOW), None);
    }
}
