//! Only what is the own device's comes out: records of each source, written after the vendors' documentation.

use serde_json::{Value, json};

use crate::harness::{Outcome, run, source};

fn only(name: &str, record: &Value) -> Value {
    run(&source(name), record.to_string()).only()
}

fn lines(name: &str, text: &str) -> Outcome {
    run(&source(name), text)
}

#[test]
fn attacker_and_target_of_an_eset_event_are_others() {
    let event = json!({
        "event_type": "FirewallAggregated_Event", "source_uuid": "5a3e-17", "hostname": "lap-17.contoso.example",
        "ipv4": "10.0.3.17", "ipv6": "", "source_address": "198.51.100.9", "target_address": "10.0.3.99",
        "account": "CONTOSO\\j.jansen", "inbound": true,
    });
    assert_eq!(
        only("eset-protect", &event),
        json!({ "device_name": "lap-17", "usernames": ["j.jansen"], "private_ips": ["10.0.3.17"] })
    );
}

#[test]
fn names_in_paths_and_messages_do_not_come_out() {
    let event = json!({
        "event_type": "Threat_Event", "source_uuid": "5a3e-17", "hostname": "lap-17",
        "object_uri": "file:///C:/Users/p.devries/Downloads/a.exe",
        "processname": "C:\\Users\\p.devries\\b.exe", "detail": "pc-9 was attacked by m.bakker",
    });
    assert_eq!(only("eset-protect", &event), json!({ "device_name": "lap-17" }));
}

#[test]
fn an_operator_of_the_eset_console_is_not_the_devices_user() {
    let audit = json!({
        "event_type": "Audit_Event", "source_uuid": "5a3e-17", "hostname": "lap-17", "user": "m.bakker",
    });
    assert_eq!(only("eset-protect", &audit), json!({ "device_name": "lap-17" }));
    let cef = "CEF:0|ESET|Protect|11.1|1|Login|2|cat=ESET Audit Event dvchost=lap-17 suser=m.bakker";
    assert_eq!(
        lines("eset-protect", cef).only(),
        json!({ "device_name": "lap-17" })
    );
}

#[test]
fn eset_speaks_cef_and_leef_as_well() {
    let cef = "<14>Sep  3 15:46:37 srv CEF:0|ESET|Protect|11.1|183|Cleaned a virus|5|dvc=10.0.3.17 \
               dvchost=lap-17 suser=CONTOSO\\\\j.jansen filePath=C:\\\\Users\\\\p.devries\\\\a.exe src=10.0.3.99 \
               c6a1=fd00::17 c6a1Label=IPv6";
    assert_eq!(
        lines("eset-protect", cef).only(),
        json!({ "device_name": "lap-17", "usernames": ["j.jansen"], "private_ips": ["10.0.3.17", "fd00::17"] })
    );
    let leef = "<14>1 2026-01-02T03:04:05Z 10.0.3.1 srv 1 - - LEEF:1.0|ESET|RemoteAdministrator|7|Threat|\
                cat=ESET Threat Event\tsrc=10.0.3.99\tdeviceName=lap-17.contoso.example\taccountName=j.jansen";
    assert_eq!(
        lines("eset-protect", leef).only(),
        json!({ "device_name": "lap-17", "usernames": ["j.jansen"] })
    );
}

#[test]
fn webroot_endpoints_come_in_pages() {
    let page = json!({ "Count": 2, "QueryResults": [
        { "EndpointId": "e-1", "MachineId": "m-1", "HostName": "LAP-17", "IPAddress": "203.0.113.7",
          "OSAndVersions": { "OS": "Windows 11", "IPV4": "10.0.3.17", "MACAddress": "00-1A-2B-3C-4D-5E",
                             "CurrentUser": "CONTOSO\\j.jansen", "Workgroup": "PDEVRIES" } },
        { "HostName": "LAP-18", "FileName": "a.exe", "PathName": "c:\\users\\p.devries" },
    ]});
    let outcome = run(&source("webroot"), page.to_string());
    assert_eq!(
        outcome.records,
        [
            json!({ "device_name": "LAP-17", "usernames": ["j.jansen"], "private_ips": ["10.0.3.17"],
                    "mac_addresses": ["00:1a:2b:3c:4d:5e"], "public_ips": ["203.0.113.7"] }),
            json!({ "device_name": "LAP-18" }),
        ]
    );
}

#[test]
fn datto_audits_give_all_adapters_and_alerts_the_device_alone() {
    let audit = json!({
        "portalUrl": "https://rmm.example/1", "systemInfo": { "username": "CONTOSO\\j.jansen", "model": "X" },
        "nics": [
            { "instance": "Ethernet", "ipv4": "10.0.3.17", "ipv6": "fe80::17%4", "macAddress": "001a.2b3c.4d5e" },
            { "instance": "Wi-Fi", "ipv4": "10.0.4.17", "ipv6": null, "macAddress": "001A2B3C4D5F" },
            { "instance": "Loopback", "ipv4": "127.0.0.1", "macAddress": "00:00:00:00:00:00" },
        ],
    });
    assert_eq!(
        only("datto-rmm", &audit),
        json!({ "usernames": ["j.jansen"], "private_ips": ["10.0.3.17", "10.0.4.17"],
                "mac_addresses": ["00:1a:2b:3c:4d:5e", "00:1a:2b:3c:4d:5f"] })
    );
    let alert = json!({
        "alertUid": "a-1", "resolvedBy": "m.bakker", "diagnostics": "pc-9 at 10.0.3.99",
        "alertSourceInfo": { "deviceUid": "d-1", "deviceName": "lap-17", "siteName": "P. de Vries" },
    });
    assert_eq!(only("datto-rmm", &alert), json!({ "device_name": "lap-17" }));
}

#[test]
fn a_page_of_datto_devices_is_several_records() {
    let device = |n: u32| {
        json!({ "uid": format!("d-{n}"), "hostname": format!("lap-{n}"), "deviceType": { "category": "Laptop" },
                "intIpAddress": format!("10.0.3.{n}"), "extIpAddress": "203.0.113.7", "lastLoggedInUser": "u",
                "udf": { "udf1": "p.devries" }, "description": "of p.devries" })
    };
    let page = json!({ "pageDetails": { "count": 2 }, "devices": [device(1), device(2)] });
    let outcome = run(&source("datto-rmm"), serde_json::to_string_pretty(&page).unwrap());
    let names: Vec<_> = outcome
        .records
        .iter()
        .map(|record| &record["device_name"])
        .collect();
    assert_eq!(names, ["lap-1", "lap-2"]);
    assert_eq!(outcome.account.read, 2);
}

#[test]
fn defender_holds_addresses_as_objects_and_as_json_in_strings() {
    let machine = json!({
        "id": "m-1", "computerDnsName": "lap-17.contoso.example", "osPlatform": "Windows11",
        "lastIpAddress": "10.0.3.17", "lastExternalIpAddress": "203.0.113.7", "machineTags": ["P. de Vries"],
        "ipAddresses": [
            { "ipAddress": "10.0.3.17", "macAddress": "001A2B3C4D5E", "type": "Ethernet" },
            { "ipAddress": "::1", "macAddress": null, "type": "SoftwareLoopback" },
        ],
    });
    assert_eq!(
        only("defender", &machine),
        json!({ "device_name": "lap-17", "private_ips": ["10.0.3.17"], "mac_addresses": ["00:1a:2b:3c:4d:5e"],
                "public_ips": ["203.0.113.7"] })
    );
    let row = json!({
        "DeviceId": "m-1", "DeviceName": "lap-17", "PublicIP": "203.0.113.7", "RemoteIP": "198.51.100.9",
        "LoggedOnUsers": "[{\"UserName\":\"j.jansen\",\"DomainName\":\"CONTOSO\",\"Sid\":\"S-1-5-21-1\"}]",
        "IPAddresses": json!([{ "IPAddress": "10.0.3.17", "SubnetPrefix": 24 }]).to_string(),
        "ProcessCommandLine": "net user p.devries", "AccountUpn": "p.devries@contoso.example",
    });
    assert_eq!(
        only("defender", &row),
        json!({ "device_name": "lap-17", "usernames": ["j.jansen"], "private_ips": ["10.0.3.17"],
                "public_ips": ["203.0.113.7"] })
    );
}

#[test]
fn who_failed_to_sign_in_or_came_over_the_network_is_not_the_devices_user() {
    let row = |action: &str, kind: &str| {
        json!({ "DeviceId": "m-1", "DeviceName": "lap-17", "ActionType": action, "LogonType": kind,
                "AccountName": "m.bakker" })
    };
    let users = |record: &Value| only("defender", record).get("usernames").cloned();
    assert_eq!(users(&row("LogonFailed", "Interactive")), None);
    assert_eq!(users(&row("LogonSuccess", "Network")), None);
    assert_eq!(
        users(&row("LogonSuccess", "Interactive")),
        Some(json!(["m.bakker"]))
    );
}

#[test]
fn osquery_rows_count_by_the_query_they_come_from() {
    let row = |name: &str, columns: Value| json!({ "name": name, "action": "added", "hostIdentifier": "lap-17.lan", "columns": columns });
    let own = |record: &Value| only("osquery", record);
    assert_eq!(
        own(&row(
            "pack_net_interface_addresses",
            json!({ "interface": "eth0", "address": "10.0.3.17" })
        )),
        json!({ "device_name": "lap-17", "private_ips": ["10.0.3.17"] })
    );
    assert_eq!(
        own(&row(
            "interface_addresses",
            json!({ "interface": "docker0", "address": "172.17.0.1" })
        )),
        json!({ "device_name": "lap-17" })
    );
    assert_eq!(
        own(&row(
            "arp_cache",
            json!({ "address": "10.0.3.99", "mac": "00:1a:2b:3c:4d:99" })
        )),
        json!({ "device_name": "lap-17" })
    );
    assert_eq!(
        own(&row(
            "logged_in_users",
            json!({ "type": "user", "user": "jansen", "host": "10.0.3.99" })
        )),
        json!({ "device_name": "lap-17", "usernames": ["jansen"] })
    );
    assert_eq!(
        own(&row(
            "logged_in_users",
            json!({ "type": "dead", "user": "bakker" })
        )),
        json!({ "device_name": "lap-17" })
    );
}

#[test]
fn a_condition_counts_for_the_element_that_it_stands_in() {
    let snapshot = json!({
        "name": "logged_in_users", "action": "snapshot", "hostIdentifier": "lap-17",
        "snapshot": [
            { "user": "bakker", "type": "dead" },
            { "type": "user", "user": "jansen" },
            { "user": "devries", "type": "init" },
        ],
    });
    assert_eq!(
        only("osquery", &snapshot),
        json!({ "device_name": "lap-17", "usernames": ["jansen"] })
    );
}

#[test]
fn wazuh_accounts_count_where_they_are_signed_in() {
    let user = |name: &str, signed_in: bool| {
        json!({ "index": "wazuh-states-inventory-users",
                "data": { "user": { "name": name }, "login": { "status": signed_in } } })
        .to_string()
    };
    let outcome = lines(
        "wazuh-syscollector",
        &[user("bakker", false), user("jansen", true), user("SYSTEM", true)].join("\n"),
    );
    assert_eq!(outcome.records, [json!({ "usernames": ["jansen"] })]);
    assert_eq!(outcome.account.empty, 2);
}

#[test]
fn a_wifi_client_gives_neither_mac_address_nor_user() {
    let client = json!({
        "_id": "5f", "mac": "00:1a:2b:3c:4d:5e", "is_wired": false, "hostname": "phone-3", "name": "of P. de Vries",
        "ip": "10.0.5.3", "ap_mac": "00:1a:2b:00:00:01", "essid": "Guests", "1x_identity": "p.devries",
    });
    assert_eq!(
        only("unifi", &client),
        json!({ "device_name": "phone-3", "private_ips": ["10.0.5.3"] })
    );
    let nebula = json!([{ "macAddress": "00:1a:2b:3c:4d:5e", "ipv4Address": "10.0.5.4", "osHostname": "tablet-1",
                          "user": "p.devries", "description": "of P. de Vries" }]);
    assert_eq!(
        only("zyxel-nebula", &nebula),
        json!({ "device_name": "tablet-1", "private_ips": ["10.0.5.4"] })
    );
}

#[test]
fn a_client_on_a_cable_is_none_of_wifis_and_belongs_to_the_connection() {
    let legacy = json!({ "_id": "6a", "mac": "00:1a:2b:3c:4d:5e", "is_wired": true, "hostname": "kassa-1",
                         "ip": "10.0.5.9", "sw_mac": "00:1a:2b:00:00:02" });
    let integration = json!({ "type": "WIRED", "id": "6b", "name": "kassa-1", "macAddress": "00:1a:2b:3c:4d:5e",
                              "connectedAt": "2026-07-01T10:00:00Z", "ipAddress": "10.0.5.9" });
    for client in [legacy, integration] {
        let outcome = lines("unifi", &client.to_string());
        assert_eq!((outcome.records.len(), outcome.account.empty), (0, 1));
        assert_eq!(
            only("unifi-wired", &client),
            json!({ "device_name": "kassa-1", "private_ips": ["10.0.5.9"] })
        );
        let on_the_air = client
            .to_string()
            .replace("true", "false")
            .replace("WIRED", "WIRELESS");
        let outcome = lines("unifi-wired", &on_the_air);
        assert_eq!((outcome.records.len(), outcome.account.refusals()), (0, 1));
    }
}

#[test]
fn a_mac_address_does_not_pass_as_a_name() {
    for name in [
        "00:1a:2b:3c:4d:5e",
        "00-1A-2B-3C-4D-5E",
        "001a2b3c4d5e",
        "001a.2b3c.4d5e",
    ] {
        let client = json!({ "mac": name, "is_wired": false, "name": name, "ip": "10.0.5.3" });
        assert_eq!(
            only("unifi", &client),
            json!({ "private_ips": ["10.0.5.3"] }),
            "{name}"
        );
    }
}

#[test]
fn a_router_tells_of_leases_and_of_connections() {
    let log = "<181>Sep 25 09:18:44 router: [DHCP] Vigor DHCP server has given out an IP \
               [MAC: 00-1a-2b-3c-4d-5e, IP: 10.0.6.12]\n\
               <181>Sep 25 09:18:45 router: [DOS][Block][10.0.6.99:68->198.51.100.9:67][UDP]\n\
               <181>Sep 25 09:18:46 router: [H2L][UP][SSLTunnel][@p.devries]\n";
    let outcome = lines("draytek", log);
    assert_eq!(outcome.records, [json!({ "private_ips": ["10.0.6.12"] })]);
    assert_eq!(outcome.account.refusals(), 2);
}

fn windows(channel: &str, id: &Value, data: &Value) -> Value {
    json!({ "Event": { "System": { "Channel": channel, "EventID": id, "Computer": "LAP-17.contoso.example",
                                   "Security": { "UserID": "S-1-5-21-1" } }, "EventData": data } })
}

#[test]
fn a_windows_sign_in_counts_where_somebody_sits_there() {
    let logon = |id: &Value, kind: &str, user: &str| {
        only(
            "windows-event",
            &windows(
                "Security",
                id,
                &json!({ "TargetUserName": user, "TargetUserSid": "S-1-5-21-1", "LogonType": kind,
                        "SubjectUserName": "LAP-17$", "IpAddress": "10.0.3.99", "WorkstationName": "PC-9" }),
            ),
        )
    };
    let with_user = json!({ "device_name": "LAP-17", "usernames": ["j.jansen"] });
    let without = json!({ "device_name": "LAP-17" });
    assert_eq!(logon(&json!(4624), "2", "j.jansen"), with_user);
    assert_eq!(logon(&json!({ "#text": 4624 }), "10", "j.jansen"), with_user);
    assert_eq!(logon(&json!(4624), "3", "j.jansen"), without);
    assert_eq!(logon(&json!(4625), "2", "j.jansen"), without);
    assert_eq!(logon(&json!(4624), "2", "DWM-1"), without);
    assert_eq!(logon(&json!(4624), "2", "LAP-17$"), without);
    assert_eq!(
        logon(&json!(4624), "2", "S-1-5-21-1004336348-1177238915"),
        without
    );
}

#[test]
fn the_source_of_a_connection_is_the_device_where_the_device_began_it() {
    let connection = |began: bool| {
        only(
            "windows-event",
            &windows(
                "Microsoft-Windows-Sysmon/Operational",
                &json!(3),
                &json!({ "User": "CONTOSO\\j.jansen", "SourceIp": "10.0.3.17", "DestinationIp": "198.51.100.9",
                        "ParentUser": "CONTOSO\\p.devries", "Initiated": began.to_string() }),
            ),
        )
    };
    assert_eq!(
        connection(true),
        json!({ "device_name": "LAP-17", "usernames": ["j.jansen"], "private_ips": ["10.0.3.17"] })
    );
    assert_eq!(
        connection(false),
        json!({ "device_name": "LAP-17", "usernames": ["j.jansen"] })
    );
}
