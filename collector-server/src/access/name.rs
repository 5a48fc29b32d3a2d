//! Names that administrators give.

use zeef_proto::OrganisationId;

const MOST_OF_ORGANISATION: usize = 100;
const MOST_OF_ACCOUNT: usize = 64;

/// Why a name cannot be given. Does not repeat it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidName {
    /// Not of the form of an organisation's.
    #[error("an organisation's name is 1 to 100 characters without control characters")]
    Organisation,
    /// It could not be told from an id.
    #[error("an organisation's name must not have the form of an id")]
    Id,
    /// Not of the form of an account's.
    #[error("an account's name is 1 to 64 characters without control characters")]
    Account,
}

/// An organisation's name as it is stored, from what was typed.
///
/// # Errors
/// [`InvalidName::Organisation`] or [`InvalidName::Id`].
pub fn organisation_name(typed: &str) -> Result<String, InvalidName> {
    let name = bounded(typed, MOST_OF_ORGANISATION).ok_or(InvalidName::Organisation)?;
    if name.parse::<OrganisationId>().is_ok() {
        return Err(InvalidName::Id);
    }
    Ok(name)
}

/// An account's name as it is stored, from what was typed.
///
/// # Errors
/// [`InvalidName::Account`].
pub fn account_name(typed: &str) -> Result<String, InvalidName> {
    bounded(typed, MOST_OF_ACCOUNT).ok_or(InvalidName::Account)
}

fn bounded(typed: &str, most: usize) -> Option<String> {
    let name = typed.trim();
    let fits = !name.is_empty() && name.chars().count() <= most && !name.chars().any(char::is_control);
    fits.then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_trimmed_and_bounded_and_hold_no_control_character() {
        assert_eq!(
            organisation_name("  Bakkerij Jansen "),
            Ok("Bakkerij Jansen".to_owned())
        );
        for wrong in ["", "  ", "a\nb", &"x".repeat(101)] {
            assert_eq!(organisation_name(wrong), Err(InvalidName::Organisation));
        }
        let id = OrganisationId::from_random([1; 16]).to_string();
        assert_eq!(organisation_name(&id), Err(InvalidName::Id));
        assert_eq!(account_name(&"x".repeat(64)).map(|name| name.len()), Ok(64));
        assert_eq!(account_name(&"x".repeat(65)), Err(InvalidName::Account));
    }
}
