//! One value of a page, under the keys that lead to it. All else is passed over, and the page's form is checked.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use zeroize::Zeroizing;

use super::Broken;
use crate::sieve::definition::KeyPath;

/// What stands there.
#[derive(PartialEq, Eq)]
pub(super) enum Picked {
    Number(u64),
    Text(Zeroizing<String>),
    /// Nothing, or something else.
    Nothing,
}

/// The value at `path`; the page is well-formed to its end.
pub(super) fn pick(page: &[u8], path: &KeyPath) -> Result<Picked, Broken> {
    read(page, path.keys())
}

/// The bearer token that was bought (RFC 6749, section 5.1).
pub(super) fn access_token(answer: &[u8]) -> Result<Zeroizing<String>, Broken> {
    match read(answer, &["access_token".to_owned()])? {
        Picked::Text(token) => Ok(token),
        Picked::Number(_) | Picked::Nothing => Err(Broken::NotJson),
    }
}

/// Whether a page is well-formed to its end.
pub(super) fn check(page: &[u8]) -> Result<(), Broken> {
    read(page, &[]).map(drop)
}

fn read(page: &[u8], keys: &[String]) -> Result<Picked, Broken> {
    if !matches!(page.trim_ascii_start().first(), Some(b'{' | b'[')) {
        return Err(Broken::NotJson);
    }
    let mut json = serde_json::Deserializer::from_slice(page);
    let picked = Under(keys).deserialize(&mut json);
    // Texts of the parser's errors repeat what was read.
    let picked = picked.map_err(|_| Broken::NotJson)?;
    json.end().map_err(|_| Broken::NotJson)?;
    Ok(picked)
}

/// The value under these keys.
struct Under<'a>(&'a [String]);

impl<'de> DeserializeSeed<'de> for Under<'_> {
    type Value = Picked;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Picked, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Under<'_> {
    type Value = Picked;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Picked, A::Error> {
        let (key, below) = match self.0.split_first() {
            Some((key, below)) => (Some(key.as_str()), below),
            None => (None, self.0),
        };
        let mut found = None;
        while let Some(same) = map.next_key_seed(Is(key))? {
            if !same {
                map.next_value::<IgnoredAny>()?;
            } else if found.replace(map.next_value_seed(Under(below))?).is_some() {
                return Err(A::Error::custom("twice"));
            }
        }
        Ok(found.unwrap_or(Picked::Nothing))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Picked, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Picked::Nothing)
    }

    fn visit_str<E>(self, text: &str) -> Result<Picked, E> {
        Ok(if self.0.is_empty() {
            Picked::Text(Zeroizing::new(text.to_owned()))
        } else {
            Picked::Nothing
        })
    }

    fn visit_u64<E>(self, number: u64) -> Result<Picked, E> {
        Ok(if self.0.is_empty() {
            Picked::Number(number)
        } else {
            Picked::Nothing
        })
    }

    fn visit_i64<E>(self, _: i64) -> Result<Picked, E> {
        Ok(Picked::Nothing)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Picked, E> {
        Ok(Picked::Nothing)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Picked, E> {
        Ok(Picked::Nothing)
    }

    fn visit_unit<E>(self) -> Result<Picked, E> {
        Ok(Picked::Nothing)
    }
}

/// Whether a key is this one; the key is not kept.
struct Is<'a>(Option<&'a str>);

impl<'de> DeserializeSeed<'de> for Is<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Is<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<bool, E> {
        Ok(self.0 == Some(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picked(page: &str, path: &str) -> Result<Picked, Broken> {
        pick(page.as_bytes(), &KeyPath::try_from(path.to_owned()).unwrap())
    }

    #[test]
    fn one_value_is_found_wherever_it_stands() {
        let page = r#"{"data":[{"total":7}],"total":3,"page":{"x":[1],"next":"u\u0072l","y":null},"b":-1.5}"#;
        assert!(picked(page, "total") == Ok(Picked::Number(3)));
        assert!(picked(page, "page.next") == Ok(Picked::Text(Zeroizing::new("url".to_owned()))));
        for nothing in ["page", "page.y", "page.next.x", "data.total", "b", "none"] {
            assert!(picked(page, nothing) == Ok(Picked::Nothing), "{nothing}");
        }
    }

    #[test]
    fn a_page_that_is_not_whole_gives_nothing() {
        for page in [
            "",
            "7",
            "\"a\"",
            "{",
            r#"{"total":3"#,
            r#"{"total":3} x"#,
            r#"{"total":3}{"total":3}"#,
            r#"{"total":3,"total":4}"#,
            "<html>",
            "\u{feff}{}",
        ] {
            assert!(picked(page, "total") == Err(Broken::NotJson), "{page}");
        }
        assert_eq!(check(b" [1]\n"), Ok(()));
        assert_eq!(check(b"[1"), Err(Broken::NotJson));
    }
}
