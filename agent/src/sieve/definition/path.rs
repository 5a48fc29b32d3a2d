//! Paths into a record: `a.b`, `nics[].address`, `Text(json)[].name`, `"key.with.dots".b`.

/// The most steps of a path; the parser goes no deeper into what a definition names.
const MOST_STEPS: usize = 16;

/// A path, step by step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path(Vec<Step>);

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Into the value of this key.
    Key(String),
    /// Into each element of an array.
    Items,
    /// Into the JSON that stands in a string.
    Json,
}

impl Path {
    /// Reads a path into JSON. `None` where it is malformed.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut steps = Vec::new();
        let mut rest = text;
        loop {
            let key;
            (key, rest) = key_of(rest)?;
            steps.push(Step::Key(key));
            loop {
                if let Some(after) = rest.strip_prefix("[]") {
                    steps.push(Step::Items);
                    rest = after;
                } else if let Some(after) = rest.strip_prefix("(json)") {
                    steps.push(Step::Json);
                    rest = after;
                } else {
                    break;
                }
            }
            match rest.strip_prefix('.') {
                Some(after) => rest = after,
                None if rest.is_empty() => break,
                None => return None,
            }
        }
        (steps.len() <= MOST_STEPS).then_some(Self(steps))
    }

    /// The path of a format without depth: one key, taken as it is.
    #[must_use]
    pub fn flat(key: &str) -> Option<Self> {
        (!key.is_empty()).then(|| Self(vec![Step::Key(key.to_owned())]))
    }

    /// The steps.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// The steps up to and with the last array: what distinguishes one element from its neighbours.
    #[must_use]
    pub fn scope(&self) -> &[Step] {
        let length = self.0.iter().rposition(|step| *step == Step::Items);
        &self.0[..length.map_or(0, |last| last + 1)]
    }
}

fn key_of(text: &str) -> Option<(String, &str)> {
    let (key, rest) = if let Some(quoted) = text.strip_prefix('"') {
        quoted.split_once('"')?
    } else {
        let end = text
            .find(['.', '['])
            .into_iter()
            .chain(text.find("(json)"))
            .min()
            .unwrap_or(text.len());
        text.split_at(end)
    };
    (!key.is_empty()).then(|| (key.to_owned(), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_read_step_by_step() {
        let key = |key: &str| Step::Key(key.to_owned());
        let steps = |text: &str| Path::parse(text).map(|path| path.0);
        assert_eq!(steps("a.b"), Some(vec![key("a"), key("b")]));
        assert_eq!(
            steps("nics[].ipv4"),
            Some(vec![key("nics"), Step::Items, key("ipv4")])
        );
        assert_eq!(
            steps("Text(json)[].n"),
            Some(vec![key("Text"), Step::Json, Step::Items, key("n")])
        );
        assert_eq!(steps("\"a.b[]\".@c"), Some(vec![key("a.b[]"), key("@c")]));
        for text in ["", "a..b", "a.", ".a", "a[", "a[]b", "\"a"] {
            assert_eq!(steps(text), None, "{text}");
        }
    }
}
