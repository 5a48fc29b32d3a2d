//! What an input says before its records: `DEFINITION TREATMENT SIZES` on the first line.

use zeef_proto::policy::Treatment;

/// A fuzz input, taken apart. Any bytes are one: what is not understood stands for the first of its kind.
pub struct Input<'a> {
    /// Name of the definition under which the records are read.
    pub definition: &'a [u8],
    /// What the policy asks for every field.
    pub treatment: Treatment,
    /// Sizes of the pieces in which the stream comes, over and over: each byte's lower six bits.
    pub sizes: &'a [u8],
    /// The records.
    pub records: &'a [u8],
}

impl<'a> Input<'a> {
    /// Takes `data` apart.
    #[must_use]
    pub fn new(data: &'a [u8]) -> Self {
        let (head, records) = split(data, b'\n');
        let (definition, head) = split(head, b' ');
        let (treatment, sizes) = split(head, b' ');
        let treatment = match treatment {
            b"truncate" => Treatment::Truncate,
            b"pseudonymise" => Treatment::Pseudonymise,
            _ => Treatment::Keep,
        };
        Self {
            definition,
            treatment,
            sizes,
            records,
        }
    }
}

fn split(bytes: &[u8], at: u8) -> (&[u8], &[u8]) {
    match bytes.iter().position(|byte| *byte == at) {
        Some(place) => (&bytes[..place], &bytes[place + 1..]),
        None => (bytes, &[]),
    }
}
