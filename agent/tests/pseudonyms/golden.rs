//! Tokens of version 1. All were computed by an independent implementation of HMAC-SHA-256; none may ever change.

use zeef_agent::pseudonym::{Input, Key, Scope};
use zeef_agent::sieve::definition::Name;
use zeef_proto::field::Field;

use crate::builders::{key, rotated};

const DEVICE: [(&str, &str, &str); 9] = [
    ("device_name", "lap-17", "oIisLhCltFRcYmd_xVkA7Q"),
    ("username", "j.jansen", "HdJJgkFQazk3wppJkFEY5A"),
    ("private_ip", "10.0.3.17", "YrrYk8rAakljrZ64YyNw9g"),
    ("mac_address", "00:1a:2b:3c:4d:5e", "A7HgRS2VZn6CQgtwLIn7Xw"),
    ("public_ip", "2001:db8:1:2::7", "gwziKhmZLEhwS0oIOumOMg"),
    ("service_id", "S-1", "AxlJh3z6tl5hIWQAHANjUw"),
    ("line_id", "L-1", "tomJM8ocYdIX6GztvWUvkg"),
    (
        "eset-device",
        "1361a9f6-1d45-4561-b33a-b5d6c62c71e0",
        "f453XjqKPIFpuapJHoWFDQ",
    ),
    ("unifi-user", "", "PoIE6B9GElfOzRoaRHdTfw"),
];

const ORGANISATION: [(&str, &str, &str); 9] = [
    ("device_name", "lap-17", "W2IdJDLNuO24hE3WBcbT7g"),
    ("username", "j.jansen", "muSx_mKMqZFTuCy8jze1rA"),
    ("private_ip", "10.0.3.17", "vAq-KFeHu4BlNtepHSkVBA"),
    ("mac_address", "00:1a:2b:3c:4d:5e", "2HQsLfpER5mmj6VIQFk8pw"),
    ("public_ip", "2001:db8:1:2::7", "VvNfnuI0RIImXD25q6__7A"),
    ("service_id", "S-1", "-2HwHKRI3OveFoUTSUaAaw"),
    ("line_id", "L-1", "tGU4hDWuFRxnzNYKMTXlBw"),
    (
        "eset-device",
        "1361a9f6-1d45-4561-b33a-b5d6c62c71e0",
        "P1DS_z2TmXjd09t41dkSqg",
    ),
    ("unifi-user", "", "pfNpX0xIvjSBcTwXer2X_Q"),
];

#[test]
fn version_1_gives_its_golden_tokens_under_a_key_of_a_device_in_its_first_epoch() {
    compare(&key(Scope::Device), 1, &DEVICE);
}

#[test]
fn version_1_gives_its_golden_tokens_under_a_key_of_an_organisation_in_its_second_epoch() {
    compare(&rotated(Scope::Organisation), 2, &ORGANISATION);
}

#[test]
fn a_rotated_key_still_gives_the_tokens_of_the_epoch_before() {
    let (field, value, hash) = DEVICE[3];
    let field: Field = field.parse().unwrap();
    let earlier = rotated(Scope::Device).earlier_token(Input::Field(field), value.as_bytes());
    assert_eq!(earlier.unwrap().as_str(), format!("010203040506.1:{hash}"));
}

fn compare(key: &Key, epoch: u64, golden: &[(&str, &str, &str)]) {
    for (name, value, hash) in golden {
        let link = Name::try_from((*name).to_owned());
        let input = match name.parse() {
            Ok(field) => Input::Field(field),
            Err(_) => Input::Link(link.as_ref().unwrap()),
        };
        let token = key.token(input, value.as_bytes());
        assert_eq!(token.as_str(), format!("010203040506.{epoch}:{hash}"), "{name}");
    }
}
