//! What the package says of itself, in the language of whoever asked.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::web::{Language, Phrase};

macro_rules! words {
    ($($key:ident),+ $(,)?) => {
        /// The texts of the package in one language.
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        pub(super) struct Words { $(pub(super) $key: Phrase,)+ }
    };
}

words! {
    readme, title, intro, no_policy, of_organisation, of_device, of_person, username, policy, contact, nothing, devices,
    redacted, redacted_hint, device, name, source, since, until, while_service, why, why_title, recipients,
    no_recipients, no_row, protocol, no_values, looked, looked_intro, looked_more, looked_none, at, by, what,
    by_administrator, by_device, by_retention, by_user, device_read, devices_listed, devices_searched,
    devices_exported, package_made,
}

#[derive(Deserialize)]
struct File {
    package: Words,
}

impl Words {
    pub(super) fn of(language: Language) -> &'static Self {
        static DUTCH: LazyLock<File> = LazyLock::new(|| read(DUTCH_FILE));
        static ENGLISH: LazyLock<File> = LazyLock::new(|| read(ENGLISH_FILE));
        match language {
            Language::Dutch => &DUTCH.package,
            Language::English => &ENGLISH.package,
        }
    }
}

const DUTCH_FILE: &str = include_str!("../../locales/nl/package.toml");
const ENGLISH_FILE: &str = include_str!("../../locales/en/package.toml");

#[expect(
    clippy::expect_used,
    reason = "the files are compiled in, and a test reads both"
)]
fn read(file: &str) -> File {
    toml::from_str(file).expect("an embedded locale file is complete")
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    /// The names of what is filled in, for each text.
    fn places(file: &str) -> BTreeMap<String, BTreeSet<String>> {
        let sections: BTreeMap<String, BTreeMap<String, String>> = toml::from_str(file).unwrap();
        let names = |text: &String| {
            let parts = text.split('{').skip(1);
            parts
                .filter_map(|rest| Some(rest.split_once('}')?.0.to_owned()))
                .collect()
        };
        sections["package"]
            .iter()
            .map(|(key, text)| (key.clone(), names(text)))
            .collect()
    }

    #[test]
    fn both_languages_say_everything_with_the_same_placeholders() {
        assert_eq!(places(DUTCH_FILE), places(ENGLISH_FILE));
        for language in [Language::Dutch, Language::English] {
            assert!(!Words::of(language).title.as_str().is_empty());
        }
    }
}
