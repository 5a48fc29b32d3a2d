//! A form's role and organisations, read and offered.

use std::collections::BTreeSet;

use zeef_proto::OrganisationId;

use super::super::locale::{Phrase, Texts};
use crate::access::{Misfit, Reach, Role};
use crate::store::records::Organisation;

/// What a form says of an account: pairs, for an organisation is named as often as there are.
pub(super) struct Asked {
    pub(super) name: String,
    role: Option<Role>,
    organisations: BTreeSet<OrganisationId>,
    /// Whether what will happen has been read.
    pub(super) confirmed: bool,
}

impl Asked {
    pub(super) fn of(pairs: Vec<(String, String)>) -> Self {
        let mut asked = Self {
            name: String::new(),
            role: None,
            organisations: BTreeSet::new(),
            confirmed: false,
        };
        for (name, value) in pairs {
            match name.as_str() {
                "name" => asked.name = value,
                "role" => asked.role = value.parse().ok(),
                "organisation" => asked.organisations.extend(value.parse::<OrganisationId>().ok()),
                "confirmed" => asked.confirmed = value == "yes",
                _ => {}
            }
        }
        asked
    }

    /// Role and reach, or what does not fit.
    pub(super) fn rights<'a>(&self, texts: &'a Texts) -> Result<(Role, Reach), &'a Phrase> {
        let told = &texts.accounts;
        let role = self.role.ok_or(&told.no_role)?;
        match Reach::for_role(role, self.organisations.clone()) {
            Ok(reach) => Ok((role, reach)),
            Err(Misfit::NeedsOrganisation) => Err(&told.needs_organisation),
            Err(Misfit::Administrator) => Err(&told.administrator_everywhere),
        }
    }

    /// The form as it was filled in.
    pub(super) fn offered(&self, organisations: &[Organisation], texts: &'static Texts) -> Offered {
        Offered::new(self.role, &self.organisations, organisations, texts)
    }
}

/// Roles and organisations to choose from.
pub(super) struct Offered {
    pub(super) roles: Vec<RoleChoice>,
    pub(super) organisations: Vec<OrganisationChoice>,
}

pub(super) struct RoleChoice {
    pub(super) value: &'static str,
    pub(super) name: &'static Phrase,
    pub(super) hint: &'static Phrase,
    pub(super) chosen: bool,
}

pub(super) struct OrganisationChoice {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) chosen: bool,
}

impl Offered {
    /// For an account that is to be made.
    pub(super) fn fresh(organisations: &[Organisation], texts: &'static Texts) -> Self {
        Self::new(Some(Role::Technician), &BTreeSet::new(), organisations, texts)
    }

    /// What an account has.
    pub(super) fn held(
        role: Role,
        reach: &Reach,
        organisations: &[Organisation],
        texts: &'static Texts,
    ) -> Self {
        let none = BTreeSet::new();
        Self::new(Some(role), reach.limits().unwrap_or(&none), organisations, texts)
    }

    fn new(
        role: Option<Role>,
        chosen: &BTreeSet<OrganisationId>,
        organisations: &[Organisation],
        texts: &'static Texts,
    ) -> Self {
        let roles = Role::ALL.into_iter().map(|one| RoleChoice {
            value: one.name(),
            name: texts.of_role(one),
            hint: texts.hint_of_role(one),
            chosen: role == Some(one),
        });
        let organisations = organisations.iter().map(|one| OrganisationChoice {
            id: one.id.to_string(),
            name: one.name.clone(),
            chosen: chosen.contains(&one.id),
        });
        Self {
            roles: roles.collect(),
            organisations: organisations.collect(),
        }
    }
}

/// The organisations that an account reaches, by name.
pub(super) fn reached(reach: &Reach, organisations: &[Organisation], texts: &Texts) -> String {
    let Some(limits) = reach.limits() else {
        return texts.accounts.everywhere.to_string();
    };
    let within = organisations.iter().filter(|one| limits.contains(&one.id));
    let names: Vec<&str> = within.map(|one| one.name.as_str()).collect();
    if names.is_empty() {
        texts.accounts.nowhere.to_string()
    } else {
        names.join(", ")
    }
}
