//! CSV, CEF, LEEF, gzip, and whose they are.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;
use zeef_agent::sieve::definition::embedded;
use zeef_agent::sieve::{Refusal, Sieve, recognise};

use super::support::{device, fields, policy, run};

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

const DHCP: &str = "\t\tMicrosoft DHCP Service Activity Log\r\n\r\n\
    Event ID  Meaning\r\n00\tThe log was started.\r\n10\tA new IP address was leased to a client.\r\n\r\n\
    ID,Date,Time,Description,IP Address,Host Name,MAC Address,User Name, TransactionID, QResult\r\n\
    00,11/24/26,00:00:01,Started,,,,,0,6\r\n\
    10,11/24/26,08:01:22,Assign,10.0.3.51,iPhone-17.contoso.example,001A2B3C4D5E,,17,0\r\n\
    11,11/24/26,08:02:07,Renew,10.0.3.52,LAP-17.contoso.example,001A2B3C4D5F,CONTOSO\\piet,18,0\r\n\
    12,11/24/26,08:03:09,Release,10.0.3.53,LAP-18.contoso.example,001A2B3C4D60,,19,0\r\n";

#[test]
fn leases_of_a_dhcp_server_give_what_is_documented_of_any_device_of_a_network() {
    let ran = run("windows-dhcp", DHCP.as_bytes());
    assert_eq!(ran.refusals(), []);
    assert_eq!(
        ran.records,
        [
            json!({ "record": 2, "device_name": "iPhone-17", "private_ips": ["10.0.3.51"] }),
            json!({ "record": 3, "device_name": "LAP-17", "private_ips": ["10.0.3.52"] }),
        ]
    );
    assert_eq!(ran.account.empty, 2);
}

#[test]
fn the_log_of_a_dhcp_server_is_recognised() {
    let definitions = embedded().unwrap();
    let sieves: Vec<Sieve> = definitions
        .iter()
        .map(|definition| Sieve::new(definition, &policy(), None).unwrap())
        .collect();
    let found = recognise(DHCP.as_bytes(), &sieves).unwrap().unwrap();
    let place = sieves
        .iter()
        .position(|sieve| std::ptr::eq(sieve, found))
        .unwrap();
    assert_eq!(definitions[place].name.as_str(), "windows-dhcp");
    assert_eq!(definitions[place].product.as_str(), "internet");
}

#[test]
fn a_quoted_line_break_ends_no_row() {
    let table = "device_name,note,mac_address,private_ip\n\
        phone-1,\"of Piet\nphone-9,x,00:1a:2b:00:00:09,10.0.3.9\",00:1a:2b:3c:4d:01,10.0.3.1\n\
        \"phone\n2\",\"says \"\"hello\"\"\",00:1a:2b:3c:4d:02,10.0.3.2\n\
        phone-3,,00:1a:2b:3c:4d:03\n";
    let ran = run("voip-csv", table.as_bytes());
    assert_eq!(
        ran.records,
        [
            json!({ "record": 1, "device_name": "phone-1", "mac_addresses": ["00:1a:2b:3c:4d:01"],
                "private_ips": ["10.0.3.1"] }),
            json!({ "record": 2, "mac_addresses": ["00:1a:2b:3c:4d:02"], "private_ips": ["10.0.3.2"] }),
        ]
    );
    assert_eq!(ran.refusals(), [Refusal::Columns]);
    assert_eq!((ran.refused[0].record, ran.refused[0].line), (3, 6));
}

#[test]
fn a_table_may_have_a_byte_order_mark_crlf_and_semicolons() {
    let table = "\u{feff}service_id;line_id;public_ip\r\nSRV-1001;LINE-7;203.0.113.9\r\n";
    assert_eq!(
        fields("internet-csv", table),
        json!({ "service_id": "SRV-1001", "line_id": "LINE-7", "public_ips": ["203.0.113.9"] })
    );
}

#[test]
fn a_column_that_stands_twice_refuses_the_table() {
    let ran = run(
        "internet-csv",
        b"service_id,public_ip,public_ip\nSRV-1,203.0.113.9,203.0.113.8\n",
    );
    assert!(ran.records.is_empty());
    assert_eq!(ran.refusals(), [Refusal::DuplicateKey]);
}

#[test]
fn an_escaped_equals_sign_in_cef_begins_no_key() {
    let line = r"CEF:0|ESET|Pro\|tect|10.0|100|Threat \| Event|5|cat=ESET Threat Event msg=wrote dvchost\=lap-99 to C:\\Users\\piet suser=CONTOSO\\jan dvchost=lap-17 deviceExternalId=5f1e";
    assert_eq!(
        fields("eset-protect", line),
        json!({ "device_name": "lap-17", "usernames": ["jan"] })
    );
}

#[test]
fn an_escaped_line_break_in_cef_is_no_part_of_a_name() {
    let line = r"CEF:0|ESET|Protect|10.0|100|Threat|5|dvchost=lap-17\nlap-99 dvc=10.0.3.17";
    assert_eq!(
        fields("eset-protect", line),
        json!({ "private_ips": ["10.0.3.17"] })
    );
}

#[test]
fn a_key_that_a_message_brings_into_cef_refuses_the_record() {
    let line = b"CEF:0|ESET|Protect|10.0|100|Threat|5|msg=saw dvchost=lap-99 there dvchost=lap-17\n";
    let ran = run("eset-protect", line);
    assert!(ran.records.is_empty());
    assert_eq!(ran.refusals(), [Refusal::DuplicateKey]);
}

#[test]
fn a_line_of_cef_of_ten_megabytes_is_read_past() {
    let filler = "x ".repeat(5 << 20);
    let line = format!("CEF:0|ESET|Protect|10.0|100|Threat|5|msg={filler}dvchost=lap-17");
    assert_eq!(fields("eset-protect", line), json!({ "device_name": "lap-17" }));
}

#[test]
fn a_syslog_header_gives_nothing() {
    let body = r#"{"event_type":"Threat_Event","source_uuid":"5f1e","ipv4":"10.0.3.17"}"#;
    for header in [
        "<12>Nov 24 08:01:22 relay-9 ERAServer[1904]: ",
        "<12>1 2026-11-24T08:01:22.017Z relay-9 ERAServer 1904 - [a@1 host=\"relay-8\"] ",
    ] {
        assert_eq!(
            fields("eset-protect", format!("{header}{body}")),
            json!({ "private_ips": ["10.0.3.17"] }),
            "{header}"
        );
    }
}

#[test]
fn gzip_is_opened_once_and_gzip_within_it_is_not() {
    let text = device(r#""hostname":"lap-17""#);
    let once = gzip(text.as_bytes());
    assert_eq!(fields("datto-rmm", &once), json!({ "device_name": "lap-17" }));
    let ran = run("datto-rmm", &gzip(&once));
    assert!(ran.records.is_empty());
    assert!(ran.account.refusals() > 0);
}

#[test]
fn a_gzip_bomb_ends_the_stream_and_what_came_before_it_stands() {
    let mut content = device(r#""hostname":"lap-17""#).into_bytes();
    content.extend_from_slice(b"\n{\"description\":\"");
    content.resize(18 << 20, b'x');
    let ran = run("datto-rmm", &gzip(&content));
    assert_eq!(ran.records, [json!({ "record": 1, "device_name": "lap-17" })]);
    assert_eq!(ran.refusals(), [Refusal::Bomb]);
}

#[test]
fn damaged_gzip_ends_the_stream_and_what_came_before_it_stands() {
    let text = device(r#""hostname":"lap-17""#);
    let mut packed = gzip(format!("{text}\n").as_bytes());
    packed.truncate(packed.len() - 3);
    let ran = run("datto-rmm", &packed);
    assert_eq!(ran.records, [json!({ "record": 1, "device_name": "lap-17" })]);
    assert_eq!(ran.refusals(), [Refusal::Compression]);
}
