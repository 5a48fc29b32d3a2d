//! What holds for tokens of any value.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Value, json};
use zeef_agent::pseudonym::{Input, Key, Scope};
use zeef_agent::sieve::definition::Name;
use zeef_proto::field::Field;

use crate::builders::{NOW, key, minimise, rotated, secret, sieve};

const HASHED: &str = r#"device_name = "pseudonymise", username = "pseudonymise", private_ip = "pseudonymise",
    mac_address = "pseudonymise", public_ip = "pseudonymise""#;

fn hash(key: &Key, input: Input<'_>, value: &[u8]) -> String {
    let token = key.token(input, value);
    token.as_str().split_once(':').unwrap().1.to_owned()
}

fn given(record: &Value) -> Value {
    minimise(&sieve(HASHED, Some(key(Scope::Organisation))), record).0
}

fn links(record: &Value) -> BTreeSet<String> {
    serde_json::from_value(record["links"].clone()).unwrap()
}

proptest! {
    #[test]
    fn two_values_two_fields_two_scopes_or_two_secrets_have_two_hashes(
        value in prop::collection::vec(any::<u8>(), 0..40),
        other in prop::collection::vec(any::<u8>(), 0..40),
        first in 1..=255_u8,
    ) {
        prop_assume!(value != other);
        let device = key(Scope::Device);
        let name = Name::try_from("username".to_owned()).unwrap();
        let foreign = Key::new(device.id(), Scope::Device, secret(first).into(), NOW);
        let all = [
            hash(&device, Input::Field(Field::Username), &value),
            hash(&device, Input::Field(Field::Username), &other),
            hash(&device, Input::Field(Field::DeviceName), &value),
            hash(&device, Input::Link(&name), &value),
            hash(&key(Scope::Organisation), Input::Field(Field::Username), &value),
            hash(&foreign, Input::Field(Field::Username), &value),
        ];
        let distinct: BTreeSet<_> = all.iter().collect();
        prop_assert_eq!(distinct.len(), all.len());
    }

    #[test]
    fn two_epochs_have_two_tokens(value in prop::collection::vec(any::<u8>(), 0..40), first in 1..=255_u8) {
        let rotated = key(Scope::Device).rotated(secret(first).into(), NOW);
        let input = Input::Field(Field::Username);
        let (now, before) = (rotated.token(input, &value), rotated.earlier_token(input, &value).unwrap());
        prop_assert_ne!(now.as_str(), before.as_str());
        prop_assert_eq!(before, key(Scope::Device).token(input, &value));
    }

    #[test]
    fn a_mac_address_has_one_token_in_all_its_spellings(bytes in any::<[u8; 6]>(), host in "[a-z]{1,8}") {
        let pairs: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let bare = pairs.concat();
        let dotted = format!("{}.{}.{}", &bare[..4], &bare[4..8], &bare[8..]);
        let plain = given(&json!({ "host": host, "mac": pairs.join(":") }));
        for spelling in [pairs.join("-").to_uppercase(), dotted, bare.to_uppercase()] {
            prop_assert_eq!(&given(&json!({ "host": host, "mac": spelling })), &plain);
        }
    }

    #[test]
    fn a_private_address_has_one_token_in_all_its_spellings(a in any::<u8>(), b in any::<u8>(), c in any::<u8>()) {
        let plain = given(&json!({ "host": "h", "ip": format!("10.{a}.{b}.{c}") }));
        prop_assert!(plain["private_ips"][0].is_string());
        let mapped = format!("::FFFF:10.{a}.{b}.{c}");
        prop_assert_eq!(given(&json!({ "host": "h", "ip": mapped })), plain);
    }

    #[test]
    fn a_name_has_one_token_in_either_case_and_behind_any_domain(name in "[a-z][a-z0-9]{0,11}x") {
        let plain = given(&json!({ "host": name, "user": name }));
        let upper = name.to_uppercase();
        let full = json!({ "host": format!("{upper}.contoso.example"), "user": format!("CONTOSO\\{upper}") });
        prop_assert_eq!(given(&full), plain);
    }

    #[test]
    fn a_pseudonym_shows_nothing_of_the_value_and_is_not_hashed_again(
        host in "[a-z]{4,12}",
        user in "[a-z]{4,12}",
        last in 1..=254_u8,
    ) {
        let record = json!({
            "host": host, "user": user, "ip": format!("10.0.3.{last}"), "mac": format!("00:1a:2b:3c:4d:{last:02x}"),
            "wan": format!("8.8.4.{last}"),
        });
        let once = given(&record);
        for value in record.as_object().unwrap().values() {
            let shows = once.to_string().contains(&value.to_string());
            prop_assert!(!shows);
        }
        let again = given(&json!({
            "host": once["device_name"], "user": once["usernames"][0], "ip": once["private_ips"][0],
            "mac": once["mac_addresses"][0], "wan": once["public_ips"][0],
        }));
        prop_assert_eq!(again, once);
    }

    #[test]
    fn records_are_joined_over_one_rotation_and_not_over_two(id in "[a-z0-9]{1,20}") {
        let record = json!({ "host": "lap-17", "id": id });
        let under = |key| links(&minimise(&sieve("", Some(key)), &record).0);
        let before = under(key(Scope::Organisation));
        let after = under(rotated(Scope::Organisation));
        let later = under(rotated(Scope::Organisation).rotated(secret(64).into(), NOW.plus(2)));
        prop_assert!(!before.is_disjoint(&after));
        prop_assert!(!after.is_disjoint(&later));
        prop_assert!(before.is_disjoint(&later));
    }
}
