//! What `zeef-agent minimise` made of a file.

use std::process::Command;

use serde::Deserialize;
use zeef_proto::policy::{Policy, ProductId};
use zeef_tests::{Outcome, binaries, command};

use crate::expectation::Fields;

/// One object of the output. A key that is not named here fails the test.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    source: String,
    product: ProductId,
    record: u64,
    device_name: Option<String>,
    #[serde(default)]
    usernames: Vec<String>,
    #[serde(default)]
    private_ips: Vec<String>,
    #[serde(default)]
    mac_addresses: Vec<String>,
    #[serde(default)]
    public_ips: Vec<String>,
}

/// What came out of one record.
#[derive(Debug)]
pub(crate) struct Minimised {
    pub(crate) source: String,
    product: ProductId,
    /// Its position in the input, from 1.
    pub(crate) record: u64,
    /// Lists are sorted by their text.
    pub(crate) fields: Fields,
}

impl Minimised {
    /// Whether each of its fields stands in a row of its product.
    pub(crate) fn is_documented(&self, policy: &Policy) -> bool {
        let product = policy.product(&self.product);
        let documents =
            |field| product.is_some_and(|product| product.data.iter().any(|row| row.fields.contains(&field)));
        self.fields.present().all(documents)
    }
}

/// The policy that an agent obeys as long as it has no other.
pub(crate) fn reference_policy() -> Policy {
    Policy::parse(include_str!("../../../proto/policies/vokus-1.1.toml")).unwrap()
}

/// Feeds `input` to the minimiser.
pub(crate) fn minimise(source: &str, flags: &[&str], input: &str) -> Outcome {
    let mut minimise = Command::new(binaries::agent());
    minimise.args(["minimise", "--source", source]).args(flags);
    command::run_with_input(minimise, input)
}

/// Reads what it printed.
pub(crate) fn read(stdout: &str) -> Vec<Minimised> {
    stdout.lines().map(read_line).collect()
}

/// The part of an explanation that is about one record; nothing where the input was nobody's.
pub(crate) fn explanation_of(record: u64, explanations: &str) -> String {
    let head = |line: &str, of: u64| line.starts_with(&format!("record {of} ("));
    explanations
        .lines()
        .skip_while(|line| !head(line, record))
        .take_while(|line| !head(line, record + 1))
        .collect::<Vec<_>>()
        .join("\n")
}

fn read_line(line: &str) -> Minimised {
    let given: Given = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    let sorted = |mut values: Vec<String>| {
        values.sort();
        values
    };
    Minimised {
        source: given.source,
        product: given.product,
        record: given.record,
        fields: Fields {
            device_name: given.device_name,
            usernames: sorted(given.usernames),
            private_ips: sorted(given.private_ips),
            mac_addresses: sorted(given.mac_addresses),
            public_ips: sorted(given.public_ips),
        },
    }
}
