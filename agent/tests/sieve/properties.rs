//! What holds for any input at all.

use proptest::prelude::*;
use serde_json::Value;
use zeef_agent::sieve::Sieve;

use crate::harness::{Chunks, defined, read, run, source};

/// Pieces of which streams are made that are nearly records.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let fixed = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        "\"",
        ":",
        ",",
        "\n",
        "\r\n",
        " ",
        "\\",
        "\\u0041",
        "\\ud800",
        "|",
        "=",
        "\t",
        ";",
        "\"event_type\":\"x\"",
        "\"source_uuid\":\"y\"",
        "\"hostname\":\"lap-17\"",
        "\"ipv4\":\"10.0.3.17\"",
        "\"username\":\"CONTOSO\\\\jansen\"",
        "{\"event_type\":1,\"source_uuid\":1,\"hostname\":\"lap-1\"}\n",
        "CEF:0|ESET|P|1|1|N|1|dvchost=lap-2 dvc=10.0.3.2 suser=a b",
        "LEEF:1.0|ESET|P|1|1|deviceName=lap-3\t",
        "<14>Jan  2 03:04:05 srv app: ",
        "\u{feff}",
        "null",
        "true",
        "1e9",
        "[{",
        "}]",
    ])
    .prop_map(|text| text.as_bytes().to_vec());
    let random = prop::collection::vec(any::<u8>(), 0..8);
    prop_oneof![6 => fixed, 1 => random]
}

fn stream() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(piece(), 0..60).prop_map(|pieces| pieces.concat())
}

const DOCUMENTED: [&str; 8] = [
    "device_name",
    "usernames",
    "private_ips",
    "mac_addresses",
    "public_ips",
    "service_id",
    "line_id",
    "links",
];

fn values(record: &Value) -> Vec<String> {
    let of = |value: &Value| match value {
        Value::Array(values) => values.clone(),
        value => vec![value.clone()],
    };
    let all = record.as_object().unwrap().values().flat_map(of);
    all.map(|value| value.as_str().unwrap().to_owned()).collect()
}

/// Reads back what came out, under the same fields.
fn reread() -> Sieve {
    defined(
        "name = 'again'\nabout = ''\nproduct = 'rmm'\n[[shape]]\nname = 'r'\nformat = 'json'\nhas = ['id']\n\
         [shape.fields]\ndevice_name = ['device_name']\nusername = ['usernames[]']\n\
         ip = ['private_ips[]', 'public_ips[]']\nmac_address = ['mac_addresses[]']\n",
    )
}

proptest! {
    #[test]
    fn the_result_is_the_same_whole_and_in_chunks_of_any_size(input in stream(), size in 1_usize..9) {
        for name in ["eset-protect", "voip-csv", "draytek"] {
            let sieve = source(name);
            let whole = run(&sieve, &input);
            let mut chunks = Chunks { bytes: &input, size };
            prop_assert_eq!(read(&sieve, &mut chunks), whole);
        }
    }

    #[test]
    fn whatever_comes_in_only_documented_fields_come_out(input in stream()) {
        let outcome = run(&source("eset-protect"), &input);
        for record in &outcome.records {
            for key in record.as_object().unwrap().keys() {
                prop_assert!(DOCUMENTED.contains(&key.as_str()), "{}", key);
            }
        }
        let account = &outcome.account;
        prop_assert_eq!(account.read, account.passed + account.empty + account.refusals());
        prop_assert_eq!(account.passed, outcome.records.len() as u64);
    }

    #[test]
    fn minimising_twice_is_minimising_once(
        host in "\\PC{0,20}", user in "\\PC{0,20}", a in any::<[u8; 4]>(), mac in any::<[u8; 6]>(),
    ) {
        let address = std::net::Ipv4Addr::from(a).to_string();
        let mac = mac.map(|byte| format!("{byte:02X}")).concat();
        let record = serde_json::json!({
            "id": 1, "device_name": host, "usernames": [user], "private_ips": [address], "mac_addresses": [mac],
        });
        let mut once = run(&reread(), record.to_string());
        if let Some(mut first) = once.records.pop() {
            first["id"] = 1.into();
            let mut second = run(&reread(), first.to_string()).only();
            second["id"] = 1.into();
            prop_assert_eq!(first, second);
        }
    }

    #[test]
    fn spelling_does_not_matter(
        host in "[a-z][a-z0-9-]{0,10}", user in "[a-z]{1,10}", address in any::<[u16; 7]>(), mac in any::<[u8; 6]>(),
        escape in any::<bool>(),
    ) {
        let mut segments = [0xfd00; 8];
        segments[1..].copy_from_slice(&address);
        let hex = mac.map(|byte| format!("{byte:02x}"));
        let plain = serde_json::json!({
            "id": 1, "device_name": host, "usernames": [user],
            "private_ips": [std::net::Ipv6Addr::from(segments).to_string()], "mac_addresses": [hex.join(":")],
        });
        let odd = serde_json::json!({
            "mac_addresses": [hex.join("-").to_uppercase()], "id": 1,
            "private_ips": [segments.map(|part| format!("{part:04X}")).join(":") + "%eth0"],
            "usernames": [format!("CONTOSO\\{user}@contoso.example")],
            "device_name": format!(" {host}.contoso.example"),
        });
        let mut text = serde_json::to_string_pretty(&odd).unwrap();
        if escape {
            text = text.replace("device_name", "d\\u0065vice_name");
        }
        let outcome = run(&reread(), plain.to_string());
        prop_assert_eq!(&run(&reread(), text).records, &outcome.records);
        prop_assert!(!values(&outcome.records[0]).is_empty());
    }
}
