//! Who a provider's claims make somebody here. Pure.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use zeef_proto::OrganisationId;

use super::Claims;
use crate::access::{Reach, Role};
use crate::config::OpenId;
use crate::store::records::Organisation;

/// The longest name of an account, in characters.
const LONGEST_NAME: usize = 64;

/// What an account becomes.
#[derive(Debug, PartialEq, Eq)]
pub struct Decision {
    /// What it is called, when it is made.
    pub name: String,
    /// Its role.
    pub role: Role,
    /// Its reach.
    pub reach: Reach,
}

/// Why somebody whom the provider knows gets no account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// No claim gives it a role.
    NoRole,
    /// Its role is within organisations, and no claim names one that is here.
    NoOrganisation,
}

/// Decides by the claims. Of several roles the one counts that may most. Where organisations are mapped, only an
/// administrator reaches all.
///
/// # Errors
/// [`Refusal`].
pub fn decide(config: &OpenId, claims: &Claims, organisations: &[Organisation]) -> Result<Decision, Refusal> {
    let named = texts(&claims.other, &config.role_claim);
    let role = Role::ALL
        .into_iter()
        .find(|role| named.iter().any(|value| config.roles.get(*value) == Some(role)))
        .ok_or(Refusal::NoRole)?;
    let reach = match &config.organisation_claim {
        _ if role == Role::Administrator => Reach::All,
        None if role.is_limited() => return Err(Refusal::NoOrganisation),
        None => Reach::All,
        Some(claim) => {
            let named = texts(&claims.other, claim);
            let reached: BTreeSet<OrganisationId> = organisations
                .iter()
                .filter(|one| named.iter().any(|name| is_called(one, name)))
                .map(|one| one.id)
                .collect();
            if reached.is_empty() {
                return Err(Refusal::NoOrganisation);
            }
            Reach::Organisations(reached)
        }
    };
    Ok(Decision {
        name: name(claims),
        role,
        reach,
    })
}

fn is_called(organisation: &Organisation, name: &str) -> bool {
    organisation.name.eq_ignore_ascii_case(name) || organisation.id.to_string() == name
}

/// The texts of a claim, which has one or a list.
fn texts<'a>(claims: &'a Map<String, Value>, claim: &str) -> Vec<&'a str> {
    match claims.get(claim) {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// What the provider calls the person, as far as that can be an account's name.
fn name(claims: &Claims) -> String {
    let usable = |name: &&str| !name.is_empty() && !name.chars().any(char::is_control);
    let name = ["preferred_username", "email"]
        .into_iter()
        .filter_map(|claim| claims.other.get(claim)?.as_str())
        .map(str::trim)
        .find(usable)
        .unwrap_or(&claims.subject);
    name.chars()
        .filter(|c| !c.is_control())
        .take(LONGEST_NAME)
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;

    fn config(organisation_claim: Option<&str>) -> OpenId {
        let roles = [
            ("boss", Role::Administrator),
            ("staff", Role::Technician),
            ("customer", Role::CustomerContact),
        ];
        OpenId {
            issuer: "https://login.example.org".to_owned(),
            name: "login.example.org".to_owned(),
            client_id: "zeef".to_owned(),
            client_secret_file: None,
            certificate_authority: None,
            role_claim: "groups".to_owned(),
            roles: roles
                .into_iter()
                .map(|(value, role)| (value.to_owned(), role))
                .collect::<BTreeMap<_, _>>(),
            organisation_claim: organisation_claim.map(str::to_owned),
        }
    }

    fn claims(other: Value) -> Claims {
        let Value::Object(other) = other else { panic!() };
        Claims {
            subject: "248289761001".to_owned(),
            other,
        }
    }

    fn organisation(number: u8, name: &str) -> Organisation {
        Organisation {
            id: OrganisationId::from_bytes([number; 16]),
            name: name.to_owned(),
            devices: 0,
        }
    }

    #[test]
    fn the_role_is_the_one_that_may_most_of_those_that_a_claim_gives() {
        for (groups, expected) in [
            (json!("staff"), Ok(Role::Technician)),
            (json!(["other", "staff", "boss"]), Ok(Role::Administrator)),
            (json!(["other"]), Err(Refusal::NoRole)),
            (json!("Staff"), Err(Refusal::NoRole)),
            (json!(null), Err(Refusal::NoRole)),
            (json!({ "staff": true }), Err(Refusal::NoRole)),
            (json!("customer"), Err(Refusal::NoOrganisation)),
        ] {
            let decided = decide(&config(None), &claims(json!({ "groups": groups })), &[]);
            assert_eq!(decided.map(|decided| decided.role), expected, "{groups}");
        }
    }

    #[test]
    fn organisations_are_those_that_a_claim_names_and_that_are_here() {
        let here = [
            organisation(1, "Bakkerij Jansen"),
            organisation(2, "Garage De Vries"),
        ];
        let config = config(Some("customers"));
        let id = here[1].id.to_string();
        for (group, customers, expected) in [
            ("customer", json!("bakkerij jansen"), Ok(Reach::of([here[0].id]))),
            ("staff", json!([id, "nobody"]), Ok(Reach::of([here[1].id]))),
            ("staff", json!(null), Err(Refusal::NoOrganisation)),
            ("customer", json!(["nobody"]), Err(Refusal::NoOrganisation)),
            ("boss", json!(["nobody"]), Ok(Reach::All)),
        ] {
            let claims = claims(json!({ "groups": group, "customers": customers }));
            let decided = decide(&config, &claims, &here);
            assert_eq!(
                decided.map(|decided| decided.reach),
                expected,
                "{group} {customers}"
            );
        }
    }

    #[test]
    fn an_account_is_called_as_the_provider_calls_the_person() {
        for (other, expected) in [
            (
                json!({ "preferred_username": " anna ", "email": "a@example.org" }),
                "anna",
            ),
            (
                json!({ "preferred_username": "", "email": "a@example.org" }),
                "a@example.org",
            ),
            (json!({ "email": "a\u{7}b" }), "248289761001"),
            (json!({}), "248289761001"),
        ] {
            assert_eq!(name(&claims(other)), expected);
        }
        let long = json!({ "email": "x".repeat(100) });
        assert_eq!(name(&claims(long)).len(), LONGEST_NAME);
    }
}
