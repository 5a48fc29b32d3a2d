//! Mutated reports thrown at the port: nothing undocumented is stored, nothing panics, no refusal repeats a value.

use proptest::collection::vec;
use proptest::prelude::*;
use zeef_proto::field::{
    DeviceName, Field, LineId, MacAddress, Parse, PrivateIp, PublicIp, ServiceId, Username,
};
use zeef_proto::wire::path;

use crate::device::full;
use crate::harness::Harness;
use crate::target::{Target, check_refusal, runner};

/// Stands in every value that a mutation brings in where it does not belong.
pub(crate) const CANARY: &str = "canary-5CD1234XYZ";

#[derive(Debug, Clone)]
pub(crate) enum Mutation {
    /// One more key with a value that nobody documented.
    ExtraKey(String),
    /// The same key twice.
    Twice,
    /// A key in another case.
    UpperCase(usize),
    /// A value of another type or form.
    Value(usize, String),
    /// Bytes put in, taken out or changed anywhere.
    Bytes(Vec<(usize, u8)>),
    Cut(usize),
}

const KEYS: [&str; 8] = [
    "wire",
    "sequence",
    "policy",
    "agent",
    "device_name",
    "usernames",
    "private_ips",
    "mac_addresses",
];

pub(crate) fn mutation() -> impl Strategy<Value = Mutation> {
    let key = prop_oneof![
        "[a-zA-Z_]{1,20}",
        Just("serial_number".to_owned()),
        Just("ssid".to_owned()),
        Just("public_ip".to_owned()),
        Just("service_id".to_owned()),
        Just("username".to_owned()),
    ];
    let value = prop_oneof![
        Just(format!("\"{CANARY}@example.org\"")),
        Just(format!("[\"{CANARY} \\u0007\"]")),
        Just(format!("{{\"{CANARY}\":1}}")),
        Just("[\"S-1-5-21-1004336348-1177238915\"]".to_owned()),
        Just("null".to_owned()),
        Just("-1".to_owned()),
        Just("[[]]".to_owned()),
        Just("\"8.8.8.8\"".to_owned()),
        Just("[\"8.8.8.8\"]".to_owned()),
        Just("[\"10.0.0.2\",\"10.0.0.1\"]".to_owned()),
        Just("[\"ff:ff:ff:ff:ff:ff\"]".to_owned()),
    ];
    prop_oneof![
        key.prop_map(Mutation::ExtraKey),
        Just(Mutation::Twice),
        (0..KEYS.len()).prop_map(Mutation::UpperCase),
        (0..KEYS.len(), value).prop_map(|(key, value)| Mutation::Value(key, value)),
        vec((any::<usize>(), any::<u8>()), 1..4).prop_map(Mutation::Bytes),
        any::<usize>().prop_map(Mutation::Cut),
    ]
}

/// A message after these mutations; those of a value at the end of `path`, where the documented fields are.
pub(crate) fn mutated(mut body: Vec<u8>, path: &str, mutations: &[Mutation]) -> Vec<u8> {
    for mutation in mutations {
        let text = String::from_utf8_lossy(&body).into_owned();
        body = match mutation {
            Mutation::ExtraKey(key) => text
                .replacen('{', &format!("{{\"{key}\":\"{CANARY}\","), 1)
                .into_bytes(),
            Mutation::Twice => text.replacen('{', "{\"device_name\":\"lap-18\",", 1).into_bytes(),
            Mutation::UpperCase(key) => text.replace(KEYS[*key], &KEYS[*key].to_uppercase()).into_bytes(),
            Mutation::Value(key, value) => {
                let mut message: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
                let part = message
                    .pointer_mut(path)
                    .and_then(serde_json::Value::as_object_mut);
                if let Some(part) = part {
                    part.insert(KEYS[*key].to_owned(), serde_json::from_str(value).unwrap());
                }
                serde_json::to_vec(&message).unwrap()
            }
            Mutation::Bytes(changes) => {
                let mut bytes = body;
                for (at, byte) in changes {
                    let at = at % bytes.len().max(1);
                    match byte % 3 {
                        0 => bytes.insert(at, *byte),
                        1 if !bytes.is_empty() => drop(bytes.remove(at)),
                        _ if !bytes.is_empty() => bytes[at] = *byte,
                        _ => {}
                    }
                }
                bytes
            }
            Mutation::Cut(at) => body[..at % (body.len() + 1)].to_vec(),
        };
    }
    body
}

/// Whether a stored value is a sound value of its field, in canonical form.
pub(crate) fn is_documented(field: Field, value: &str) -> bool {
    fn canonical<T: Parse>(value: &str) -> bool {
        T::parse(value).is_ok_and(|parsed| parsed.expose() == value)
    }
    match field {
        Field::DeviceName => canonical::<DeviceName>(value),
        Field::Username => canonical::<Username>(value),
        Field::PrivateIp => canonical::<PrivateIp>(value),
        Field::MacAddress => canonical::<MacAddress>(value),
        Field::PublicIp => canonical::<PublicIp>(value),
        Field::ServiceId => canonical::<ServiceId>(value),
        Field::LineId => canonical::<LineId>(value),
    }
}

#[test]
fn whatever_is_sent_nothing_undocumented_is_stored_and_no_refusal_repeats_a_value() {
    let target = Target::new(Harness::device);
    let sequence = std::cell::Cell::new(0);
    runner()
        .run(&vec(mutation(), 0..3), |mutations| {
            let next = sequence.get() + 1;
            let body = mutated(full(next).to_bytes(), "", &mutations);
            let response = target.post(path::REPORT, &body);
            if response.status == 200 {
                sequence.set(
                    serde_json::from_slice::<serde_json::Value>(&response.body).unwrap()["acknowledged"]
                        .as_u64()
                        .unwrap(),
                );
            } else {
                check_refusal(&response, &["anary", "lap-1", "jansen"])?;
            }
            let stored = target.wait(target.harness.stored(&target.device));
            for one in &stored.observations {
                prop_assert!(
                    Field::OF_AGENT.contains(&one.field)
                        && is_documented(one.field, &one.value)
                        && !one.value.contains(CANARY),
                    "{}: {}",
                    one.field,
                    one.value
                );
            }
            Ok(())
        })
        .unwrap();
    assert!(sequence.get() > 10, "unchanged reports are stored");
}
