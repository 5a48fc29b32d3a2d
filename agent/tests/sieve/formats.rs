//! CEF, LEEF, pairs and groups, with and without a syslog header.

use serde_json::{Value, json};
use zeef_agent::sieve::{Refusal, Sieve};

use crate::harness::{defined, run};

fn flat(format: &str, is: &str) -> Sieve {
    defined(&format!(
        "name = 'test'\nabout = ''\nproduct = 'rmm'\n[[shape]]\nname = 'record'\nformat = '{format}'\n{is}\n\
         [shape.fields]\ndevice_name = ['host']\nusername = ['user']\nip = ['ip']\n"
    ))
}

fn cef(extension: &str) -> Value {
    let line = format!("CEF:0|Ven\\|dor|Product|1.0|17|Na\\\\me|5|{extension}");
    run(
        &flat("cef", "is = { '@vendor' = 'Ven|dor', '@name' = 'Na\\me' }"),
        line,
    )
    .only()
}

#[test]
fn values_in_cef_have_spaces_and_escapes() {
    assert_eq!(
        cef("msg=user\\=pc-9 said hello host=lap-1  user=CONTOSO\\\\jan jansen ip=10.0.3.17 "),
        json!({ "device_name": "lap-1", "usernames": ["jan jansen"], "private_ips": ["10.0.3.17"] })
    );
    // What no escape is stays as it is.
    assert_eq!(cef("user=CONTOSO\\jansen"), json!({ "usernames": ["jansen"] }));
    assert_eq!(
        cef("url=http://x/?host=pc-9 host=lap-1"),
        json!({ "device_name": "lap-1" })
    );
    assert_eq!(cef("host= user=jansen"), json!({ "usernames": ["jansen"] }));
}

#[test]
fn a_line_break_in_cef_makes_no_name() {
    let sieve = flat("cef", "is = { '@vendor' = 'V' }");
    let outcome = run(&sieve, "CEF:0|V|P|1|1|N|1|user=jan\\nsen host=lap-1");
    assert_eq!(outcome.only(), json!({ "device_name": "lap-1" }));
}

#[test]
fn a_key_that_was_slipped_into_a_value_makes_the_record_ambiguous() {
    let sieve = flat("cef", "is = { '@vendor' = 'V' }");
    let outcome = run(&sieve, "CEF:0|V|P|1|1|N|1|msg=said host=pc-9 host=lap-1");
    assert_eq!(outcome.refusals(), [Refusal::DuplicateKey]);
}

#[test]
fn a_header_that_was_cut_off_is_broken() {
    let sieve = flat("cef", "is = { '@vendor' = 'V' }");
    for line in ["CEF:0|V|P", "CEF:0", "CEF:0|V|P|1|1|N\\"] {
        assert_eq!(run(&sieve, line).refusals(), [Refusal::CutOff], "{line}");
    }
}

#[test]
fn a_long_value_in_cef_is_dropped_and_the_next_is_not() {
    let sieve = flat("cef", "is = { '@vendor' = 'V' }");
    let line = format!("CEF:0|V|P|1|1|N|1|user={} host=lap-1", "a b ".repeat(200_000));
    assert_eq!(run(&sieve, line).only(), json!({ "device_name": "lap-1" }));
}

#[test]
fn leef_says_what_stands_between_its_pairs() {
    let sieve = flat("leef", "is = { '@vendor' = 'V' }");
    let expected = json!({ "device_name": "lap-1", "usernames": ["jan=sen"] });
    for line in [
        "LEEF:1.0|V|P|1|17|host=lap-1\tmsg=host=pc-9\tuser=jan=sen",
        "LEEF:2.0|V|P|1|17|^|host=lap-1^msg=pc-9^user=jan=sen",
        "LEEF:2.0|V|P|1|17|x5E|host=lap-1^user=jan=sen",
        "LEEF:2.0|V|P|1|17|0x09|host=lap-1\tuser=jan=sen\r",
        "LEEF:2.0|V|P|1|17||host=lap-1\tuser=jan=sen",
    ] {
        assert_eq!(run(&sieve, line).only(), expected, "{line}");
    }
}

#[test]
fn pairs_are_quoted_or_not() {
    let sieve = flat("pairs", "is = { kind = 'login' }");
    assert_eq!(
        run(
            &sieve,
            "<14>Jan  2 03:04:05 fw kind=login, user=\"CONTOSO\\jan \\\"sen\\\"\" ip=10.0.3.17; msg='user=pc-9'"
        )
        .only(),
        json!({ "usernames": ["jan \"sen\""], "private_ips": ["10.0.3.17"] })
    );
    let outcome = run(&sieve, "kind=login user=\"jansen");
    assert_eq!(outcome.refusals(), [Refusal::CutOff]);
}

#[test]
fn groups_stand_between_words() {
    let sieve = flat("brackets", "has = ['LOGIN']");
    assert_eq!(
        run(
            &sieve,
            "[LOGIN] user: pc-9 at ip=10.0.3.99 [host: lap-1 , ip=10.0.3.17][user:jansen"
        )
        .only(),
        json!({ "device_name": "lap-1", "usernames": ["jansen"], "private_ips": ["10.0.3.17"] })
    );
}

#[test]
fn one_source_may_write_in_several_formats_behind_any_header() {
    let sieve = defined(
        "name = 'test'\nabout = ''\nproduct = 'rmm'\n\
         [[shape]]\nname = 'a'\nformat = 'json'\nhas = ['id']\n[shape.fields]\ndevice_name = ['host']\n\
         [[shape]]\nname = 'b'\nformat = 'cef'\nis = { '@vendor' = 'V' }\n[shape.fields]\ndevice_name = ['host']\n\
         [[shape]]\nname = 'c'\nformat = 'leef'\nis = { '@vendor' = 'V' }\n[shape.fields]\ndevice_name = ['host']\n",
    );
    let log = "{\"id\":1,\"host\":\"lap-1\"}\r\n\
               <14>1 2026-01-02T03:04:05Z srv app 1 - [a@1 b=\"{\"] {\"id\":1,\"host\":\"lap-2\"}\r\n\
               Jan  2 03:04:05 srv app[1]: \u{ef}\u{bb}\u{bf}{\"id\":1,\"host\":\"lap-3\"}\n\
               <14>Jan  2 03:04:05 srv CEF:0|V|P|1|1|N|1|host=lap-4\r\n\
               <14>LEEF:1.0|V|P|1|1|host=lap-5\n\
               <14>Jan  2 03:04:05 srv app: plain text with host=pc-9\n";
    let outcome = run(&sieve, log);
    let names: Vec<_> = outcome
        .records
        .iter()
        .map(|record| &record["device_name"])
        .collect();
    assert_eq!(names, ["lap-1", "lap-2", "lap-3", "lap-4", "lap-5"]);
    assert_eq!(outcome.refusals(), [Refusal::Format]);
}
