//! Whether a value is anywhere, in whatever form programs write values.

use std::path::Path;

use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD, HEXLOWER};

/// Values to look for, each with a name under which a hit is reported.
#[derive(Debug, Default, Clone)]
pub struct Canaries(Vec<Canary>);

#[derive(Debug, Clone)]
struct Canary {
    name: String,
    forms: Vec<(&'static str, Vec<u8>)>,
}

/// A value that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// The value's name.
    pub canary: String,
    /// The form in which it was found.
    pub form: &'static str,
    /// Where.
    pub place: String,
}

impl Canaries {
    /// Adds a value. Letters count whatever their case, where the form has any.
    ///
    /// # Panics
    /// If the value is too short to be found only where it was put.
    pub fn add(&mut self, name: &str, value: &str) {
        assert!(value.len() >= 8, "a shorter value is found by chance");
        let mut forms = vec![
            ("UTF-8", value.to_lowercase().into_bytes()),
            ("UTF-16", utf16(&value.to_lowercase(), u16::to_le_bytes)),
            ("UTF-16", utf16(&value.to_lowercase(), u16::to_be_bytes)),
            ("hexadecimal", HEXLOWER.encode(value.as_bytes()).into_bytes()),
        ];
        for encoding in [&BASE64_NOPAD, &BASE64URL_NOPAD] {
            forms.extend((0..3).map(|offset| ("base64", base64_at(value, offset, encoding))));
        }
        self.0.push(Canary {
            name: name.to_owned(),
            forms,
        });
    }

    /// What is found in `bytes`, which are from `place`.
    #[must_use]
    pub fn hits(&self, place: &str, bytes: &[u8]) -> Vec<Hit> {
        let folded = bytes.to_ascii_lowercase();
        let mut hits = Vec::new();
        for canary in &self.0 {
            for (form, wanted) in &canary.forms {
                let place_to_look = if *form == "base64" { bytes } else { &folded };
                if contains(place_to_look, wanted) {
                    hits.push(Hit {
                        canary: canary.name.clone(),
                        form,
                        place: place.to_owned(),
                    });
                    break;
                }
            }
        }
        hits
    }

    /// What is found in the files below `directory`, and in their names.
    ///
    /// # Panics
    /// If a file cannot be read.
    #[must_use]
    pub fn hits_below(&self, directory: &Path) -> Vec<Hit> {
        let mut hits = Vec::new();
        for entry in std::fs::read_dir(directory)
            .expect("a directory can be read")
            .flatten()
        {
            let path = entry.path();
            let place = path.display().to_string();
            hits.extend(self.hits("a file's name", entry.file_name().as_encoded_bytes()));
            if path.is_dir() {
                hits.extend(self.hits_below(&path));
            } else {
                hits.extend(self.hits(&place, &std::fs::read(&path).expect("a file can be read")));
            }
        }
        hits
    }
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

fn utf16(text: &str, in_order: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(in_order).collect()
}

/// The characters that stand for the value, and for nothing beside it, where it begins `offset` bytes into a group
/// of three.
fn base64_at(value: &str, offset: usize, encoding: &data_encoding::Encoding) -> Vec<u8> {
    let mut bytes = vec![0; offset];
    bytes.extend_from_slice(value.as_bytes());
    let text = encoding.encode(&bytes).into_bytes();
    let first = (offset * 8).div_ceil(6);
    let last = bytes.len() * 8 / 6;
    text[first..last].to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(bytes: &[u8]) -> Vec<&'static str> {
        let mut canaries = Canaries::default();
        canaries.add("serial", "ZX81-Canary-4711");
        canaries
            .hits("here", bytes)
            .into_iter()
            .map(|hit| hit.form)
            .collect()
    }

    #[test]
    fn a_value_is_found_in_every_form_and_at_every_place() {
        assert_eq!(found(b"..zx81-CANARY-4711.."), ["UTF-8"]);
        for in_order in [u16::to_le_bytes, u16::to_be_bytes] {
            assert_eq!(found(&utf16("..ZX81-Canary-4711", in_order)), ["UTF-16"]);
        }
        assert_eq!(
            found(HEXLOWER.encode(b"ZX81-Canary-4711").to_uppercase().as_bytes()),
            ["hexadecimal"]
        );
        for before in ["", "a", "ab", "abc"] {
            for after in ["", "x", "xy"] {
                let text = format!("{before}ZX81-Canary-4711{after}");
                assert_eq!(
                    found(BASE64URL_NOPAD.encode(text.as_bytes()).as_bytes()),
                    ["base64"],
                    "{text}"
                );
                assert_eq!(
                    found(BASE64_NOPAD.encode(text.as_bytes()).as_bytes()),
                    ["base64"],
                    "{text}"
                );
            }
        }
    }

    #[test]
    fn what_is_not_there_is_not_found() {
        assert!(found(b"").is_empty());
        assert!(found(b"ZX81-Canary-471").is_empty());
    }

    #[test]
    fn files_and_their_names_are_looked_through() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::create_dir(directory.path().join("inner")).unwrap();
        std::fs::write(
            directory.path().join("inner/zx81-canary-4711"),
            "ZX81-Canary-4711",
        )
        .unwrap();
        let mut canaries = Canaries::default();
        canaries.add("serial", "ZX81-Canary-4711");
        assert_eq!(canaries.hits_below(directory.path()).len(), 2);
    }
}
