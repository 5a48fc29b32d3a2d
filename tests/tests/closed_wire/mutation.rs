//! What is done to reports.

use proptest::prelude::*;
use proptest::sample::Index;

use crate::MARK;

/// One thing that is done to a report.
#[derive(Debug, Clone)]
pub(crate) enum Mutation {
    Splice {
        at: Index,
        remove: usize,
        insert: String,
    },
    Key {
        at: Index,
        key: String,
        value: String,
    },
    Twice {
        field: usize,
    },
    Upper {
        at: Index,
    },
    Value {
        field: usize,
        value: String,
    },
    Cut {
        at: Index,
    },
    Bytes {
        at: Index,
        bytes: Vec<u8>,
    },
}

const KEYS: [&str; 8] = [
    "wire",
    "sequence",
    "policy",
    "agent",
    "device_name",
    "usernames",
    "private_ips",
    "mac_addresses",
];

pub(crate) fn mutation() -> impl Strategy<Value = Mutation> {
    let text = prop_oneof![Just(MARK.to_owned()), "\\PC{0,12}"];
    let json = prop_oneof![
        Just(format!("\"{MARK}\"")),
        Just(format!("[\"{MARK}\"]")),
        Just(format!("{{\"{MARK}\":1}}")),
        Just("null".to_owned()),
        Just("[]".to_owned()),
        any::<i64>().prop_map(|number| number.to_string()),
        "[0-9a-f:.]{1,40}".prop_map(|text| format!("[\"{text}\"]")),
    ];
    prop_oneof![
        (any::<Index>(), 0..9_usize, text.clone()).prop_map(|(at, remove, insert)| Mutation::Splice {
            at,
            remove,
            insert
        }),
        (any::<Index>(), "[A-Za-z_]{1,16}", json.clone()).prop_map(|(at, key, value)| Mutation::Key {
            at,
            key,
            value
        }),
        (0..KEYS.len()).prop_map(|field| Mutation::Twice { field }),
        any::<Index>().prop_map(|at| Mutation::Upper { at }),
        (0..KEYS.len(), json).prop_map(|(field, value)| Mutation::Value { field, value }),
        any::<Index>().prop_map(|at| Mutation::Cut { at }),
        (any::<Index>(), any::<Vec<u8>>()).prop_map(|(at, bytes)| Mutation::Bytes { at, bytes }),
    ]
}

impl Mutation {
    /// The bytes that become of a report.
    pub(crate) fn of(&self, body: &str) -> Vec<u8> {
        let commas: Vec<usize> = body.match_indices(",\"").map(|(at, _)| at).collect();
        let member = |key: &str| {
            let from = body.find(&format!("\"{key}\":")).unwrap();
            let to = commas
                .iter()
                .copied()
                .find(|at| *at > from && body[at + 2..].contains("\":"));
            (from, to.unwrap_or(body.len() - 1))
        };
        match self {
            Self::Splice { at, remove, insert } => {
                let at = at.index(body.len());
                let mut bytes = body.as_bytes().to_vec();
                let end = (at + remove).min(bytes.len());
                bytes.splice(at..end, insert.bytes());
                bytes
            }
            Self::Key { at, key, value } => {
                let at = commas[at.index(commas.len())];
                format!("{},\"{key}\":{value}{}", &body[..at], &body[at..]).into_bytes()
            }
            Self::Twice { field } => {
                let (from, to) = member(KEYS[*field]);
                format!("{},{}}}", &body[..body.len() - 1], &body[from..to]).into_bytes()
            }
            Self::Upper { at } => {
                let mut bytes = body.as_bytes().to_vec();
                let at = at.index(bytes.len());
                bytes[at..].iter_mut().take(5).for_each(u8::make_ascii_uppercase);
                bytes
            }
            Self::Value { field, value } => {
                let (from, to) = member(KEYS[*field]);
                format!("{}\"{}\":{value}{}", &body[..from], KEYS[*field], &body[to..]).into_bytes()
            }
            Self::Cut { at } => body.as_bytes()[..at.index(body.len())].to_vec(),
            Self::Bytes { at, bytes } => {
                let at = at.index(body.len());
                [&body.as_bytes()[..at], bytes, &body.as_bytes()[at..]].concat()
            }
        }
    }
}
