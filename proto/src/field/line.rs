//! Numbers by which a provider and a carrier know an internet connection.

use super::wire_form::field_type;
use super::{Field, Parse, Rejection};

/// The provider's number of an internet connection. At most 40 letters, digits and `-`, `_`, `.`, `/`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ServiceId(String);

/// The carrier's number of a line. At most 40 letters, digits and `-`, `_`, `.`, `/`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LineId(String);

field_type!(
    ServiceId,
    r"^[0-9A-Z][0-9A-Z._/-]{0,39}$",
    "provider's number of an internet connection, in capitals"
);
field_type!(
    LineId,
    r"^[0-9A-Z][0-9A-Z._/-]{0,39}$",
    "carrier's number of a line, in capitals"
);

const MOST_CHARACTERS: usize = 40;

impl Parse for ServiceId {
    const FIELD: Field = Field::ServiceId;

    fn parse(text: &str) -> Result<Self, Rejection> {
        number(text).map(Self)
    }

    fn expose_to(&self, out: &mut String) {
        out.push_str(&self.0);
    }
}

impl Parse for LineId {
    const FIELD: Field = Field::LineId;

    fn parse(text: &str) -> Result<Self, Rejection> {
        number(text).map(Self)
    }

    fn expose_to(&self, out: &mut String) {
        out.push_str(&self.0);
    }
}

/// Capitals throughout, for administrations write the same number in either case. A digit is demanded: without
/// one it is a word or a name.
fn number(text: &str) -> Result<String, Rejection> {
    let text = text.trim_matches([' ', '\t']);
    if text.is_empty() {
        return Err(Rejection::Empty);
    }
    if text.len() > MOST_CHARACTERS {
        return Err(Rejection::TooLong);
    }
    let fits = text
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'/'))
        && text.as_bytes()[0].is_ascii_alphanumeric()
        && text.bytes().any(|b| b.is_ascii_digit());
    if fits {
        Ok(text.to_ascii_uppercase())
    } else {
        Err(Rejection::Malformed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_number_come_out_alike() {
        for text in ["srv-100.7", " SRV-100.7\t", "Srv-100.7"] {
            assert_eq!(
                ServiceId::parse(text).map(|id| id.expose()),
                Ok("SRV-100.7".into()),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_number_of_a_line_is_refused() {
        for text in [
            "J. Jansen",
            "jan@contoso.example",
            "jansen",
            "-1",
            "0031 6",
            "1\0",
        ] {
            assert_eq!(LineId::parse(text).err(), Some(Rejection::Malformed), "{text:?}");
        }
        assert_eq!(LineId::parse(" ").err(), Some(Rejection::Empty));
        assert_eq!(LineId::parse(&"1".repeat(41)).err(), Some(Rejection::TooLong));
    }
}
