//! Second factors: codes that change with the time, and codes that each work once in their place.

mod recovery;
mod totp;

pub use recovery::{RecoveryCode, RecoveryHash};
pub use totp::{Code, Secret, Step};

/// What somebody enters as a second factor. Forms take both kinds in one field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entered {
    /// Six digits of an authenticator.
    Code(Code),
    /// One of the codes that were written down.
    Recovery(RecoveryHash),
}

impl Entered {
    /// Reads what was typed, with or without spaces and hyphens; `None` where it can be neither.
    #[must_use]
    pub fn read(typed: &str) -> Option<Self> {
        let plain: String = typed
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '-')
            .collect();
        Code::read(&plain)
            .map(Self::Code)
            .or_else(|| RecoveryCode::read(&plain).map(|code| Self::Recovery(code.hash())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_are_told_apart_by_their_form() {
        assert!(matches!(Entered::read(" 123 456 "), Some(Entered::Code(_))));
        let code = RecoveryCode::generate();
        let expected = Some(Entered::Recovery(code.hash()));
        assert_eq!(Entered::read(&code.expose()), expected);
        assert_eq!(
            Entered::read(&code.expose().replace('-', " ").to_uppercase()),
            expected
        );
        for neither in ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦"] {
            assert_eq!(Entered::read(neither), None, "{neither}");
        }
    }
}
