//! Definitions that nobody has checked.

use std::collections::BTreeSet;

use zeef_agent::sieve::Sieve;
use zeef_agent::sieve::definition::Definition;
use zeef_proto::field::Field;

use crate::outcome::Outcome;
use crate::sieves::reference;

/// Records over which each definition is run that can be used.
const RECORDS: &str = r#"{"name":"lap-17","ip":"10.0.3.17","nics":[{"mac":"00:1a:2b:3c:4d:5e","a":{"b":[1,"x"]}}],"text":"[{\"a\":1}]"}
{"items":[{"name":"lap-18","user":"CONTOSO\\jan"},{"name":null},7],"name":"lap-19","name":"lap-20"}
CEF:0|vendor|product|1|id|name|5|name=lap 17 ip=10.0.3.17
LEEF:2.0|vendor|product|1|id|^|name=lap-17^ip=10.0.3.17
name=lap-17 ip="10.0.3.17" [DHCP: IP=10.0.3.17, name: lap-17] [@jan]
"#;

/// Reads `data` as a definition: it is refused in one line, or documents all that it feeds and can be run.
///
/// # Panics
/// Where it does neither.
pub fn definition_file(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let definition = match Definition::parse(text, reference()) {
        Ok(definition) => definition,
        Err(error) => return assert_one_line(&error.to_string()),
    };
    let product = reference()
        .product(&definition.product)
        .expect("a definition of an unknown product is refused");
    let documented: BTreeSet<Field> = product
        .data
        .iter()
        .flat_map(|row| row.fields.iter().copied())
        .collect();
    for target in definition.shapes.iter().flat_map(|shape| shape.fields.keys()) {
        let fields = target.fields();
        assert!(fields.iter().all(|field| documented.contains(field)));
    }
    match Sieve::new(&definition, reference(), None) {
        Ok(sieve) => {
            let plain = Outcome::of(&sieve, RECORDS.as_bytes(), false);
            assert_eq!(Outcome::of(&sieve, RECORDS.as_bytes(), true), plain);
        }
        Err(error) => assert_one_line(&error.to_string()),
    }
}

fn assert_one_line(message: &str) {
    assert!(!message.contains('\n'), "a message of several lines");
}
