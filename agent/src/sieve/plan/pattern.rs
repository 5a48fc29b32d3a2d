//! What a condition compares a value with.

/// A text, with `*` at either end for anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern {
    text: Box<[u8]>,
    open_start: bool,
    open_end: bool,
}

impl Pattern {
    pub(crate) fn new(text: &str) -> Self {
        let (text, open_start) = match text.strip_prefix('*') {
            Some(rest) => (rest, true),
            None => (text, false),
        };
        let (text, open_end) = match text.strip_suffix('*') {
            Some(rest) => (rest, true),
            None => (text, false),
        };
        Self {
            text: text.as_bytes().into(),
            open_start,
            open_end,
        }
    }

    pub(crate) fn fits(&self, value: &[u8]) -> bool {
        match (self.open_start, self.open_end) {
            (false, false) => *value == *self.text,
            (true, false) => value.ends_with(&self.text),
            (false, true) => value.starts_with(&self.text),
            (true, true) => {
                self.text.is_empty() || value.windows(self.text.len()).any(|part| *part == *self.text)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_at_an_end_stands_for_anything() {
        for (pattern, value, fits) in [
            ("a", "a", true),
            ("a", "ab", false),
            ("*b", "ab", true),
            ("*b", "b", true),
            ("a*", "ab", true),
            ("a*", "ba", false),
            ("*b*", "abc", true),
            ("*", "", true),
            ("*_users", "logged_in_users", true),
            ("A", "a", false),
        ] {
            assert_eq!(
                Pattern::new(pattern).fits(value.as_bytes()),
                fits,
                "{pattern} {value}"
            );
        }
    }
}
