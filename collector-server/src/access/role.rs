//! What an account is.

use std::fmt;
use std::str::FromStr;

use super::Permission;

/// The role of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Runs the installation.
    Administrator,
    /// Answers for the policy: requests, erasures, retention, the ledger.
    PrivacyOfficer,
    /// Works from the inventory.
    Technician,
    /// Speaks for a customer, and sees what is held of it.
    CustomerContact,
}

impl Role {
    /// All, the one that may most first.
    pub const ALL: [Self; 4] = [
        Self::Administrator,
        Self::PrivacyOfficer,
        Self::Technician,
        Self::CustomerContact,
    ];

    /// The name by which commands, databases and claims know it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::PrivacyOfficer => "privacy-officer",
            Self::Technician => "technician",
            Self::CustomerContact => "customer-contact",
        }
    }

    /// Its number in the ledger.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Administrator => 1,
            Self::PrivacyOfficer => 2,
            Self::Technician => 3,
            Self::CustomerContact => 4,
        }
    }

    /// The role of that number.
    #[must_use]
    pub fn numbered(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.number() == number)
    }

    /// Whether it may do something at all; to which organisations, [`super::Reach`] says.
    #[must_use]
    pub const fn may(self, permission: Permission) -> bool {
        use Permission as P;
        match self {
            Self::Administrator => !matches!(permission, P::UsePortal),
            Self::PrivacyOfficer => matches!(
                permission,
                P::SeeInventory
                    | P::Export
                    | P::Erase
                    | P::OpenRequests
                    | P::HandleRequests
                    | P::ReviewRequests
                    | P::SeePolicy
                    | P::SeeRetention
                    | P::SeeLedger
                    | P::SeeReport
            ),
            Self::Technician => matches!(
                permission,
                P::SeeInventory | P::Export | P::Enrol | P::ManageDevices | P::OpenRequests | P::SeePolicy
            ),
            Self::CustomerContact => matches!(permission, P::UsePortal | P::SeePolicy),
        }
    }

    /// Whether an account of this role is always limited to named organisations.
    #[must_use]
    pub const fn is_limited(self) -> bool {
        matches!(self, Self::CustomerContact)
    }
}

/// Not the name of a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a role is one of administrator, privacy-officer, technician and customer-contact")]
pub struct UnknownRole;

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(name: &str) -> Result<Self, UnknownRole> {
        Self::ALL
            .into_iter()
            .find(|role| role.name() == name)
            .ok_or(UnknownRole)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Written out by hand: a letter for each role that may, in their order.
    const EXPECTED: [(Permission, &str); Permission::ALL.len()] = [
        (Permission::SeeInventory, "aot"),
        (Permission::Export, "aot"),
        (Permission::Enrol, "at"),
        (Permission::ManageDevices, "at"),
        (Permission::Erase, "ao"),
        (Permission::OpenRequests, "aot"),
        (Permission::HandleRequests, "ao"),
        (Permission::ReviewRequests, "ao"),
        (Permission::SeePolicy, "aotc"),
        (Permission::SeeRetention, "ao"),
        (Permission::SeeLedger, "ao"),
        (Permission::SeeReport, "ao"),
        (Permission::ManageOrganisations, "a"),
        (Permission::ManageAccounts, "a"),
        (Permission::UsePortal, "c"),
    ];

    #[test]
    fn each_role_may_what_was_written_down_and_no_more() {
        let letters = Role::ALL.into_iter().zip("aotc".chars());
        for (role, letter) in letters {
            for (permission, may) in EXPECTED {
                assert_eq!(
                    role.may(permission),
                    may.contains(letter),
                    "{role}: {permission:?}"
                );
            }
        }
    }

    #[test]
    fn a_role_is_known_again_by_its_name_and_its_number() {
        for role in Role::ALL {
            assert_eq!(role.name().parse(), Ok(role));
            assert_eq!(Role::numbered(role.number()), Some(role));
        }
        assert_eq!("Administrator".parse::<Role>(), Err(UnknownRole));
        assert_eq!(Role::numbered(0), None);
    }
}
