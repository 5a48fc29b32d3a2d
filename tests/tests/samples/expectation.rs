//! What was written down: positions of records, and the documented fields that they give.

use std::path::Path;

use serde::Deserialize;
use zeef_proto::field::{DeviceName, Field, MacAddress, Parse, PrivateIp, PublicIp, Username};

/// One file of samples.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sample {
    /// The definition to read it with, or `auto`.
    pub(crate) source: String,
    /// Path inside the samples folder.
    pub(crate) file: String,
    pub(crate) form: Form,
    pub(crate) records: Vec<Expected>,
}

/// How the file holds its records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Form {
    /// One a line, as the product writes them.
    Lines,
    /// One a line, under `record` beside where it was found.
    Records,
    /// One document.
    Document,
}

/// What one record gives.
#[derive(Debug, Deserialize)]
#[serde(from = "Entry")]
pub(crate) struct Expected {
    /// Position in the file, from 1.
    pub(crate) at: u64,
    pub(crate) fields: Fields,
    /// Why it gives nothing.
    nothing: Option<String>,
    /// What is not obvious.
    why: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    at: u64,
    device_name: Option<String>,
    #[serde(default)]
    usernames: Vec<String>,
    #[serde(default)]
    private_ips: Vec<String>,
    #[serde(default)]
    mac_addresses: Vec<String>,
    #[serde(default)]
    public_ips: Vec<String>,
    nothing: Option<String>,
    why: Option<String>,
}

impl From<Entry> for Expected {
    fn from(entry: Entry) -> Self {
        Self {
            at: entry.at,
            fields: Fields {
                device_name: entry.device_name,
                usernames: entry.usernames,
                private_ips: entry.private_ips,
                mac_addresses: entry.mac_addresses,
                public_ips: entry.public_ips,
            },
            nothing: entry.nothing,
            why: entry.why,
        }
    }
}

/// The documented fields that occur in the samples. Lists are sorted.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Fields {
    pub(crate) device_name: Option<String>,
    pub(crate) usernames: Vec<String>,
    pub(crate) private_ips: Vec<String>,
    pub(crate) mac_addresses: Vec<String>,
    pub(crate) public_ips: Vec<String>,
}

impl Fields {
    /// Which of them have a value.
    pub(crate) fn present(&self) -> impl Iterator<Item = Field> {
        [
            (Field::DeviceName, self.device_name.is_some()),
            (Field::Username, !self.usernames.is_empty()),
            (Field::PrivateIp, !self.private_ips.is_empty()),
            (Field::MacAddress, !self.mac_addresses.is_empty()),
            (Field::PublicIp, !self.public_ips.is_empty()),
        ]
        .into_iter()
        .filter_map(|(field, present)| present.then_some(field))
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &str> {
        self.device_name
            .iter()
            .chain(&self.usernames)
            .chain(&self.private_ips)
            .chain(&self.mac_addresses)
            .chain(&self.public_ips)
            .map(String::as_str)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    sample: Vec<Sample>,
}

/// All that is written down.
pub(crate) fn all() -> Vec<Sample> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("expectations");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    files.sort();
    files
        .iter()
        .flat_map(|path| {
            let text = std::fs::read_to_string(path).unwrap();
            let file: File = toml::from_str(&text).unwrap_or_else(|error| panic!("{path:?}: {error}"));
            file.sample
        })
        .collect()
}

impl Sample {
    /// What is wrong with how it was written down.
    pub(crate) fn mistakes(&self) -> Vec<String> {
        let mut mistakes = Vec::new();
        for (index, expected) in (1..).zip(&self.records) {
            let mut mistake = |what: &str| mistakes.push(format!("{} at {}: {what}", self.file, expected.at));
            if expected.at != index {
                mistake("positions are not 1, 2, 3 …");
            }
            if expected.nothing.is_some() != (expected.fields == Fields::default()) {
                mistake("either fields or the reason for nothing");
            }
            if [&expected.nothing, &expected.why]
                .into_iter()
                .flatten()
                .any(|text| text.is_empty())
            {
                mistake("an empty reason");
            }
            if !expected.fields.are_canonical() {
                mistake("a value is not canonical, or a list not sorted and distinct");
            }
        }
        mistakes
    }
}

impl Fields {
    fn are_canonical(&self) -> bool {
        self.device_name
            .iter()
            .all(|name| is_canonical::<DeviceName>(name))
            && whole::<Username>(&self.usernames)
            && whole::<PrivateIp>(&self.private_ips)
            && whole::<MacAddress>(&self.mac_addresses)
            && whole::<PublicIp>(&self.public_ips)
    }
}

fn whole<T: Parse>(values: &[String]) -> bool {
    values.is_sorted_by(|a, b| a < b) && values.iter().all(|value| is_canonical::<T>(value))
}

fn is_canonical<T: Parse>(text: &str) -> bool {
    T::parse(text).is_ok_and(|value| value.expose() == text)
}
