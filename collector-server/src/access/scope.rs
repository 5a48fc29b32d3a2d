//! What a token for the API is narrowed to.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use super::Permission;

/// A part of what a role may do. A token may what its role may and one of its scopes holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Lists devices and reads what is held of each.
    ReadInventory,
    /// Revokes devices and says that they are still there.
    ManageDevices,
    /// Makes, lists and revokes enrolment tokens.
    Enrol,
    /// Erases devices.
    Erase,
    /// Reads the policy.
    ReadPolicy,
    /// Reads what falls due, and whether deletion is late.
    ReadRetention,
    /// Reads the ledger and its proofs.
    ReadLedger,
    /// Starts and ends subscriptions.
    ManageOrganisations,
    /// Lists accounts.
    ManageAccounts,
}

impl Scope {
    /// All, those that only read first.
    pub const ALL: [Self; 9] = [
        Self::ReadInventory,
        Self::ReadPolicy,
        Self::ReadRetention,
        Self::ReadLedger,
        Self::Enrol,
        Self::ManageDevices,
        Self::Erase,
        Self::ManageOrganisations,
        Self::ManageAccounts,
    ];

    /// The name by which commands, forms and databases know it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ReadInventory => "inventory:read",
            Self::ManageDevices => "devices:manage",
            Self::Enrol => "enrolment",
            Self::Erase => "erasure",
            Self::ReadPolicy => "policy:read",
            Self::ReadRetention => "retention:read",
            Self::ReadLedger => "ledger:read",
            Self::ManageOrganisations => "organisations:manage",
            Self::ManageAccounts => "accounts:manage",
        }
    }

    /// What it lets through, where the role may it too.
    #[must_use]
    pub const fn permission(self) -> Permission {
        match self {
            Self::ReadInventory => Permission::SeeInventory,
            Self::ManageDevices => Permission::ManageDevices,
            Self::Enrol => Permission::Enrol,
            Self::Erase => Permission::Erase,
            Self::ReadPolicy => Permission::SeePolicy,
            Self::ReadRetention => Permission::SeeRetention,
            Self::ReadLedger => Permission::SeeLedger,
            Self::ManageOrganisations => Permission::ManageOrganisations,
            Self::ManageAccounts => Permission::ManageAccounts,
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Not the name of a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a scope is one of inventory:read, policy:read, retention:read, ledger:read, enrolment, devices:manage, erasure, \
     organisations:manage and accounts:manage"
)]
pub struct UnknownScope;

impl FromStr for Scope {
    type Err = UnknownScope;

    fn from_str(name: &str) -> Result<Self, UnknownScope> {
        let named = Self::ALL.into_iter().find(|scope| scope.name() == name);
        named.ok_or(UnknownScope)
    }
}

/// The scopes of a token, each once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scopes(BTreeSet<Scope>);

impl Scopes {
    /// Whether one of them lets something through.
    #[must_use]
    pub fn allow(&self, permission: Permission) -> bool {
        self.0.iter().any(|scope| scope.permission() == permission)
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = Scope> {
        self.0.iter().copied()
    }

    /// Their names.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().map(|scope| scope.name())
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().collect())
    }
}

impl fmt::Display for Scopes {
    /// The names, with a space between two.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.names().collect::<Vec<_>>().join(" "))
    }
}

impl FromStr for Scopes {
    type Err = UnknownScope;

    fn from_str(names: &str) -> Result<Self, UnknownScope> {
        names.split_ascii_whitespace().map(str::parse).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_known_again_by_its_name_and_no_two_let_the_same_through() {
        let mut permissions = BTreeSet::new();
        for scope in Scope::ALL {
            assert_eq!(scope.name().parse(), Ok(scope));
            assert!(permissions.insert(scope.permission()), "{scope}");
            assert!(UnknownScope.to_string().contains(scope.name()));
        }
        assert_eq!("inventory".parse::<Scope>(), Err(UnknownScope));
    }

    #[test]
    fn scopes_let_through_what_they_hold_and_nothing_else() {
        let scopes: Scopes = "policy:read inventory:read".parse().unwrap();
        assert!(scopes.allow(Permission::SeeInventory) && scopes.allow(Permission::SeePolicy));
        assert!(!scopes.allow(Permission::Export) && !scopes.allow(Permission::Erase));
        assert_eq!(scopes.to_string().parse(), Ok(scopes));
        assert!(!Scopes::default().allow(Permission::SeePolicy));
    }
}
