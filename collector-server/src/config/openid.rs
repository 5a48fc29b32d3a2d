//! The identity provider.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use toml::Value;

use super::section::{Section, text};
use crate::access::Role;
use crate::openid::is_safe;

/// The identity provider at which people may sign in, and what its claims make them.
#[derive(Debug, Clone)]
pub struct OpenId {
    /// Its own address, to the letter.
    pub issuer: String,
    /// What it is called on the page that signs in.
    pub name: String,
    /// The collector, as it knows it.
    pub client_id: String,
    /// The file with the collector's password there; a provider that takes public clients needs none.
    pub client_secret_file: Option<PathBuf>,
    /// The certificate authority by which it is known; without, those that this machine believes.
    pub certificate_authority: Option<PathBuf>,
    /// The claim that gives a role.
    pub role_claim: String,
    /// The role that each value of that claim gives.
    pub roles: BTreeMap<String, Role>,
    /// The claim that names organisations, by name or id.
    pub organisation_claim: Option<String>,
}

/// The inner `None` where there is no such section, the outer one only after a mistake.
pub(super) fn openid(mut section: Section<'_>, directory: &Path) -> Option<Option<OpenId>> {
    if section.is_absent() {
        return Some(None);
    }
    let path = |value: &Value| text(value).map(|path| directory.join(path));
    let issuer = section.required("issuer", issuer);
    let name = section.optional("name", text);
    let client_id = section.required("client_id", text);
    let client_secret_file = section.optional("client_secret_file", path);
    let certificate_authority = section.optional("certificate_authority", path);
    let role_claim = section.required("role_claim", text);
    let roles = section.required("roles", roles);
    let organisation_claim = section.optional("organisation_claim", text);
    section.finish();
    let issuer = issuer?;
    let host = issuer.split("://").last().unwrap_or_default();
    let host = host.split('/').next().unwrap_or_default().to_owned();
    Some(Some(OpenId {
        issuer,
        name: name?.unwrap_or(host),
        client_id: client_id?,
        client_secret_file: client_secret_file?,
        certificate_authority: certificate_authority?,
        role_claim: role_claim?,
        roles: roles?,
        organisation_claim: organisation_claim?,
    }))
}

fn issuer(value: &Value) -> Result<String, String> {
    let issuer = text(value)?;
    if is_safe(&issuer) && !issuer.contains(['?', '#']) {
        Ok(issuer)
    } else {
        Err("must be the provider's address over https, as the provider writes it".to_owned())
    }
}

fn roles(value: &Value) -> Result<BTreeMap<String, Role>, String> {
    let table = value
        .as_table()
        .ok_or("must be a table of the claim's values and the role that each gives")?;
    let role = |(name, role): (&String, &Value)| {
        let role = text(role)?.parse();
        let role = role.map_err(|_| {
            let roles: Vec<&str> = Role::ALL.iter().map(|role| role.name()).collect();
            format!("must give roles of these: {}", roles.join(", "))
        })?;
        Ok((name.clone(), role))
    };
    table.iter().map(role).collect()
}

#[cfg(test)]
mod tests {
    use super::super::section::Mistakes;
    use super::*;

    fn read(text: &str) -> Result<OpenId, Vec<String>> {
        let mut mistakes = Mistakes::default();
        let section = Section::new("web.openid.", text.parse().unwrap(), &mut mistakes);
        match openid(section, Path::new("/etc/zeef")).flatten() {
            Some(openid) => Ok(openid),
            None => Err(mistakes.into_list()),
        }
    }

    #[test]
    fn a_provider_is_known_by_its_address_and_gives_roles() {
        let openid = read(
            "issuer = \"https://login.example.org/realm\"\nclient_id = \"zeef\"\nclient_secret_file = \"keys/openid\"\n\
             role_claim = \"groups\"\n[roles]\n\"Zeef beheer\" = \"administrator\"\n",
        )
        .unwrap();
        assert_eq!(openid.name, "login.example.org");
        assert_eq!(
            openid.client_secret_file.unwrap(),
            Path::new("/etc/zeef/keys/openid")
        );
        assert_eq!(openid.roles["Zeef beheer"], Role::Administrator);
    }

    #[test]
    fn each_mistake_is_named() {
        let mistakes = read("issuer = \"http://login.example.org\"\n[roles]\na = \"boss\"\n").unwrap_err();
        for start in [
            "web.openid.issuer: must be",
            "web.openid.client_id: is missing",
            "web.openid.role_claim: is missing",
            "web.openid.roles: must give roles of these: administrator, ",
        ] {
            assert!(mistakes.iter().any(|m| m.starts_with(start)), "{mistakes:?}");
        }
    }
}
