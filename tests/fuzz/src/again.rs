//! What came out, minimised once more, is what came out.

use std::fmt::Write;

use serde_json::Value;
use zeef_agent::sieve::definition::Definition;
use zeef_proto::field::Field;
use zeef_proto::policy::{ProductId, Treatment};

use crate::outcome::Outcome;
use crate::sieves::{Ready, reference};

/// A definition that reads the minimiser's own output.
pub(crate) fn definition(product: &ProductId, fields: &[Field]) -> Definition {
    let mut text = format!(
        "name = \"again\"\nabout = \"Minimised records\"\nproduct = \"{product}\"\n\
         [[shape]]\nname = \"record\"\nformat = \"json\"\nhas = [\"record\"]\n[shape.fields]\n"
    );
    for field in fields {
        let path = match field {
            Field::DeviceName => "device_name",
            Field::Username => "usernames[]",
            Field::PrivateIp => "private_ips[]",
            Field::PublicIp => "public_ips[]",
            Field::MacAddress => "mac_addresses[]",
            Field::ServiceId => "service_id",
            Field::LineId => "line_id",
        };
        writeln!(text, "{} = [\"{path}\"]", field.name()).expect("a text can be written to");
    }
    Definition::parse(&text, reference()).expect("the definition of minimised records is sound")
}

/// Checks that minimising twice is minimising once. A hashed value is no value any more and is left out.
///
/// # Panics
/// Where it is not.
pub(crate) fn check(first: &Outcome, ready: &Ready) {
    if ready.treatment == Treatment::Pseudonymise || first.lines.is_empty() {
        return;
    }
    let text = first.lines.join("\n");
    let second = Outcome::of(&ready.again, text.as_bytes(), false);
    assert_eq!(second.lines.len(), first.lines.len(), "a record did not pass again");
    for (once, twice) in first.lines.iter().zip(&second.lines) {
        assert!(fields(once) == fields(twice), "a record changed: {once} {twice}");
    }
}

fn fields(line: &str) -> Value {
    let mut value: Value = serde_json::from_str(line).expect("output is JSON");
    if let Some(members) = value.as_object_mut() {
        for key in ["source", "record", "links"] {
            members.remove(key);
        }
    }
    value
}
