//! Languages: the texts of the pages stand in one folder per language, a file for each part of the application, and are
//! read into one type.
//!
//! A text that is missing or not known fails the reading, and one that no page uses is a compiler warning.

mod choose;
mod phrase;
mod texts;
mod words;

use std::sync::LazyLock;

pub(super) use choose::preferred;
pub(crate) use phrase::Phrase;
pub(crate) use texts::{Package, Texts};

/// The files of a language, as one.
macro_rules! files {
    ($language:literal: $($area:literal)+) => {
        concat!($(include_str!(concat!("../../../locales/", $language, "/", $area, ".toml")), "\n"),+)
    };
}

/// The files of every language, of which each has the same.
macro_rules! areas {
    ($language:literal) => {
        files!($language: "frame" "inventory" "device" "policy" "requests" "account" "second_factor" "provider" "officer" "package" "mail" "enrol" "portal" "administration" "tokens")
    };
}

const DUTCH: &str = areas!("nl");
const ENGLISH: &str = areas!("en");

/// A language of the pages, and of what is written to people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Dutch, `nl`.
    Dutch,
    /// English, `en`.
    English,
}

impl Language {
    /// Both, in the order in which they are offered.
    pub(crate) const ALL: [Self; 2] = [Self::Dutch, Self::English];

    /// The tag of BCP 47.
    pub(crate) const fn tag(self) -> &'static str {
        match self {
            Self::Dutch => "nl",
            Self::English => "en",
        }
    }

    /// Its own name for itself.
    pub(crate) const fn own_name(self) -> &'static str {
        match self {
            Self::Dutch => "Nederlands",
            Self::English => "English",
        }
    }

    /// The language of that tag.
    pub(crate) fn tagged(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.tag() == tag)
    }

    /// Its side of a policy's text.
    pub(crate) fn of(self, text: &zeef_proto::policy::Text) -> &str {
        match self {
            Self::Dutch => &text.nl,
            Self::English => &text.en,
        }
    }

    /// All texts in it.
    pub(crate) fn texts(self) -> &'static Texts {
        static OF_DUTCH: LazyLock<Texts> = LazyLock::new(|| read(DUTCH));
        static OF_ENGLISH: LazyLock<Texts> = LazyLock::new(|| read(ENGLISH));
        match self {
            Self::Dutch => &OF_DUTCH,
            Self::English => &OF_ENGLISH,
        }
    }
}

#[expect(
    clippy::expect_used,
    reason = "the files are compiled in, and a test reads both"
)]
fn read(file: &str) -> Texts {
    toml::from_str(file).expect("an embedded locale file is complete")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn sections(file: &str) -> BTreeMap<String, BTreeMap<String, String>> {
        toml::from_str(file).unwrap()
    }

    fn placeholders(text: &str) -> Vec<&str> {
        let mut names: Vec<&str> = text
            .split('{')
            .skip(1)
            .filter_map(|rest| rest.split('}').next())
            .collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn both_languages_say_everything_with_the_same_placeholders() {
        let dutch = sections(DUTCH);
        let english = sections(ENGLISH);
        assert_eq!(
            dutch.keys().collect::<Vec<_>>(),
            english.keys().collect::<Vec<_>>()
        );
        for (section, texts) in &dutch {
            let others = &english[section];
            assert_eq!(
                texts.keys().collect::<Vec<_>>(),
                others.keys().collect::<Vec<_>>(),
                "{section}"
            );
            for (key, text) in texts {
                assert!(
                    !text.trim().is_empty() && !others[key].trim().is_empty(),
                    "{section}.{key}"
                );
                assert_eq!(placeholders(text), placeholders(&others[key]), "{section}.{key}");
            }
        }
    }

    #[test]
    fn both_files_are_what_the_pages_ask_for() {
        for language in Language::ALL {
            assert_eq!(language.texts().date.month_names().count(), 12, "{language:?}");
        }
    }
}
