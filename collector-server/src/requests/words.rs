//! What people write, bounded. It can name anybody, so it says nothing in `Debug` and has no `Display`.

use std::fmt;

use serde::{Deserialize, Serialize};

const MOST_ON_A_LINE: usize = 200;
const MOST_IN_A_TEXT: usize = 4_000;

/// A text that is too long, empty, or has control characters. Says nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidWords {
    /// Not a line.
    #[error("expected 1 to 200 characters on one line")]
    Line,
    /// Not a text.
    #[error("expected 1 to 4,000 characters")]
    Text,
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The text, for the store and for whoever handles the request.
            #[must_use]
            pub fn expose(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(\u{2026})"))
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidWords;

            fn try_from(text: String) -> Result<Self, InvalidWords> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(words: $name) -> Self {
                words.0
            }
        }
    };
}

words! {
    /// 1 to 200 characters on one line.
    Line
}
words! {
    /// 1 to 4,000 characters, with line breaks.
    Text
}

impl Line {
    /// Reads a line.
    ///
    /// # Errors
    /// [`InvalidWords::Line`].
    pub fn parse(text: &str) -> Result<Self, InvalidWords> {
        let text = text.trim();
        let fits = (1..=MOST_ON_A_LINE).contains(&text.chars().count());
        if fits && !text.chars().any(char::is_control) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidWords::Line)
        }
    }
}

impl Text {
    /// Reads a text; line breaks of forms become those of files.
    ///
    /// # Errors
    /// [`InvalidWords::Text`].
    pub fn parse(text: &str) -> Result<Self, InvalidWords> {
        let text = text.trim().replace("\r\n", "\n");
        let fits = (1..=MOST_IN_A_TEXT).contains(&text.chars().count());
        if fits && !text.chars().any(|one| one.is_control() && one != '\n') {
            Ok(Self(text))
        } else {
            Err(InvalidWords::Text)
        }
    }
}

/// What the person said, and what is said to them. Sealed in the store, and gone thirty days after the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Details {
    /// Who asks.
    pub name: Line,
    /// Where the answer goes: an e-mail address, or a postal one.
    pub contact: Line,
    /// What they ask, in their own words.
    pub asked: Option<Text>,
    /// What the answer says beside the ground of a refusal.
    pub explanation: Option<Text>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_bounded_and_debug_does_not_show_them() {
        for text in ["", "  ", "a\nb", "a\u{7}b", &"x".repeat(201)] {
            assert_eq!(Line::parse(text), Err(InvalidWords::Line));
        }
        for text in ["", "a\u{1b}[2J", &"x".repeat(4_001)] {
            assert_eq!(Text::parse(text), Err(InvalidWords::Text));
        }
        assert_eq!(Text::parse(" one\r\ntwo ").unwrap().expose(), "one\ntwo");
        let details = Details {
            name: Line::parse("J. Jansen").unwrap(),
            contact: Line::parse("j@example.test").unwrap(),
            asked: Text::parse("what does Jansen's laptop tell?").ok(),
            explanation: None,
        };
        let shown = format!("{details:?}");
        assert!(!shown.contains("Jansen") && !shown.contains("example"), "{shown}");
    }
}
