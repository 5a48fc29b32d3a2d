//! What the policy in force says of a field counts, whatever a definition names.

use std::sync::Arc;

use serde_json::json;
use zeef_agent::sieve::definition::embedded_named;
use zeef_agent::sieve::{LinkKey, Reason, Sieve, Subject, Verdict};
use zeef_proto::field::Field;
use zeef_proto::policy::{Policy, Treatment};

use crate::harness::{policy, run};

const KEY: &str = "zeefkey1.device.1.AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
const EVENT: &str = "{\"event_type\":\"Threat_Event\",\"source_uuid\":\"5A3E-17\",\"hostname\":\"LAP-17\",\
                     \"username\":\"CONTOSO\\\\J.Jansen\",\"ipv4\":\"10.0.3.17\",\"ipv6\":\"2001:db8:1:2::7\"}";

fn under(change: impl FnOnce(&mut Policy), key: Option<&str>) -> Sieve {
    let mut policy = policy();
    change(&mut policy);
    let definition = embedded_named("eset-protect").unwrap().unwrap();
    let key = key.map(|key| Arc::new(key.parse::<LinkKey>().unwrap()));
    Sieve::new(&definition, &policy, key).unwrap()
}

fn treated(field: Field, treatment: Treatment) -> impl FnOnce(&mut Policy) {
    move |policy| {
        let antivirus = policy
            .products
            .iter_mut()
            .find(|product| product.id.as_str() == "antivirus");
        antivirus.unwrap().data[0].treatment.insert(field, treatment);
    }
}

#[test]
fn a_field_that_the_policy_in_force_does_not_document_is_dropped() {
    let narrower = |policy: &mut Policy| {
        let antivirus = policy
            .products
            .iter_mut()
            .find(|product| product.id.as_str() == "antivirus");
        antivirus.unwrap().data[0].fields.remove(&Field::Username);
    };
    let outcome = run(&under(narrower, None), EVENT);
    let dropped = (
        Subject::Field(Field::Username),
        Verdict::Dropped(Reason::NotDocumented),
        1,
    );
    assert!(outcome.account.values().contains(&dropped));
    assert!(outcome.only().get("usernames").is_none());
}

#[test]
fn truncated_addresses_name_networks() {
    let sieve = under(treated(Field::PrivateIp, Treatment::Truncate), None);
    assert_eq!(run(&sieve, EVENT).only()["private_ips"], json!(["10.0.3.0/24"]));
    let sieve = under(treated(Field::PublicIp, Treatment::Truncate), None);
    assert_eq!(
        run(&sieve, EVENT).only()["public_ips"],
        json!(["2001:db8:1::/48"])
    );
    let again = EVENT.replace("2001:db8:1:2::7", "2001:db8:1::/48");
    assert_eq!(
        run(&sieve, again).only()["public_ips"],
        json!(["2001:db8:1::/48"])
    );
}

#[test]
fn a_name_that_should_be_truncated_is_dropped() {
    let sieve = under(treated(Field::Username, Treatment::Truncate), None);
    let outcome = run(&sieve, EVENT);
    assert!(outcome.only().get("usernames").is_none());
}

#[test]
fn a_pseudonym_needs_a_key_and_is_the_same_for_every_spelling() {
    let change = || treated(Field::Username, Treatment::Pseudonymise);
    assert!(
        run(&under(change(), None), EVENT)
            .only()
            .get("usernames")
            .is_none()
    );
    let sieve = under(change(), Some(KEY));
    let one = run(&sieve, EVENT).only()["usernames"].clone();
    let other = run(&sieve, EVENT.replace("J.Jansen", "j.jansen")).only()["usernames"].clone();
    assert_eq!(one, other);
    let text = one[0].as_str().unwrap();
    assert!(
        text.starts_with("1c7f0d07:") && !text.to_lowercase().contains("jansen"),
        "{text}"
    );
}
