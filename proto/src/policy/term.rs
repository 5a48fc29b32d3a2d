//! How long a row's data may be held.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::log_safe_by_display;

/// The term of a policy row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Term {
    /// For the duration of the service: until the last subscription that documents the field ends.
    Service,
    /// As [`Term::Service`], and at least this many calendar months after receipt where a law asks for it.
    ServiceAtLeastMonths(u16),
    /// This many calendar months after receipt, without sliding.
    Months(u16),
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Service => f.write_str("for the duration of the service"),
            Self::ServiceAtLeastMonths(months) => {
                write!(f, "for the duration of the service, at least {months} months")
            }
            Self::Months(months) => write!(f, "{months} months"),
        }
    }
}

log_safe_by_display!(Term);
