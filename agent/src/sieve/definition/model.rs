//! A definition's text, read strictly.

use std::collections::BTreeMap;

use serde::Deserialize;
use zeef_proto::field::Field;
use zeef_proto::policy::ProductId;

use super::Pull;

/// How the records of one vendor format are read.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// What `--source` calls it.
    pub name: Name,
    /// What it reads, for people.
    pub about: String,
    /// The product whose policy rows govern the records.
    pub product: ProductId,
    /// JSON: arrays whose elements are records of their own, as in the pages of an API.
    #[serde(default)]
    pub pages: Vec<String>,
    /// Kinds of record; the first that fits a record counts.
    #[serde(rename = "shape")]
    pub shapes: Vec<Shape>,
    /// What can be fetched of the product's interface.
    #[serde(default, rename = "pull")]
    pub pulls: Vec<Pull>,
}

/// One kind of record.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shape {
    /// What people call it.
    pub name: String,
    /// How its records are written.
    pub format: Format,
    /// Paths that such a record has.
    #[serde(default)]
    pub has: Vec<String>,
    /// Paths that such a record does not have.
    #[serde(default)]
    pub lacks: Vec<String>,
    /// Values that it has at some paths.
    #[serde(default)]
    pub is: Conditions,
    /// Which paths feed which documented field, in order of preference.
    #[serde(default)]
    pub fields: BTreeMap<Target, Vec<Feed>>,
    /// Which paths become link tokens, under the name of what they identify.
    #[serde(default)]
    pub links: BTreeMap<Name, Vec<Feed>>,
}

/// How a record is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// An object of JSON (RFC 8259): a document, a line, or the body of a syslog line.
    Json,
    /// A row of CSV (RFC 4180) under a header.
    Csv,
    /// Common Event Format.
    Cef,
    /// Log Event Extended Format, 1.0 or 2.0.
    Leef,
    /// `key=value key="value"`.
    Pairs,
    /// `[key: value, key: value] [flag] [@user]` between words.
    Brackets,
}

/// What a path may feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// [`Field::DeviceName`].
    DeviceName,
    /// [`Field::Username`].
    Username,
    /// [`Field::PrivateIp`] or [`Field::PublicIp`], as the value decides.
    Ip,
    /// [`Field::PrivateIp`] alone.
    PrivateIp,
    /// [`Field::PublicIp`] alone.
    PublicIp,
    /// [`Field::MacAddress`].
    MacAddress,
    /// [`Field::ServiceId`].
    ServiceId,
    /// [`Field::LineId`].
    LineId,
}

impl Target {
    /// The name in definitions, such as `ip`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::DeviceName => "device_name",
            Self::Username => "username",
            Self::Ip => "ip",
            Self::PrivateIp => "private_ip",
            Self::PublicIp => "public_ip",
            Self::MacAddress => "mac_address",
            Self::ServiceId => "service_id",
            Self::LineId => "line_id",
        }
    }

    /// The documented fields that a value may end in.
    #[must_use]
    pub const fn fields(self) -> &'static [Field] {
        match self {
            Self::DeviceName => &[Field::DeviceName],
            Self::Username => &[Field::Username],
            Self::Ip => &[Field::PrivateIp, Field::PublicIp],
            Self::PrivateIp => &[Field::PrivateIp],
            Self::PublicIp => &[Field::PublicIp],
            Self::MacAddress => &[Field::MacAddress],
            Self::ServiceId => &[Field::ServiceId],
            Self::LineId => &[Field::LineId],
        }
    }
}

/// A path that feeds a field, and when it does.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "FeedText")]
pub struct Feed {
    /// The path.
    pub path: String,
    /// Only where these paths have these values.
    pub when: Conditions,
    /// Not where one of these paths has one of these values.
    pub unless: Conditions,
}

/// Path to values. `*` at an end of a value stands for anything.
pub type Conditions = BTreeMap<String, OneOrMore>;

/// One value, or several of which one suffices.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum OneOrMore {
    /// One.
    One(String),
    /// Several.
    More(Vec<String>),
}

impl OneOrMore {
    pub(crate) fn as_slice(&self) -> &[String] {
        match self {
            Self::One(value) => std::slice::from_ref(value),
            Self::More(values) => values,
        }
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum FeedText {
    Path(String),
    Full(FullFeed),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FullFeed {
    path: String,
    #[serde(default)]
    when: Conditions,
    #[serde(default)]
    unless: Conditions,
}

impl From<FeedText> for Feed {
    fn from(text: FeedText) -> Self {
        match text {
            FeedText::Path(path) => Self {
                path,
                when: Conditions::new(),
                unless: Conditions::new(),
            },
            FeedText::Full(FullFeed { path, when, unless }) => Self { path, when, unless },
        }
    }
}

/// A name of a definition or of what a link token identifies: 1 to 40 lower-case letters, digits and hyphens.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct Name(String);

impl Name {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Name {
    type Error = InvalidName;

    fn try_from(name: String) -> Result<Self, InvalidName> {
        let fits = (1..=40).contains(&name.len())
            && name
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if fits { Ok(Self(name)) } else { Err(InvalidName) }
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A name of another form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a name is 1 to 40 lower-case letters, digits and hyphens")]
pub struct InvalidName;
