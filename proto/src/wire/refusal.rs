//! Why a body was refused: names the field and the place, never a key or value of the sender's.

use std::fmt;

use serde::de::DeserializeOwned;

use crate::field::{Field, Rejection};
use crate::log_safe_by_display;

/// A refused body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What is wrong.
    pub reason: Reason,
    /// The documented field it is about, where there is one.
    pub field: Option<Field>,
    /// Line in the body, from 1; 0 where the body as a whole is meant.
    pub line: usize,
    /// Column in that line, from 1.
    pub column: usize,
}

/// The kinds of refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Not JSON.
    Syntax,
    /// Ends too early.
    Truncated,
    /// A key that the message does not have, or has in another case.
    UnknownKey,
    /// A key twice.
    DuplicateKey,
    /// A required key is not there.
    MissingKey,
    /// A value of another type or form.
    WrongForm,
    /// A documented field's value was rejected.
    Field(Rejection),
    /// A documented field that none of the device's products document.
    NotDocumented,
}

impl Refusal {
    /// A refusal of `field` because the device's products do not document it.
    #[must_use]
    pub const fn not_documented(field: Field) -> Self {
        Self {
            reason: Reason::NotDocumented,
            field: Some(field),
            line: 0,
            column: 0,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let subject = self.field.map_or("the message", Field::name);
        match self.reason {
            Reason::Syntax => write!(f, "{subject} is not valid JSON"),
            Reason::Truncated => write!(f, "{subject} ends too early"),
            Reason::UnknownKey => write!(f, "{subject} has a key that is not documented"),
            Reason::DuplicateKey => write!(f, "{subject} has a key twice"),
            Reason::MissingKey => write!(f, "{subject} lacks a required key"),
            Reason::WrongForm => write!(f, "{subject} has a value of the wrong type or form"),
            Reason::Field(rejection) => write!(f, "{subject} is {rejection}"),
            Reason::NotDocumented => write!(f, "{subject} is not documented for the products of this device"),
        }?;
        if self.line > 0 {
            write!(f, ", at line {} column {}", self.line, self.column)
        } else {
            Ok(())
        }
    }
}

impl std::error::Error for Refusal {}

log_safe_by_display!(Refusal);

/// Starts the text of errors that our own types raise inside serde, so that they are known again outside.
const MARK: &str = "\u{1}zeef:";

/// The text of an error inside serde that names a field and a reason.
pub(crate) fn mark(field: Field, reason: Rejection) -> String {
    format!("{MARK}{}:{}:", field.name(), reason as u8)
}

/// Reads a whole body as `T`. Nothing of the body enters the error but a position.
///
/// # Errors
/// The first thing that is wrong.
pub(crate) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| refusal_of(&error))
}

fn refusal_of(error: &serde_json::Error) -> Refusal {
    let text = error.to_string();
    let (reason, field) = match error.classify() {
        serde_json::error::Category::Syntax | serde_json::error::Category::Io => (Reason::Syntax, None),
        serde_json::error::Category::Eof => (Reason::Truncated, None),
        serde_json::error::Category::Data => data_reason(&text),
    };
    Refusal {
        reason,
        field,
        line: error.line(),
        column: error.column(),
    }
}

/// serde tells what went wrong only by its message's first words; a test pins each of them.
fn data_reason(text: &str) -> (Reason, Option<Field>) {
    if let Some(marked) = text.strip_prefix(MARK) {
        let mut parts = marked.split(':');
        let field = parts.next().and_then(|name| name.parse().ok());
        let reason = parts
            .next()
            .and_then(|number| number.parse::<u8>().ok())
            .and_then(rejection_of);
        return (reason.map_or(Reason::WrongForm, Reason::Field), field);
    }
    // "duplicate field" and "missing field" are followed by a name of ours; "unknown field" by one of theirs.
    let ours = || {
        text.split('`')
            .nth(1)
            .and_then(|name| Field::ALL.into_iter().find(|f| json_key(*f) == name))
    };
    if text.starts_with("unknown field") || text.starts_with("unknown variant") {
        (Reason::UnknownKey, None)
    } else if text.starts_with("duplicate field") {
        (Reason::DuplicateKey, ours())
    } else if text.starts_with("missing field") {
        (Reason::MissingKey, None)
    } else {
        (Reason::WrongForm, None)
    }
}

/// The key of a field in a report; those with several values are in the plural.
const fn json_key(field: Field) -> &'static str {
    match field {
        Field::Username => "usernames",
        Field::PrivateIp => "private_ips",
        Field::PublicIp => "public_ips",
        Field::MacAddress => "mac_addresses",
        single => single.name(),
    }
}

fn rejection_of(number: u8) -> Option<Rejection> {
    use Rejection as R;
    [
        R::Empty,
        R::TooLong,
        R::Malformed,
        R::NotPrivate,
        R::NotPublic,
        R::NotUnicast,
        R::Eui64,
        R::ForbiddenCharacter,
        R::SecurityIdentifier,
        R::ServiceAccount,
        R::NotCanonical,
        R::WrongType,
        R::TooMany,
        R::NotSorted,
    ]
    .into_iter()
    .find(|reason| *reason as u8 == number)
}
