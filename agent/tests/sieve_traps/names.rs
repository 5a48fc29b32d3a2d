//! Names of people and devices, and what looks like them.

use serde_json::json;

use super::support::{device, fields, run};

#[test]
fn user_names_inside_paths_of_profiles_do_not_come_out() {
    let threat = r#"{"HostName":"LAP-17","IPAddress":"10.0.3.17","FileName":"invoice-piet.exe",
        "PathName":"C:\\Users\\piet.pietersen\\Downloads\\invoice-piet.exe","MalwareGroup":"W32.Trojan"}"#;
    assert_eq!(
        fields("webroot", threat),
        json!({ "device_name": "LAP-17", "private_ips": ["10.0.3.17"] })
    );
}

#[test]
fn a_path_in_the_place_of_a_name_does_not_come_out() {
    let text =
        device(r#""hostname":"C:\\Users\\piet.pietersen","lastLoggedInUser":"C:\\Users\\piet.pietersen""#);
    let ran = run("datto-rmm", text.as_bytes());
    assert_eq!(ran.records, Vec::<serde_json::Value>::new());
    assert_eq!(
        ran.reasons(),
        [
            "device_name: an address, path or id, not a name",
            "username: an address, path or id, not a name"
        ]
    );
}

#[test]
fn host_names_inside_messages_do_not_come_out() {
    let event = r#"{"event_type":"FirewallAggregated_Event","source_uuid":"5f1e","hostname":"lap-17.contoso.example",
        "ipv4":"10.0.3.17","event":"srv-dc.contoso.example was contacted by lap-99","target_host":"srv-dc"}"#;
    assert_eq!(
        fields("eset-protect", event),
        json!({ "device_name": "lap-17", "private_ips": ["10.0.3.17"] })
    );
}

#[test]
fn domains_and_realms_are_left_behind() {
    for (written, name) in [
        (r"CONTOSO\\j.jansen", "j.jansen"),
        (r".\\j.jansen", "j.jansen"),
        ("j.jansen@contoso.example", "j.jansen"),
        (r"AzureAD\\JanJansen", "JanJansen"),
        (r"CONTOSO\\j.jansen@contoso.example", "j.jansen"),
    ] {
        let text = device(&format!(r#""hostname":"LAP-17","lastLoggedInUser":"{written}""#));
        assert_eq!(
            fields("datto-rmm", text),
            json!({ "device_name": "LAP-17", "usernames": [name] }),
            "{written}"
        );
    }
}

#[test]
fn security_identifiers_are_no_names() {
    for written in [
        "S-1-5-21-1004336348-1177238915-682003330-1001",
        r"CONTOSO\\S-1-12-1-17",
    ] {
        let text = device(&format!(r#""hostname":"LAP-17","lastLoggedInUser":"{written}""#));
        let ran = run("datto-rmm", text.as_bytes());
        assert_eq!(ran.records, [json!({ "record": 1, "device_name": "LAP-17" })]);
        assert_eq!(ran.reasons(), ["username: a security identifier, not a name"]);
    }
}

#[test]
fn service_accounts_are_nobody() {
    for written in [
        r"NT AUTHORITY\\SYSTEM",
        r"NT-AUTORITÄT\\SYSTEM",
        r"CONTOSO\\LAP-17$",
        r"NT SERVICE\\MSSQLSERVER",
        r"Window Manager\\DWM-3",
        r"Font Driver Host\\UMFD-0",
        "LOCAL SERVICE",
    ] {
        let text = device(&format!(r#""hostname":"LAP-17","lastLoggedInUser":"{written}""#));
        let ran = run("datto-rmm", text.as_bytes());
        assert_eq!(ran.records, [json!({ "record": 1, "device_name": "LAP-17" })]);
        assert_eq!(ran.reasons(), ["username: a service account"], "{written}");
    }
}

#[test]
fn an_account_that_signed_in_over_the_network_is_not_the_devices_user() {
    let sign_in = |kind: &str| {
        format!(
            r#"{{"Event":{{"System":{{"EventID":4624,"Channel":"Security","Computer":"SRV-2.contoso.example"}},
            "EventData":{{"TargetUserName":"p.pietersen","TargetUserSid":"S-1-5-21-1-2-3-1104","LogonType":{kind},
            "WorkstationName":"LAP-99","IpAddress":"10.0.3.99"}}}}}}"#
        )
    };
    assert_eq!(
        fields("windows-event", sign_in("2")),
        json!({ "device_name": "SRV-2", "usernames": ["p.pietersen"] })
    );
    assert_eq!(
        fields("windows-event", sign_in("3")),
        json!({ "device_name": "SRV-2" })
    );
}

#[test]
fn a_name_in_other_letters_that_look_alike_stays_the_name_it_is() {
    // Cyrillic letters: neither taken for Latin ones nor for the service account that they look like.
    let text = device(r#""hostname":"L\u0410P-17","lastLoggedInUser":"\u0405YSTEM""#);
    assert_eq!(
        fields("datto-rmm", text),
        json!({ "device_name": "L\u{410}P-17", "usernames": ["\u{405}YSTEM"] })
    );
}

#[test]
fn names_that_hide_or_turn_round_text_are_dropped() {
    for hidden in [
        "\u{202e}",
        "\u{2066}",
        "\u{200b}",
        "\u{ad}",
        "\u{feff}",
        "\u{e0041}",
    ] {
        let text = device(&format!(
            r#""hostname":"lap{hidden}17","lastLoggedInUser":"jan{hidden}sen","intIpAddress":"10.0.3.17""#
        ));
        let ran = run("datto-rmm", text.as_bytes());
        assert_eq!(
            ran.records,
            [json!({ "record": 1, "private_ips": ["10.0.3.17"] })],
            "{hidden:?}"
        );
        assert_eq!(ran.reasons().len(), 2);
    }
}

#[test]
fn an_address_that_is_left_of_a_name_is_no_name() {
    // Telephones without a name are given their MAC address as one; 802.1X by MAC address makes users of them.
    let text = device(r#""hostname":"001a2b3c4d5e.lan","lastLoggedInUser":"CONTOSO\\001a2b3c4d5e""#);
    assert_eq!(fields("datto-rmm", text), json!({}));
    let text = device(r#""hostname":"00-1A-2B-3C-4D-5E.lan","lastLoggedInUser":"10.0.3.17@contoso.example""#);
    assert_eq!(fields("datto-rmm", text), json!({}));
    let client = r#"{"_id":"1","mac":"00:1a:2b:3c:4d:5e","is_wired":false,"hostname":"001a2b3c4d5e.lan"}"#;
    assert_eq!(fields("unifi", client), json!({}));
}

#[test]
fn dashes_behind_a_domain_are_no_name() {
    let text = device(r#""hostname":"--.contoso.example","lastLoggedInUser":"CONTOSO\\-""#);
    assert_eq!(fields("datto-rmm", text), json!({}));
}
