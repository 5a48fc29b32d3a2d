//! The configuration samples of `docs/high-availability`, made to fit a test.

use std::path::Path;

/// A sample with values of a test's own in place of the sample's.
///
/// # Panics
/// If there is no such sample, or it does not hold what is to be replaced.
pub(crate) fn adapted(name: &str, replacements: &[(&str, &str)]) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/high-availability");
    let mut text = std::fs::read_to_string(folder.join(name)).expect("the sample is there");
    for (from, to) in replacements {
        assert!(text.contains(from), "{name} does not hold {from:?} any more");
        text = text.replace(from, to);
    }
    text
}
