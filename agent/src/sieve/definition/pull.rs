//! How a product's interface gives its records: at which path, to whom, and how pages follow each other. The host is
//! never said here: a token goes where the configuration sends it and nowhere else.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use serde::Deserialize;

use super::Name;

/// Records that can be fetched.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pull {
    /// What the configuration calls it.
    pub name: Name,
    /// What it fetches, for people.
    pub about: String,
    /// Where it is found.
    pub path: PathTemplate,
    /// What stands behind the question mark of the first request, besides what the paging adds.
    #[serde(default)]
    pub query: BTreeMap<String, String>,
    /// How a request says who asks.
    pub authenticate: Authenticate,
    /// How pages follow each other.
    #[serde(default)]
    pub paging: Paging,
}

/// How a request says who asks.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Authenticate {
    /// The token stands in this header.
    Header(HeaderName),
    /// Key and secret buy a bearer token (OAuth 2, RFC 6749 section 4.3), until it is refused.
    PasswordGrant(PasswordGrant),
}

/// Where a bearer token is bought, and as which client.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PasswordGrant {
    /// Path of the token endpoint.
    pub path: FixedPath,
    /// Name of the public client.
    pub client: String,
    /// What the vendor documents as its password; no secret.
    pub client_password: String,
}

/// How pages follow each other.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Paging {
    /// One page holds all.
    #[default]
    None,
    /// The query says where a page begins, and each page says how many there are in all.
    Offset(Offset),
    /// Each page holds the address of the next one.
    Next(KeyPath),
}

/// Names of what counts the records of pages.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Offset {
    /// Query: how many records come before the page.
    pub offset: String,
    /// Query: how many records a page may hold.
    pub limit: String,
    /// Records asked for a page.
    pub size: NonZeroU32,
    /// In a page: how many records it holds.
    pub count: KeyPath,
    /// In a page: how many records there are in all.
    pub total: KeyPath,
}

/// An absolute path whose segments are words or parameters: `/api/s/{site}/stat`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct PathTemplate(Vec<Segment>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Word(String),
    Parameter(Name),
}

impl PathTemplate {
    /// The parameters that it wants.
    pub fn parameters(&self) -> impl Iterator<Item = &Name> {
        self.0.iter().filter_map(|segment| match segment {
            Segment::Parameter(name) => Some(name),
            Segment::Word(_) => None,
        })
    }

    /// The path with `value` in the places of its parameters, which must be fit for a path as they are.
    ///
    /// # Errors
    /// The parameter that has no value.
    pub fn filled<'a>(&self, value: impl Fn(&Name) -> Option<&'a str>) -> Result<String, &Name> {
        let mut path = String::new();
        for segment in &self.0 {
            path.push('/');
            path.push_str(match segment {
                Segment::Word(word) => word,
                Segment::Parameter(name) => value(name).ok_or(name)?,
            });
        }
        Ok(path)
    }
}

/// A path without parameters.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct FixedPath(String);

impl FixedPath {
    /// The path as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for FixedPath {
    type Error = InvalidPull;

    fn try_from(text: String) -> Result<Self, InvalidPull> {
        let template = PathTemplate::try_from(text)?;
        template
            .filled(|_| None)
            .map(Self)
            .map_err(|_| InvalidPull::Parameter)
    }
}

impl TryFrom<String> for PathTemplate {
    type Error = InvalidPull;

    fn try_from(text: String) -> Result<Self, InvalidPull> {
        let segments = text.strip_prefix('/').ok_or(InvalidPull::Path)?.split('/');
        let segment = |text: &str| {
            if let Some(name) = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')) {
                let name = Name::try_from(name.to_owned()).map_err(|_| InvalidPull::Path)?;
                return Ok(Segment::Parameter(name));
            }
            if fits_in_path(text) {
                Ok(Segment::Word(text.to_owned()))
            } else {
                Err(InvalidPull::Path)
            }
        };
        segments.map(segment).collect::<Result<_, _>>().map(Self)
    }
}

/// Whether a text can be a segment of a path without a sign in it meaning anything.
pub(crate) fn fits_in_path(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    !matches!(text, "" | "." | "..") && text.bytes().all(plain)
}

/// The name of a header: letters, digits and hyphens.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct HeaderName(String);

impl HeaderName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for HeaderName {
    type Error = InvalidPull;

    fn try_from(text: String) -> Result<Self, InvalidPull> {
        let fits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if fits {
            Ok(Self(text))
        } else {
            Err(InvalidPull::Header)
        }
    }
}

/// Keys into the object of a page, with dots between: `pageDetails.nextPageUrl`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct KeyPath(Vec<String>);

impl KeyPath {
    /// The keys, outermost first; one at least.
    #[must_use]
    pub fn keys(&self) -> &[String] {
        &self.0
    }
}

impl TryFrom<String> for KeyPath {
    type Error = InvalidPull;

    fn try_from(text: String) -> Result<Self, InvalidPull> {
        let keys: Vec<String> = text.split('.').map(str::to_owned).collect();
        if keys.iter().any(String::is_empty) {
            Err(InvalidPull::Keys)
        } else {
            Ok(Self(keys))
        }
    }
}

/// A part of a pull that is malformed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPull {
    /// A path.
    #[error(
        "the path of a pull begins with / and has words or {{parameters}} between slashes; the host stands in the \
         configuration"
    )]
    Path,
    /// A parameter where none is filled in.
    #[error("the path of a token endpoint has no {{parameters}}")]
    Parameter,
    /// A header.
    #[error("the name of a header has letters, digits and hyphens")]
    Header,
    /// Keys into a page.
    #[error("keys into a page have dots between them and are not empty")]
    Keys,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> Result<PathTemplate, InvalidPull> {
        PathTemplate::try_from(text.to_owned())
    }

    #[test]
    fn a_path_leads_nowhere_but_to_where_it_says() {
        for text in [
            "", "a", "//host/a", "/a//b", "/a/../b", "/./a", "/a?b", "/a#b", "/a%2fb", "/{A b}", "/a/",
        ] {
            assert_eq!(path(text), Err(InvalidPull::Path), "{text}");
        }
    }

    #[test]
    fn a_parameter_is_filled_in_or_missed() {
        let template = path("/api/s/{site}/stat").unwrap();
        let wanted: Vec<_> = template.parameters().map(Name::as_str).collect();
        assert_eq!(wanted, ["site"]);
        assert_eq!(
            template.filled(|_| Some("default")),
            Ok("/api/s/default/stat".to_owned())
        );
        assert_eq!(template.filled(|_| None).map_err(Name::as_str), Err("site"));
        let fixed = FixedPath::try_from("/api/s/{site}".to_owned());
        assert_eq!(fixed, Err(InvalidPull::Parameter));
    }
}
