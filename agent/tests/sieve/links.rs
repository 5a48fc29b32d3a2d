//! Link tokens: keyed hashes of the ids by which a source knows a device.

use std::sync::Arc;

use zeef_agent::sieve::definition::embedded_named;
use zeef_agent::sieve::{LinkKey, Reason, Sieve, Subject, Verdict};

use crate::harness::{policy, run};

const KEY: &str = "zeefkey1.organisation.1.AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

fn defender(key: Option<&str>) -> Sieve {
    let definition = embedded_named("defender").unwrap().unwrap();
    let key = key.map(|key| Arc::new(key.parse::<LinkKey>().unwrap()));
    Sieve::new(&definition, &policy(), key).unwrap()
}

#[test]
fn records_of_one_device_share_a_token_whatever_their_kind_and_spelling() {
    let sieve = defender(Some(KEY));
    let links = |record: &str| run(&sieve, record).only()["links"].clone();
    let machine = links("{\"id\":\"4B4501AB\",\"computerDnsName\":\"lap-17\",\"osPlatform\":\"Windows11\"}");
    let row = links("{\"DeviceId\":\"4b4501ab\",\"DeviceName\":\"lap-17\",\"ActionType\":\"x\"}");
    let other = links("{\"DeviceId\":\"4b4501ac\",\"DeviceName\":\"lap-18\",\"ActionType\":\"x\"}");
    assert_eq!(machine, row);
    assert_ne!(machine, other);
    assert!(!machine.to_string().to_lowercase().contains("4b4501ab"));
}

#[test]
fn without_a_key_there_is_no_token() {
    let outcome = run(
        &defender(None),
        "{\"DeviceId\":\"4b4501ab\",\"DeviceName\":\"lap-17\",\"AadDeviceId\":\"\"}",
    );
    let dropped = (Subject::Link, Verdict::Dropped(Reason::NoKey), 1);
    assert!(
        outcome.account.values().contains(&dropped),
        "{:?}",
        outcome.account
    );
    assert!(outcome.only().get("links").is_none());
}

#[test]
fn a_token_alone_is_nothing_to_pass() {
    let outcome = run(
        &defender(Some(KEY)),
        "{\"DeviceId\":\"4b4501ab\",\"DeviceName\":\"\"}",
    );
    assert_eq!((outcome.records.len(), outcome.account.empty), (0, 1));
}
