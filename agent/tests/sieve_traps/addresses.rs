//! Addresses: others', and spellings of the device's own.

use serde_json::json;

use super::support::{audit, device, fields, run};

#[test]
fn attackers_and_targets_do_not_come_out_of_json() {
    let event = r#"{"event_type":"FirewallAggregated_Event","source_uuid":"5f1e","hostname":"lap-17","ipv4":"10.0.3.17",
        "source_address":"203.0.113.66","source_address_type":"IPv4","target_address":"10.0.3.99","target_port":445}"#;
    assert_eq!(
        fields("eset-protect", event),
        json!({ "device_name": "lap-17", "private_ips": ["10.0.3.17"] })
    );
}

#[test]
fn attackers_and_targets_do_not_come_out_of_cef_and_leef() {
    let cef = "CEF:0|ESET|Protect|10.0|105|Firewall Event|5|cat=ESET Firewall Event dvc=10.0.3.17 dvchost=lap-17 \
        src=203.0.113.66 dst=10.0.3.99 shost=attacker dhost=target";
    assert_eq!(
        fields("eset-protect", cef),
        json!({ "device_name": "lap-17", "private_ips": ["10.0.3.17"] })
    );
    let leef = "LEEF:1.0|ESET|Protect|10.0|Firewall Event|cat=ESET Firewall Event\tdeviceName=lap-17\t\
        src=203.0.113.66\tdst=10.0.3.99";
    assert_eq!(fields("eset-protect", leef), json!({ "device_name": "lap-17" }));
}

#[test]
fn the_far_end_of_a_connection_does_not_come_out() {
    let row = r#"{"DeviceId":"d","DeviceName":"lap-17","ActionType":"ConnectionSuccess","LocalIP":"10.0.3.17",
        "RemoteIP":"203.0.113.66","RemoteUrl":"https://piet.example/","InitiatingProcessAccountName":"piet"}"#;
    assert_eq!(
        fields("defender", row),
        json!({ "device_name": "lap-17", "private_ips": ["10.0.3.17"] })
    );
}

#[test]
fn nested_adapters_all_count_and_what_hangs_below_them_does_not() {
    let nics = r#"[{"instance":"Ethernet","ipv4":"10.0.3.17","ipv6":"fd00::17","macAddress":"00:1a:2b:3c:4d:01",
          "gateways":[{"ipv4":"10.0.3.1","macAddress":"00:1a:2b:00:00:01"}]},
        [{"ipv4":"10.9.9.9","macAddress":"00:1a:2b:00:00:02"}],
        {"instance":"Wi-Fi","ipv4":"10.0.4.17","ipv6":null,"macAddress":"00:1a:2b:3c:4d:02"}]"#;
    assert_eq!(
        fields("datto-rmm", audit(nics)),
        json!({
            "private_ips": ["10.0.3.17", "10.0.4.17", "fd00::17"],
            "mac_addresses": ["00:1a:2b:3c:4d:01", "00:1a:2b:3c:4d:02"],
        })
    );
}

#[test]
fn the_address_of_a_container_network_is_not_the_devices() {
    let snapshot = r#"{"name":"pack_zeef_interface_addresses","action":"snapshot","hostIdentifier":"lap-17","snapshot":[
        {"interface":"docker0","address":"172.17.0.1"},{"interface":"eth0","address":"10.0.3.17"},
        {"interface":"lo","address":"127.0.0.1"}]}"#;
    assert_eq!(
        fields("osquery", snapshot),
        json!({ "device_name": "lap-17", "private_ips": ["10.0.3.17"] })
    );
}

#[test]
fn an_ipv4_address_mapped_into_ipv6_comes_out_as_what_it_is() {
    for (written, list, address) in [
        ("::ffff:10.0.3.17", "private_ips", "10.0.3.17"),
        ("::FFFF:0A00:0311", "private_ips", "10.0.3.17"),
        ("::ffff:203.0.113.9", "public_ips", "203.0.113.9"),
    ] {
        let text = device(&format!(r#""hostname":"LAP-17","intIpAddress":"{written}""#));
        assert_eq!(
            fields("datto-rmm", text),
            json!({ "device_name": "LAP-17", list: [address] }),
            "{written}"
        );
    }
}

#[test]
fn zones_are_left_behind() {
    let nics = r#"[{"ipv6":"fe80::21a:2bff:fe3c:4d5e%12"},{"ipv6":"FD00::17%Ethernet van Jan"}]"#;
    let ran = run("datto-rmm", audit(nics).as_bytes());
    assert_eq!(ran.records, [json!({ "record": 1, "private_ips": ["fd00::17"] })]);
    assert_eq!(ran.reasons(), ["ip: neither a private nor a public address"]);
}

#[test]
fn mac_addresses_come_out_alike_however_they_are_written() {
    for written in [
        "00-1A-2B-3C-4D-5E",
        "001a.2b3c.4d5e",
        "001A2B3C4D5E",
        "0:1a:2b:3c:4d:5e",
        " 00:1a:2b:3c:4d:5e ",
    ] {
        let nics = format!(r#"[{{"macAddress":"{written}"}}]"#);
        assert_eq!(
            fields("datto-rmm", audit(&nics)),
            json!({ "mac_addresses": ["00:1a:2b:3c:4d:5e"] }),
            "{written}"
        );
    }
}

#[test]
fn an_eui_64_address_is_not_shortened_to_a_mac_address() {
    for written in [
        "00:1a:2b:ff:fe:3c:4d:5e",
        "001a2bfffe3c4d5e",
        "001a.2bff.fe3c.4d5e",
    ] {
        let nics = format!(r#"[{{"macAddress":"{written}"}}]"#);
        let ran = run("datto-rmm", audit(&nics).as_bytes());
        assert!(ran.records.is_empty(), "{written}");
        assert_eq!(
            ran.reasons(),
            ["mac_address: an EUI-64 address, not a MAC address"]
        );
    }
}

#[test]
fn addresses_that_name_no_device_are_dropped() {
    let nics = r#"[{"ipv4":"0.0.0.0","ipv6":"::","macAddress":"00:00:00:00:00:00"},
        {"ipv4":"127.0.0.1","ipv6":"::1","macAddress":"ff:ff:ff:ff:ff:ff"},
        {"ipv4":"169.254.7.7","ipv6":"ff02::1","macAddress":"01:00:5e:00:00:01"}]"#;
    let ran = run("datto-rmm", audit(nics).as_bytes());
    assert!(ran.records.is_empty());
    assert_eq!(
        ran.reasons(),
        [
            "mac_address: not the address of one interface",
            "ip: neither a private nor a public address"
        ]
    );
    assert_eq!(ran.account.empty, 1);
}

#[test]
fn an_address_in_the_place_of_a_name_is_no_name() {
    for written in ["10.0.3.17", "fe80::1", "00:1a:2b:3c:4d:5e", "001a2b3c4d5e"] {
        let client =
            format!(r#"{{"_id":"1","mac":"00:1a:2b:3c:4d:5e","is_wired":false,"hostname":"{written}"}}"#);
        assert_eq!(fields("unifi", client), json!({}), "{written}");
    }
}
