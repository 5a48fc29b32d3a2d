//! Which organisations an account reaches.

use std::collections::BTreeSet;

use zeef_proto::OrganisationId;

use super::Role;

/// The organisations that an account may see and do something to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// All, those too that are made later.
    All,
    /// These alone; none where it is empty.
    Organisations(BTreeSet<OrganisationId>),
}

/// A role and limits that do not go together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    /// A contact without an organisation.
    #[error("a customer's contact belongs to an organisation; name it with --organisation")]
    NeedsOrganisation,
    /// An administrator with limits.
    #[error(
        "an administrator is not limited to organisations; leave --organisation out, or make a technician"
    )]
    Administrator,
}

impl Reach {
    /// These alone.
    pub fn of(organisations: impl IntoIterator<Item = OrganisationId>) -> Self {
        Self::Organisations(organisations.into_iter().collect())
    }

    /// What an account of this role reaches that is limited to these, or not limited where they are none.
    ///
    /// # Errors
    /// [`Misfit`] where role and limits do not go together.
    pub fn for_role(role: Role, limits: BTreeSet<OrganisationId>) -> Result<Self, Misfit> {
        match (limits.is_empty(), role) {
            (true, role) if role.is_limited() => Err(Misfit::NeedsOrganisation),
            (true, _) => Ok(Self::All),
            (false, Role::Administrator) => Err(Misfit::Administrator),
            (false, _) => Ok(Self::Organisations(limits)),
        }
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

    #[test]
    fn a_contact_needs_an_organisation_and_an_administrator_takes_none() {
        let one = BTreeSet::from([OrganisationId::from_bytes([1; 16])]);
        for (role, limits, expected) in [
            (
                Role::CustomerContact,
                BTreeSet::new(),
                Err(Misfit::NeedsOrganisation),
            ),
            (
                Role::CustomerContact,
                one.clone(),
                Ok(Reach::Organisations(one.clone())),
            ),
            (Role::Administrator, one.clone(), Err(Misfit::Administrator)),
            (Role::Administrator, BTreeSet::new(), Ok(Reach::All)),
            (Role::Technician, BTreeSet::new(), Ok(Reach::All)),
            (Role::Technician, one.clone(), Ok(Reach::Organisations(one))),
        ] {
            assert_eq!(Reach::for_role(role, limits), expected, "{role}");
        }
    }
}
