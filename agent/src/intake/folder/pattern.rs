//! Which files of a folder are read.

use serde::{Deserialize, Deserializer};

/// A file name in which `*` stands for any characters, also none. Fits every name where nothing is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(Vec<String>);

impl Default for Pattern {
    fn default() -> Self {
        Self(vec![String::new(), String::new()])
    }
}

impl Pattern {
    /// Reads a pattern; `None` where it is empty or names another folder.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let fits = !text.is_empty() && !text.contains(['/', '\\']);
        fits.then(|| Self(text.split('*').map(str::to_owned).collect()))
    }

    /// Whether a name fits it.
    #[must_use]
    pub fn fits(&self, name: &str) -> bool {
        let Some((first, rest)) = self.0.split_first() else {
            return false;
        };
        let Some((last, between)) = rest.split_last() else {
            return name == first;
        };
        let Some(mut left) = name
            .strip_prefix(first.as_str())
            .and_then(|left| left.strip_suffix(last.as_str()))
        else {
            return false;
        };
        // The earliest place is never worse than a later one.
        for part in between {
            match left.split_once(part.as_str()) {
                Some((_, behind)) => left = behind,
                None => return false,
            }
        }
        true
    }
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).ok_or_else(|| {
            serde::de::Error::custom("files is the pattern of a file name such as *.json, without a folder")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything_and_nothing_else_does() {
        for (pattern, name, fits) in [
            ("*.json", "a.json", true),
            ("*.json", ".json", true),
            ("*.json", "a.json.gz", false),
            ("a.json", "a.json", true),
            ("a.json", "b.json", false),
            ("a*b*c", "abc", true),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "acb", false),
            ("ab*ba", "aba", false),
            ("?", "x", false),
            ("**", "x", true),
        ] {
            assert_eq!(
                Pattern::parse(pattern).unwrap().fits(name),
                fits,
                "{pattern} {name}"
            );
        }
        assert!(Pattern::default().fits("anything"));
        assert!(Pattern::parse("../*").is_none() && Pattern::parse("").is_none());
    }
}
