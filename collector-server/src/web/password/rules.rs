//! What may not be a password (NIST SP 800-63B, section 3.1.1): short, common, or about the account.

use zeef_proto::field::matching_form;

/// Fewest characters.
const FEWEST: usize = 12;
/// Most characters.
const MOST: usize = 200;
/// Different characters that a password has at least.
const DIFFERENT: usize = 5;

/// Common passwords of twelve characters and more, in matching form.
const COMMON: [&str; 25] = [
    "000000000000",
    "111111111111",
    "123123123123",
    "123412341234",
    "123456123456",
    "123456789012",
    "1234567890123",
    "123456789101112",
    "1q2w3e4r5t6y",
    "1qaz2wsx3edc",
    "abcdefghijkl",
    "administrator",
    "changemechangeme",
    "correcthorsebatterystaple",
    "iloveyou1234",
    "password1234",
    "password12345",
    "passwordpassword",
    "qwerty123456",
    "qwertyqwerty",
    "qwertyuiop123",
    "welkom012345",
    "welkom123456",
    "wachtwoord12",
    "wachtwoord123",
];

/// Why a password was refused. Does not repeat it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    /// Fewer than 12 characters.
    #[error("the password is shorter than 12 characters; choose a longer one")]
    TooShort,
    /// More than 200 characters.
    #[error("the password is longer than 200 characters; choose a shorter one")]
    TooLong,
    /// On every list.
    #[error("the password is on every list of common passwords; choose another")]
    Common,
    /// Holds the account's name, or is little but repetition.
    #[error("the password holds the account's name or little but repetition; choose another")]
    Guessable,
}

/// Whether `password` may be that of the account `name`.
///
/// # Errors
/// Why it may not.
pub fn check(password: &str, name: &str) -> Result<(), WeakPassword> {
    let length = password.chars().count();
    if length < FEWEST {
        return Err(WeakPassword::TooShort);
    }
    if length > MOST {
        return Err(WeakPassword::TooLong);
    }
    let folded = matching_form(password);
    let letters: String = folded.chars().filter(|c| c.is_alphanumeric()).collect();
    if COMMON.contains(&letters.as_str()) {
        return Err(WeakPassword::Common);
    }
    let mut different: Vec<char> = folded.chars().collect();
    different.sort_unstable();
    different.dedup();
    let name = matching_form(name.trim());
    let about_name = name.chars().count() >= 4 && folded.contains(&name);
    if different.len() < DIFFERENT || about_name {
        return Err(WeakPassword::Guessable);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_passwords_are_refused_with_their_reason() {
        for (password, expected) in [
            ("elf tekens!", Err(WeakPassword::TooShort)),
            ("twaalf teken", Ok(())),
            ("ÄÖÜäöüßéèêëç", Ok(())),
            ("Welkom-123456", Err(WeakPassword::Common)),
            ("PASSWORD 1234", Err(WeakPassword::Common)),
            ("hahahahahahaha", Err(WeakPassword::Guessable)),
            ("mijn ANNELIES 2026", Err(WeakPassword::Guessable)),
            ("vier paarse fietsen", Ok(())),
        ] {
            assert_eq!(check(password, "annelies"), expected, "{password}");
        }
        assert_eq!(check(&"ab cd".repeat(41), "x"), Err(WeakPassword::TooLong));
        assert_eq!(check("a jan was here too", "jan"), Ok(()));
    }
}
