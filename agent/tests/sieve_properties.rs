//! What holds of the filter for any input.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::io::{self, Read};
use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::sample::Index;
use serde::Deserialize;
use zeef_agent::sieve::definition::{Definition, embedded};
use zeef_agent::sieve::{Account, Minimised, Outlet, Refused, Sieve};
use zeef_proto::field::{DeviceName, Field, LineId, MacAddress, PrivateIp, PublicIp, ServiceId, Username};
use zeef_proto::policy::{Policy, ProductId};

/// An output line, read as strictly as the wire is: known keys only, values in canonical form only.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Out {
    source: String,
    product: ProductId,
    record: u64,
    device_name: Option<DeviceName>,
    #[serde(default)]
    usernames: Vec<Username>,
    #[serde(default)]
    private_ips: Vec<PrivateIp>,
    #[serde(default)]
    mac_addresses: Vec<MacAddress>,
    #[serde(default)]
    public_ips: Vec<PublicIp>,
    service_id: Option<ServiceId>,
    line_id: Option<LineId>,
}

impl Out {
    fn fields(&self) -> Vec<Field> {
        let has = [
            (Field::DeviceName, self.device_name.is_some()),
            (Field::Username, !self.usernames.is_empty()),
            (Field::PrivateIp, !self.private_ips.is_empty()),
            (Field::MacAddress, !self.mac_addresses.is_empty()),
            (Field::PublicIp, !self.public_ips.is_empty()),
            (Field::ServiceId, self.service_id.is_some()),
            (Field::LineId, self.line_id.is_some()),
        ];
        has.into_iter()
            .filter_map(|(field, there)| there.then_some(field))
            .collect()
    }
}

/// Everything that a run gave.
#[derive(Debug, Default, PartialEq)]
struct Ran {
    lines: Vec<String>,
    refused: Vec<Refused>,
    account: Account,
}

impl Outlet for Ran {
    fn record(&mut self, record: &Minimised<'_>) -> io::Result<()> {
        self.lines.push(serde_json::to_string(record)?);
        Ok(())
    }

    fn refused(&mut self, refused: &Refused) -> io::Result<()> {
        self.refused.push(*refused);
        Ok(())
    }
}

/// Bytes that come in pieces of these sizes, over and over.
struct Pieces<'a> {
    rest: &'a [u8],
    sizes: &'a [usize],
    next: usize,
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let size = self.sizes[self.next % self.sizes.len()].min(buffer.len());
        self.next += 1;
        self.rest.read(&mut buffer[..size])
    }
}

static POLICY: LazyLock<Policy> = LazyLock::new(|| Policy::parse(zeef_agent::policy::REFERENCE).unwrap());
static SOURCES: LazyLock<Vec<(String, ProductId, Sieve)>> = LazyLock::new(|| {
    embedded()
        .unwrap()
        .iter()
        .map(|definition| {
            let sieve = Sieve::new(definition, &POLICY, None).unwrap();
            (definition.name.to_string(), definition.product.clone(), sieve)
        })
        .collect()
});

fn sieve(source: &str) -> &'static Sieve {
    let found = SOURCES.iter().find(|(name, ..)| name == source);
    &found.unwrap().2
}

fn run(sieve: &Sieve, mut input: impl Read) -> Ran {
    let mut ran = Ran::default();
    ran.account = sieve.run(&mut input, &mut ran).unwrap();
    ran
}

/// Records of each format, from which damaged ones are made.
const SEEDS: &[&str] = &[
    r#"{"uid":"d-1","hostname":"lap-17.contoso.example","deviceType":{"type":"x"},"lastLoggedInUser":"CONTOSO\\jan","intIpAddress":"10.0.3.17","udf":{"a":[1,2.5e3,true,null]}}"#,
    r#"{"devices":[{"uid":"d-1","hostname":"lap-1","deviceType":{}},{"uid":"d-2","hostname":"lap-2","deviceType":{}}]}"#,
    r#"{"systemInfo":{"username":"jan"},"nics":[{"ipv4":"10.0.3.17","macAddress":"00:1a:2b:3c:4d:5e"},{"ipv6":"fd00::1%3"}]}"#,
    r#"{"DeviceId":"d","DeviceName":"lap-17","LoggedOnUsers":"[{\"UserName\":\"jan\"}]","PublicIP":"203.0.113.9"}"#,
    r#"<12>Nov 24 08:01:22 relay ERAServer[19]: {"event_type":"Threat_Event","source_uuid":"5f","hostname":"lap-17"}"#,
    "CEF:0|ESET|Protect|10.0|100|Threat|5|dvchost=lap-17 suser=CONTOSO\\\\jan dvc=10.0.3.17 msg=a\\=b",
    "LEEF:1.0|ESET|Protect|10.0|Threat|deviceName=lap-17\taccountName=jan\tsrc=203.0.113.66",
    "<181>Nov 24 08:01:22 router: [DHCP] [Send ACK, IP: 192.168.1.10, MAC: 00-1a-2b-3c-4d-5e]",
    "ID,Date,IP Address,Host Name,MAC Address\n10,11/24/26,10.0.3.51,\"lap\n17\",001A2B3C4D5E",
    "service_id;line_id;public_ip\nSRV-1001;LINE-7;203.0.113.9",
    r#"{"_id":"1","mac":"00:1a:2b:3c:4d:5e","is_wired":false,"hostname":"lap-17","ip":"10.0.3.17"}"#,
    r#"{"name":"p_logged_in_users","action":"added","hostIdentifier":"lap-17","columns":{"user":"jan","type":"user"}}"#,
];

/// Pieces that mean something to a reader.
const SPLINTERS: &[&[u8]] = &[
    b"\"",
    b"\\",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"=",
    b"|",
    b"\n",
    b"\r\n",
    b"\t",
    b" ",
    b"\0",
    b"\xff",
    b"\xc3",
    b"\xef\xbb\xbf",
    b"\x1f\x8b",
    b"\\u0000",
    b"\\ud83d",
    b"null",
    b"1e9",
    b"CEF:",
    b"LEEF:2.0|",
    b"@",
    b".",
    b"%",
];

/// Arbitrary bytes, or records with pieces struck out and put in.
fn any_input() -> impl Strategy<Value = Vec<u8>> {
    let splinter = prop_oneof![
        3 => prop::sample::select(SPLINTERS).prop_map(<[u8]>::to_vec),
        1 => prop::collection::vec(any::<u8>(), 0..4),
    ];
    let blow = (any::<Index>(), 0_usize..4, splinter);
    let damaged = (
        prop::collection::vec(prop::sample::select(SEEDS), 1..4),
        prop::collection::vec(blow, 0..6),
    )
        .prop_map(|(seeds, blows)| {
            let mut bytes = seeds.join("\n").into_bytes();
            for (place, struck, put) in blows {
                let start = place.index(bytes.len() + 1);
                let end = (start + struck).min(bytes.len());
                bytes.splice(start..end, put);
            }
            bytes
        });
    prop_oneof![4 => damaged, 1 => prop::collection::vec(any::<u8>(), 0..200)]
}

/// Text that may be a name, with what products put around it.
fn any_name() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        r"(CONTOSO\\)?[a-z0-9.$-]{0,14}(@contoso\.example)?",
        r"[0-9a-fA-F]{12}(\.lan)?",
        r"(CONTOSO\\)?(SYSTEM|S-1-5-21-7|DWM-1|-|10\.0\.3\.7)(@x| )?",
        r"[\u{212a}\u{2126}\u{37e}\u{301}\u{ff0d}\u{ff11}a. -]{1,6}",
    ]
}

/// A definition that reads what comes out.
fn again() -> Sieve {
    let text = r#"
        name = "again"
        about = "what the minimiser wrote"
        product = "rmm"
        [[shape]]
        name = "record"
        format = "json"
        has = ["source", "product", "record"]
        [shape.fields]
        device_name = ["device_name"]
        username = ["usernames[]"]
        ip = ["private_ips[]", "public_ips[]"]
        mac_address = ["mac_addresses[]"]
    "#;
    Sieve::new(&Definition::parse(text, &POLICY).unwrap(), &POLICY, None).unwrap()
}

fn without_source(line: &str) -> serde_json::Value {
    let mut value: serde_json::Value = serde_json::from_str(line).unwrap();
    value.as_object_mut().unwrap().remove("source");
    value
}

/// JSON's text for a string, each character escaped where `escaped` says so.
fn spelt(text: &str, escaped: &[bool]) -> String {
    let mut out = String::from("\"");
    for (c, escape) in text.chars().zip(escaped.iter().cycle()) {
        if *escape || c < ' ' || c == '"' || c == '\\' {
            for unit in c.encode_utf16(&mut [0; 2]) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            out.push(c);
        }
    }
    out.push('"');
    out
}

fn mac_spelt(bytes: [u8; 6], way: usize) -> String {
    let hex = |separator: &str| bytes.map(|byte| format!("{byte:02x}")).join(separator);
    match way {
        0 => hex(":"),
        1 => hex("-").to_uppercase(),
        2 => hex(""),
        3 => bytes.map(|byte| format!("{byte:X}")).join(":"),
        _ => {
            let bare = hex("");
            format!("{}.{}.{}", &bare[..4], &bare[4..8], &bare[8..])
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn whatever_comes_in_only_documented_fields_in_canonical_form_come_out(input in any_input()) {
        for (name, product, sieve) in SOURCES.iter() {
            let ran = run(sieve, &*input);
            prop_assert_eq!(ran.lines.len() as u64, ran.account.passed);
            prop_assert_eq!(ran.refused.len() as u64, ran.account.refusals());
            let of_product = POLICY.product(product).unwrap();
            let mut last = 0;
            for line in &ran.lines {
                let out: Out = serde_json::from_str(line).unwrap();
                prop_assert_eq!(&out.source, name);
                prop_assert_eq!(&out.product, product);
                prop_assert!(out.record > last && out.record <= ran.account.read);
                last = out.record;
                prop_assert!(!out.fields().is_empty());
                for field in out.fields() {
                    prop_assert!(of_product.data.iter().any(|row| row.fields.contains(&field)));
                }
            }
        }
    }

    #[test]
    fn the_result_does_not_depend_on_the_pieces_in_which_input_comes(
        input in any_input(),
        sizes in prop::collection::vec(1_usize..40, 1..5),
    ) {
        for (_, _, sieve) in SOURCES.iter() {
            let pieces = Pieces { rest: &input, sizes: &sizes, next: 0 };
            prop_assert_eq!(run(sieve, &*input), run(sieve, pieces));
        }
    }

    #[test]
    fn minimising_what_was_minimised_changes_nothing(
        host in any_name(),
        user in any_name(),
        addresses in prop::collection::vec(any::<std::net::IpAddr>(), 0..4),
        macs in prop::collection::vec(any::<[u8; 6]>(), 0..4),
    ) {
        let device = serde_json::json!({
            "HostName": host,
            "IPAddress": addresses.first(),
            "OSAndVersions": {
                "CurrentUser": user,
                "IPV4": addresses.last(),
                "MACAddress": macs.first().map(|mac| mac_spelt(*mac, 1)),
            },
        });
        let once = run(sieve("webroot"), device.to_string().as_bytes());
        let joined = once.lines.join("\n").replace("\"antivirus\"", "\"rmm\"");
        let twice = run(&again(), joined.as_bytes());
        prop_assert_eq!(
            joined.lines().map(without_source).collect::<Vec<_>>(),
            twice.lines.iter().map(|line| without_source(line)).collect::<Vec<_>>()
        );
    }

    #[test]
    fn the_spelling_of_a_record_does_not_matter(
        host in any_name(),
        mac in any::<[u8; 6]>(),
        address in any::<std::net::Ipv4Addr>(),
        escaped in prop::collection::vec(any::<bool>(), 1..8),
        ways in (0_usize..5, any::<bool>(), any::<bool>(), "[ \t]{0,3}"),
    ) {
        let (way, mapped, turned, space) = ways;
        let plain = format!(
            r#"{{"HostName":{},"OSAndVersions":{{"MACAddress":"{}","IPV4":"{address}"}}}}"#,
            spelt(&host, &[false]),
            mac_spelt(mac, 0),
        );
        let written = if mapped { format!("::FFFF:{address}") } else { address.to_string() };
        let inner = [
            format!("{}{space}:{space}{}", spelt("MACAddress", &escaped), spelt(&mac_spelt(mac, way), &escaped)),
            format!("{}:{}{space}", spelt("IPV4", &escaped), spelt(&written, &escaped)),
        ];
        let inner = if turned { [&*inner[1], &*inner[0]] } else { [&*inner[0], &*inner[1]] };
        let outer = [
            format!("{}{space}:{{{}}}", spelt("OSAndVersions", &escaped), inner.join(",")),
            format!("{space}{}:{}", spelt("HostName", &escaped), spelt(&host, &escaped)),
        ];
        let outer = if turned { [&*outer[1], &*outer[0]] } else { [&*outer[0], &*outer[1]] };
        let other = format!("{{{}}}{space}", outer.join(","));
        let [plain, other] = [plain, other].map(|text| run(sieve("webroot"), text.as_bytes()));
        prop_assert_eq!(plain.lines, other.lines);
        prop_assert_eq!(plain.account.values(), other.account.values());
        prop_assert_eq!(other.refused, []);
    }
}
