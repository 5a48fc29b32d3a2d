//! CSV.

use serde_json::json;
use zeef_agent::sieve::Refusal;

use crate::harness::{run, source};

#[test]
fn cells_may_be_quoted_and_hold_line_breaks() {
    let table = "\u{feff}mac_address,device_name,private_ip,note\r\n\
                 00-1A-2B-3C-4D-5E,\"tel-1\",10.0.7.1,\"said \"\"hello\"\",\r\nthen 10.0.7.99\"\r\n\
                 \"001a.2b3c.4d5f\",\"tel\n2\",10.0.7.2,\r\n";
    let outcome = run(&source("voip-csv"), table);
    assert_eq!(
        outcome.records,
        [
            json!({ "device_name": "tel-1", "mac_addresses": ["00:1a:2b:3c:4d:5e"], "private_ips": ["10.0.7.1"] }),
            json!({ "mac_addresses": ["00:1a:2b:3c:4d:5f"], "private_ips": ["10.0.7.2"] }),
        ]
    );
}

#[test]
fn semicolons_and_tabs_separate_as_well() {
    for (delimiter, heads) in [(';', "Dutch"), ('\t', "English")] {
        let head = match heads {
            "Dutch" => ["Toestelnaam", "MAC-adres", "IP-adres"],
            _ => ["Device name", "MAC address", "IP address"],
        };
        let table = [head, ["tel-1", "00:1a:2b:3c:4d:5e", "10.0.7.1"]]
            .map(|row| row.join(&delimiter.to_string()))
            .join("\n");
        assert_eq!(
            run(&source("voip-csv"), table).only()["device_name"],
            "tel-1",
            "{heads}"
        );
    }
}

#[test]
fn a_connection_has_its_numbers_and_public_address() {
    let table = "service_id,line_id,public_ip,customer\nsrv-100.7,KPN/22,203.0.113.7,P. de Vries\n\
                 P. de Vries,,10.0.3.17,\n";
    let outcome = run(&source("internet-csv"), table);
    assert_eq!(
        outcome.records,
        [json!({ "service_id": "SRV-100.7", "line_id": "KPN/22", "public_ips": ["203.0.113.7"] })]
    );
}

#[test]
fn a_row_of_another_width_is_refused_for_its_cells_may_have_shifted() {
    let table = "mac_address,device_name\n00:1a:2b:3c:4d:5e,tel-1\n00:1a:2b:3c:4d:5f\n\
                 00:1a:2b:3c:4d:60,tel-2,p.devries\n\"00:1a\"x,tel-3\n00:1a:2b:3c:4d:61,tel-4\n";
    let outcome = run(&source("voip-csv"), table);
    let names: Vec<_> = outcome
        .records
        .iter()
        .map(|record| &record["device_name"])
        .collect();
    assert_eq!(names, ["tel-1", "tel-4"]);
    assert_eq!(
        outcome.refusals(),
        [Refusal::Columns, Refusal::Columns, Refusal::Syntax]
    );
}

#[test]
fn a_table_without_the_headings_is_nobodys() {
    let outcome = run(&source("voip-csv"), "name,phone\np.devries,0612345678\n");
    assert_eq!(outcome.refusals(), [Refusal::Unrecognised]);
    let outcome = run(
        &source("voip-csv"),
        "mac_address,mac_address\n00:1a:2b:3c:4d:5e,00:1a:2b:3c:4d:5f\n",
    );
    assert_eq!(outcome.refusals(), [Refusal::DuplicateKey]);
}

#[test]
fn the_log_of_a_dhcp_server_has_a_preamble() {
    let log = "\t\tMicrosoft DHCP Service Activity Log\r\n\r\n\r\nEvent ID  Meaning\r\n00\tThe log was started.\r\n\r\n\
               ID,Date,Time,Description,IP Address,Host Name,MAC Address,User Name\r\n\
               24,01/02/26,00:00:01,Database Cleanup Begin,,,,\r\n\
               10,01/02/26,09:00:01,Assign,10.0.3.17,LAP-17.contoso.example,001A2B3C4D5E,p.devries\r\n\
               30,01/02/26,09:00:02,DNS Update Request,10.0.3.99,PC-9,,\r\n";
    let outcome = run(&source("windows-event"), log);
    assert_eq!(
        outcome.records,
        [
            json!({ "device_name": "LAP-17", "private_ips": ["10.0.3.17"], "mac_addresses": ["00:1a:2b:3c:4d:5e"] })
        ]
    );
    assert_eq!(outcome.account.empty, 2);
}
