//! What may come out at all: documented fields of the product, in canonical form or under their treatment.

use serde_json::Value;
use zeef_proto::field::{
    DeviceName, Field, LineId, MAX_VALUES, MacAddress, Parse, PrivateIp, PublicIp, ServiceId, Username,
};
use zeef_proto::policy::Treatment;

use crate::sieves::Ready;

/// Checks one line of output.
///
/// # Panics
/// Where something stands in it that may not.
pub(crate) fn check(line: &str, ready: &Ready) {
    let value: Value = serde_json::from_str(line).expect("output is JSON");
    let members = value.as_object().expect("output is an object");
    for (key, value) in members {
        match key.as_str() {
            "source" => assert_eq!(value, ready.definition.name.as_str()),
            "product" => assert_eq!(value, ready.definition.product.as_str()),
            "record" => assert!(value.as_u64().is_some_and(|record| record > 0)),
            "links" => texts(value).into_iter().for_each(assert_token),
            _ => field(key, value, ready),
        }
    }
}

fn field(key: &str, value: &Value, ready: &Ready) {
    let field = of_key(key).unwrap_or_else(|| panic!("{key} is no documented field"));
    assert!(ready.fields.contains(&field), "{key} is not documented for the product");
    for text in texts(value) {
        match ready.treatment {
            Treatment::Keep => assert!(is_canonical(field, text), "{key} is not canonical"),
            Treatment::Truncate => assert!(is_cut(field, text), "{key} is not cut"),
            Treatment::Pseudonymise => assert_token(text),
            Treatment::Drop => panic!("{key} is to be dropped"),
        }
    }
}

/// One value or a list's; lists are distinct and bounded.
fn texts(value: &Value) -> Vec<&str> {
    let texts: Vec<&str> = match value {
        Value::Array(values) => values
            .iter()
            .map(|value| value.as_str().expect("values are texts"))
            .collect(),
        value => vec![value.as_str().expect("values are texts")],
    };
    assert!((1..=MAX_VALUES).contains(&texts.len()), "too many values, or an empty list");
    let mut distinct = texts.clone();
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!(distinct.len(), texts.len(), "a value stands twice");
    texts
}

fn of_key(key: &str) -> Option<Field> {
    Some(match key {
        "device_name" => Field::DeviceName,
        "usernames" => Field::Username,
        "private_ips" => Field::PrivateIp,
        "public_ips" => Field::PublicIp,
        "mac_addresses" => Field::MacAddress,
        "service_id" => Field::ServiceId,
        "line_id" => Field::LineId,
        _ => return None,
    })
}

fn is_canonical(field: Field, text: &str) -> bool {
    fn parses<T: Parse>(text: &str) -> bool {
        T::parse(text).is_ok_and(|value| value.expose() == text)
    }
    match field {
        Field::DeviceName => parses::<DeviceName>(text),
        Field::Username => parses::<Username>(text),
        Field::PrivateIp => parses::<PrivateIp>(text),
        Field::PublicIp => parses::<PublicIp>(text),
        Field::MacAddress => parses::<MacAddress>(text),
        Field::ServiceId => parses::<ServiceId>(text),
        Field::LineId => parses::<LineId>(text),
    }
}

fn is_cut(field: Field, text: &str) -> bool {
    match field {
        Field::PrivateIp | Field::PublicIp => {
            let (network, length) = text.split_once('/').unwrap_or_default();
            is_canonical(field, network)
                && match length {
                    "24" => network.ends_with(".0"),
                    "48" => network.ends_with("::"),
                    _ => false,
                }
        }
        Field::MacAddress => text.len() == 8 && is_canonical(field, &format!("{text}:00:00:01")),
        Field::DeviceName | Field::Username | Field::ServiceId | Field::LineId => false,
    }
}

fn assert_token(text: &str) {
    let (key, hash) = text.split_once(':').expect("a token has its key's id before it");
    let (key, epoch) = key.split_once('.').expect("a key's id is followed by its epoch");
    assert!(key.len() == 12 && key.bytes().all(|byte| byte.is_ascii_hexdigit()));
    assert!(!epoch.is_empty() && epoch.bytes().all(|byte| byte.is_ascii_digit()));
    assert!(hash.len() == 22 && hash.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
}
