//! Keys as text.

use std::collections::BTreeSet;

use zeef_agent::pseudonym::{DamagedKey, Input, Key, Scope};
use zeef_proto::field::Field;

use crate::builders::{NOW, key, rotated, secret};

fn read(text: &str) -> Result<Key, DamagedKey> {
    text.parse()
}

#[test]
fn a_key_survives_its_text_with_both_epochs() {
    for key in [key(Scope::Device), rotated(Scope::Organisation)] {
        let again = read(&key.expose()).unwrap();
        assert_eq!(again.expose(), key.expose());
        let input = Input::Field(Field::Username);
        assert_eq!(again.token(input, b"anna"), key.token(input, b"anna"));
        assert_eq!(
            again.earlier_token(input, b"anna"),
            key.earlier_token(input, b"anna")
        );
    }
}

#[test]
fn exactly_one_epoch_before_the_current_one_is_kept() {
    let twice = rotated(Scope::Device).rotated(secret(64).into(), NOW.plus(2));
    let epochs: Vec<u64> = twice.shown().map(|epoch| epoch.number).collect();
    assert_eq!(epochs, [3, 2]);
    let text = twice.expose();
    assert_eq!(text.matches("\nepoch ").count(), 2);
    let first = key(Scope::Device).expose();
    let secret_of_first = first.split_whitespace().rev().nth(2).unwrap();
    assert!(first.contains(&format!(" {secret_of_first}\ncheck")));
    assert!(!text.contains(secret_of_first));
}

#[test]
fn line_ends_and_remarks_of_an_editor_do_no_harm() {
    let text = rotated(Scope::Device).expose();
    let edited = format!("# the bakery's\r\n\r\n{}\r\n", text.replace('\n', "\r\n"));
    assert_eq!(read(&edited).unwrap().expose(), text);
}

#[test]
fn any_other_change_is_noticed() {
    let text = rotated(Scope::Device).expose();
    let body = text.find('\n').unwrap() + 1;
    let mut unnoticed = BTreeSet::new();
    for place in body..text.len() - 1 {
        let mut bytes = text.as_bytes().to_vec();
        bytes[place] = if bytes[place] == b'0' { b'1' } else { b'0' };
        let changed = String::from_utf8(bytes).unwrap();
        if read(&changed).is_ok() || read(&text[..place]).is_ok() {
            unnoticed.insert(place);
        }
    }
    assert!(unnoticed.is_empty(), "{unnoticed:?}");
    let more = format!("{}epoch 9\n", *text);
    assert_eq!(read(&more).err(), Some(DamagedKey));
    assert_eq!(read("").err(), Some(DamagedKey));
}

#[test]
fn debug_output_shows_no_secret() {
    let shown = format!("{:?}", rotated(Scope::Device));
    assert!(shown.contains("Secret(…)"));
    assert!(!shown.contains("AAEC") && !shown.contains("0, 1, 2"), "{shown}");
}
