//! Passwords: Argon2id, and what is too weak to be one.

mod rules;

use std::sync::LazyLock;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};

pub use rules::{WeakPassword, check};

use crate::random;

/// Hashes a password with Argon2id (RFC 9106; 19 MiB, two passes) into a PHC string. Takes a core for a while:
/// not for an asynchronous thread.
#[must_use]
pub fn hash(password: &str) -> String {
    let salt = random::bytes::<16>();
    #[expect(
        clippy::expect_used,
        reason = "fails only for parameters and salts of the wrong size"
    )]
    let hash: PasswordHash = Argon2::default()
        .hash_password_with_salt(password.as_bytes(), &salt)
        .expect("a password hashes");
    hash.to_string()
}

/// Whether `password` is the one that was hashed. Without a hash it takes as long and says no, so that nobody
/// learns from the time which accounts there are.
#[must_use]
pub fn verify(password: &str, hash: Option<&str>) -> bool {
    static NOBODY: LazyLock<String> = LazyLock::new(|| self::hash("nobody has this password"));
    let held = PasswordHash::new(hash.unwrap_or(&NOBODY));
    let right = held.is_ok_and(|held| {
        Argon2::default()
            .verify_password(password.as_bytes(), &held)
            .is_ok()
    });
    right && hash.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_known_by_its_hash_and_nothing_else_is() {
        let hash = hash("vier paarse fietsen");
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(verify("vier paarse fietsen", Some(&hash)));
        assert!(!verify("vier paarse fietseN", Some(&hash)));
        assert!(!verify("vier paarse fietsen", Some("not a hash")));
        assert!(!verify("nobody has this password", None));
        assert_ne!(hash, self::hash("vier paarse fietsen"));
    }
}
