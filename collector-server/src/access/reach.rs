//! Which organisations an account reaches.

use std::collections::BTreeSet;

use zeef_proto::OrganisationId;

/// The organisations that an account may see and do something to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// All, those too that are made later.
    All,
    /// These alone; none where it is empty.
    Organisations(BTreeSet<OrganisationId>),
}

impl Reach {
    /// These alone.
    pub fn of(organisations: impl IntoIterator<Item = OrganisationId>) -> Self {
        Self::Organisations(organisations.into_iter().collect())
    }

    /// Whether it reaches an organisation.
    #[must_use]
    pub fn reaches(&self, organisation: OrganisationId) -> bool {
        match self {
            Self::All => true,
            Self::Organisations(organisations) => organisations.contains(&organisation),
        }
    }

    /// The organisations by which it is limited; none where it is not.
    #[must_use]
    pub const fn limits(&self) -> Option<&BTreeSet<OrganisationId>> {
        match self {
            Self::All => None,
            Self::Organisations(organisations) => Some(organisations),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_reaches_what_it_is_limited_to_and_nothing_else() {
        let [own, other] = [1, 2].map(|number| OrganisationId::from_bytes([number; 16]));
        assert!(Reach::All.reaches(other));
        let limited = Reach::of([own]);
        assert!(limited.reaches(own) && !limited.reaches(other));
        assert!(!Reach::of([]).reaches(own));
    }
}
