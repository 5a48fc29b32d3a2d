//! Records as four products write them, invented: what they are made of is counted up from a number.

use std::fmt::Write;

/// A product, the definition that reads it, and how its records are made.
pub(crate) struct Product {
    /// The definition's name.
    pub(crate) source: &'static str,
    write: fn(&mut String, u32),
}

/// In equal parts.
pub(crate) const PRODUCTS: [Product; 4] = [
    Product {
        source: "eset-protect",
        write: eset,
    },
    Product {
        source: "datto-rmm",
        write: datto,
    },
    Product {
        source: "defender",
        write: defender,
    },
    Product {
        source: "osquery",
        write: osquery,
    },
];

impl Product {
    /// At least `bytes` of JSON lines.
    pub(crate) fn lines(&self, bytes: usize) -> Vec<u8> {
        let mut lines = String::with_capacity(bytes + 4096);
        let mut number = 0;
        while lines.len() < bytes {
            (self.write)(&mut lines, number);
            lines.push('\n');
            number += 1;
        }
        lines.into_bytes()
    }
}

fn eset(out: &mut String, n: u32) {
    let [_, b, c, d] = n.to_be_bytes();
    write!(
        out,
        r#"{{"event_type":"Threat_Event","ipv4":"10.{b}.{c}.{d}","hostname":"lap-{n}.contoso.example","group_name":"All/Offices/North","os_name":"Microsoft Windows 11 Pro","group_description":"Machines of the office","source_uuid":"1361a9f6-1d45-4561-b33a-{n:012x}","occured":"03-Feb-2026 04:05:06","severity":"Warning","threat_type":"Test file","threat_name":"Eicar","scanner_id":"Real-time file system protection","scan_id":"virlog.dat","engine_version":"28123 (20260203)","object_type":"File","object_uri":"file:///C:/Users/someone/Downloads/document-{n}.pdf.exe","action_taken":"Cleaned by deleting","threat_handled":true,"need_restart":false,"username":"CONTOSO\\user{u}","processname":"C:\\Program Files\\Browser\\browser.exe","circumstances":"Event occurred on a newly created file.","firstseen":"2026-02-03T04:05:06Z","hash":"3395856CE81F2B7382DEE72602F798B642F14140"}}"#,
        u = n % 500,
    )
    .expect("a text can be written to");
}

fn datto(out: &mut String, n: u32) {
    let [_, b, c, d] = n.to_be_bytes();
    write!(
        out,
        r#"{{"id":{n},"uid":"8a1d0c2e-77aa-4c11-9d51-{n:012x}","siteId":4411,"siteUid":"b0c5a1de-0000-4000-8000-000000004411","siteName":"Contoso North","deviceType":{{"category":"Laptop","type":"Latitude 5450"}},"hostname":"LAP-{n}","intIpAddress":"10.{b}.{c}.{d}","operatingSystem":"Microsoft Windows 11 Pro 10.0.26100","lastLoggedInUser":"CONTOSO\\user{u}","domain":"contoso.example","cagVersion":"4.4.2190","displayVersion":"4.4.10.2190","extIpAddress":"203.0.113.{d}","description":"Placed in room {c}, ask the front desk","a64Bit":true,"rebootRequired":false,"online":true,"suspended":false,"deleted":false,"lastSeen":1770091506000,"lastReboot":1770012345000,"lastAuditDate":1770077777000,"creationDate":1700000000000,"udf":{{"udf1":"bought 2024","udf2":null,"udf3":"lease {n}","udf4":null,"udf5":null,"udf6":null,"udf7":null,"udf8":null,"udf9":null,"udf10":null}},"snmpEnabled":false,"deviceClass":"device","portalUrl":"https://rmm.example/device/{n}","warrantyDate":"2028-01-31","antivirus":{{"antivirusProduct":"ESET Endpoint Security","antivirusStatus":"RunningAndUpToDate"}},"patchManagement":{{"patchStatus":"FullyPatched","patchesApprovedPending":0,"patchesNotApproved":3,"patchesInstalled":212}},"softwareStatus":"Compliant","webRemoteUrl":"https://rmm.example/remote/{n}"}}"#,
        u = n % 500,
    )
    .expect("a text can be written to");
}

fn defender(out: &mut String, n: u32) {
    let [_, b, c, d] = n.to_be_bytes();
    write!(
        out,
        r#"{{"id":"1e5bc9d7e413ddd7902c2932e418702b{n:08x}","mergedIntoMachineId":null,"isPotentialDuplication":false,"isExcluded":false,"exclusionReason":null,"computerDnsName":"lap-{n}.contoso.example","firstSeen":"2025-08-02T14:55:03.7791856Z","lastSeen":"2026-02-03T04:05:06.5070000Z","osPlatform":"Windows11","osVersion":null,"osProcessor":"x64","version":"24H2","lastIpAddress":"10.{b}.{c}.{d}","lastExternalIpAddress":"203.0.113.{d}","agentVersion":"10.8210.26100.3037","osBuild":26100,"healthStatus":"Active","deviceValue":"Normal","rbacGroupId":140,"rbacGroupName":"Offices","riskScore":"Low","exposureLevel":"Medium","isAadJoined":true,"aadDeviceId":"80fe8ff8-2624-418e-9591-{n:012x}","machineTags":["office","tag {c}"],"onboardingStatus":"Onboarded","osArchitecture":"64-bit","managedBy":"Intune","vmMetadata":null,"ipAddresses":[{{"ipAddress":"10.{b}.{c}.{d}","macAddress":"00155D{b:02X}{c:02X}{d:02X}","type":"Ethernet","operationalStatus":"Up"}},{{"ipAddress":"fe80::{c:x}:{d:x}","macAddress":"00155D{b:02X}{c:02X}{d:02X}","type":"Ethernet","operationalStatus":"Up"}},{{"ipAddress":"127.0.0.1","macAddress":null,"type":"SoftwareLoopback","operationalStatus":"Up"}}]}}"#,
    )
    .expect("a text can be written to");
}

/// Most of what an osquery host writes is of queries that are nobody's business.
fn osquery(out: &mut String, n: u32) {
    let [_, b, c, d] = n.to_be_bytes();
    let (name, columns) = match n % 4 {
        0 => (
            "pack_inventory_interface_addresses",
            format!(
                r#"{{"address":"10.{b}.{c}.{d}","broadcast":"10.{b}.{c}.255","friendly_name":"","interface":"eth0","mask":"255.255.255.0","point_to_point":"","type":"dhcp"}}"#
            ),
        ),
        1 => (
            "pack_inventory_interface_details",
            format!(
                r#"{{"collisions":"0","flags":"69699","ibytes":"3158721{n}","idrops":"0","ierrors":"0","interface":"eth0","ipackets":"33019","last_change":"-1","mac":"00:1a:2b:{b:02x}:{c:02x}:{d:02x}","metric":"0","mtu":"1500","obytes":"9124","odrops":"0","oerrors":"0","opackets":"8812","type":"1"}}"#
            ),
        ),
        2 => (
            "pack_inventory_processes",
            format!(
                r#"{{"cmdline":"/usr/bin/editor /home/someone/letters/letter-{n}.odt","cwd":"/home/someone","egid":"1000","euid":"1000","gid":"1000","name":"editor","on_disk":"1","parent":"{c}","path":"/usr/bin/editor","pid":"{d}","resident_size":"58212352","start_time":"1770091506","state":"S","system_time":"40","threads":"4","uid":"1000","user_time":"410"}}"#
            ),
        ),
        _ => (
            "pack_inventory_logged_in_users",
            format!(
                r#"{{"host":"","pid":"{d}","time":"1770091506","tty":"tty2","type":"user","user":"user{}"}}"#,
                n % 500
            ),
        ),
    };
    write!(
        out,
        r#"{{"name":"{name}","hostIdentifier":"lap-{n}.contoso.example","calendarTime":"Tue Feb  3 04:05:06 2026 UTC","unixTime":1770091506,"epoch":0,"counter":{n},"numerics":false,"decorations":{{"host_uuid":"4740d59f-699e-5b29-960b-{n:012x}","username":"someone"}},"columns":{columns},"action":"added"}}"#,
    )
    .expect("a text can be written to");
}
