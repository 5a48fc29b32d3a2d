//! Which language a browser asks for.

use super::Language;

/// The language that an `Accept-Language` header (RFC 9110, section 12.5.4) likes best of ours; Dutch where it
/// likes none.
pub(crate) fn preferred(header: &str) -> Language {
    let mut best = (0, Language::Dutch);
    for range in header.split(',').take(32) {
        let mut parts = range.split(';');
        let tag = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
        let primary = tag.split('-').next().unwrap_or_default();
        let quality = parts
            .find_map(|part| part.trim().strip_prefix("q="))
            .map_or(1_000, thousandths);
        if let Some(language) = Language::tagged(primary)
            && quality > best.0
        {
            best = (quality, language);
        }
    }
    best.1
}

/// A weight such as `0.8` in thousandths; 0 where it is none.
fn thousandths(weight: &str) -> u32 {
    let (whole, part) = weight.split_once('.').unwrap_or((weight, ""));
    let digits: String = part.chars().chain("000".chars()).take(3).collect();
    match (whole.parse::<u32>(), digits.parse::<u32>()) {
        (Ok(whole), Ok(part)) if whole <= 1 => (whole * 1_000 + part).min(1_000),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_heaviest_of_our_languages_is_chosen_and_dutch_is_the_default() {
        for (header, expected) in [
            ("", Language::Dutch),
            ("en", Language::English),
            ("en-GB,en;q=0.9,nl;q=0.8", Language::English),
            ("fr-FR, nl-BE;q=0.5, en;q=0.7", Language::English),
            ("en;q=0.2, nl;q=0.25", Language::Dutch),
            ("de, fr", Language::Dutch),
            ("en;q=0", Language::Dutch),
            ("EN-us;q=1.0", Language::English),
            ("en;q=x", Language::Dutch),
        ] {
            assert_eq!(preferred(header), expected, "{header}");
        }
    }
}
