//! The enrolment bundle: one file with all that a new device needs, made by the organisation's administrator. It may
//! hold the organisation's key, which reaches devices in this way and never passes the collector.

use serde::Deserialize;
use zeef_proto::wire::EnrolmentToken;
use zeroize::Zeroizing;

use crate::pseudonym::{Key, Scope};
use crate::state::Place;
use crate::transport::{CollectorUrl, ProxyUrl};

const REMARK: &str =
    "# Who can read this file can enrol devices and, with the key, find out what stands behind its tokens.\n";

/// Where to enrol, with what, and the key that the organisation's devices share.
pub struct Bundle {
    /// The collector, the way to it, and the token.
    pub place: Place,
    /// The organisation's key.
    pub organisation_key: Option<Key>,
}

/// As it stands in the file. The token comes last, so that a file that was cut short lacks it and is refused.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    bundle: u8,
    url: CollectorUrl,
    proxy: Option<ProxyUrl>,
    organisation_key: Option<String>,
    token: String,
}

const VERSION: u8 = 1;

/// Why a text is no bundle. Repeats nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidBundle {
    /// Cut short, damaged, or something else.
    #[error(
        "the file is no enrolment bundle or was cut short; copy it whole, or make it anew with zeef-agent bundle"
    )]
    Text,
    /// Written by a newer agent.
    #[error("the enrolment bundle has a form that this agent does not know; install a newer agent")]
    Version,
    /// Not an organisation's key.
    #[error("the key is damaged or of another scope; use one of zeef-agent key new --scope organisation")]
    Key,
}

impl Bundle {
    /// Reads a bundle's text.
    ///
    /// # Errors
    /// [`InvalidBundle`].
    pub fn read(text: &str) -> Result<Self, InvalidBundle> {
        let text: Text = toml::from_str(text).map_err(|_| InvalidBundle::Text)?;
        if text.bundle != VERSION {
            return Err(InvalidBundle::Version);
        }
        let token = Zeroizing::new(text.token);
        let token: EnrolmentToken = token.parse().map_err(|_| InvalidBundle::Text)?;
        let key = text.organisation_key.map(Zeroizing::new);
        Ok(Self {
            place: Place {
                url: text.url,
                proxy: text.proxy,
                token,
            },
            organisation_key: key.map(|key| organisation_key(&key)).transpose()?,
        })
    }

    /// The text, secrets included. Named so that every use is easy to find and to question.
    #[must_use]
    pub fn expose(&self) -> Zeroizing<String> {
        // A text that outgrows its room is copied, and the copy left behind is not overwritten.
        let mut text = Zeroizing::new(String::with_capacity(4096));
        let Place { url, proxy, token } = &self.place;
        text.push_str(REMARK);
        text.push_str(&format!("bundle = {VERSION}\nurl = \"{url}\"\n"));
        if let Some(proxy) = proxy {
            let proxy = Zeroizing::new(proxy.url().to_string());
            text.push_str("proxy = \"");
            text.push_str(&proxy);
            text.push_str("\"\n");
        }
        if let Some(key) = &self.organisation_key {
            text.push_str("organisation_key = '''\n");
            text.push_str(&key.expose());
            text.push_str("'''\n");
        }
        text.push_str("token = \"");
        text.push_str(&Zeroizing::new(token.expose()));
        text.push_str("\"\n");
        text
    }
}

/// Reads the text of a key that is an organisation's.
///
/// # Errors
/// [`InvalidBundle::Key`].
fn organisation_key(text: &str) -> Result<Key, InvalidBundle> {
    let key: Key = text.parse().map_err(|_| InvalidBundle::Key)?;
    if key.scope() == Scope::Organisation {
        Ok(key)
    } else {
        Err(InvalidBundle::Key)
    }
}

impl std::fmt::Debug for Bundle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Bundle(…)")
    }
}

#[cfg(test)]
mod tests {
    use zeef_proto::UnixTime;
    use zeef_proto::policy::PolicyKey;

    use super::*;
    use crate::pseudonym::{KeyId, Secret};

    #[test]
    fn a_bundle_survives_its_text() {
        let key = Key::new(
            KeyId::random(),
            Scope::Organisation,
            Secret::random(),
            UnixTime(0),
        );
        let bundle = Bundle {
            place: Place {
                url: "https://zeef.example:8443".parse().unwrap(),
                proxy: Some("http://jan:a\"b%22c@proxy.example:3128".parse().unwrap()),
                token: EnrolmentToken {
                    secret: [1; 32],
                    root_fingerprint: [2; 32],
                    policy_key: PolicyKey::from_bytes([3; 32]),
                },
            },
            organisation_key: Some(key),
        };
        let text = bundle.expose();
        let read = Bundle::read(&text).unwrap();
        assert!(read.place == bundle.place);
        assert_eq!(*read.expose(), *text);
        let windows = text.replace('\n', "\r\n");
        assert_eq!(*Bundle::read(&windows).unwrap().expose(), *text);
        let newer = text.replace("bundle = 1", "bundle = 2");
        assert_eq!(Bundle::read(&newer).err(), Some(InvalidBundle::Version));
    }
}
