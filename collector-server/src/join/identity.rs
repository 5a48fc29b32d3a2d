//! By what of a record its device can be known.

use zeef_proto::field::{Field, Parse};
use zeef_proto::wire::SourceRecord;

/// By what of a record its device can be known.
pub struct Identity {
    /// Whether the source gave the record link tokens.
    pub linked: bool,
    /// What of its documented fields no two devices have.
    pub keys: Vec<Key>,
}

/// Values of which a device must have every one. Each is a field and a value in its matching form.
#[derive(Clone, PartialEq, Eq)]
pub struct Key(pub Vec<(Field, String)>);

impl Key {
    fn of<T: Parse>(value: &T) -> Self {
        Self(vec![part(value)])
    }
}

impl Identity {
    /// Of a record. A MAC address that was made up says nothing; a name says something together with a private
    /// address alone, and an address with a name.
    #[must_use]
    pub fn of(record: &SourceRecord) -> Self {
        let assigned = record
            .mac_addresses
            .iter()
            .filter(|mac| !mac.is_locally_administered());
        let names = record.device_name.iter();
        let named = names.flat_map(|name| {
            let addresses = record.private_ips.iter();
            // The address first: fewer devices have it than have a name such as a phone's.
            addresses.map(move |address| Key(vec![part(address), part(name)]))
        });
        Self {
            linked: !record.links.is_empty(),
            keys: assigned
                .map(Key::of)
                .chain(record.service_id.iter().map(Key::of))
                .chain(record.line_id.iter().map(Key::of))
                .chain(named)
                .collect(),
        }
    }
}

fn part<T: Parse>(value: &T) -> (Field, String) {
    (T::FIELD, value.matching_form())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(fields: &str) -> Vec<Vec<String>> {
        let record = format!(r#"{{"source":"unifi","product":"rmm","about":"site-device",{fields}}}"#);
        let identity = Identity::of(&serde_json::from_str(&record).unwrap());
        let texts = |key: Key| key.0.into_iter().map(|(_, value)| value).collect();
        identity.keys.into_iter().map(texts).collect()
    }

    #[test]
    fn a_name_alone_an_address_alone_a_user_and_a_made_up_mac_address_are_no_keys() {
        for fields in [
            r#""device_name":"LAP-17""#,
            r#""private_ips":["10.0.0.1"]"#,
            r#""public_ips":["203.0.113.7"]"#,
            r#""usernames":["jansen"],"public_ips":["203.0.113.7"]"#,
            r#""device_name":"LAP-17","mac_addresses":["02:1a:2b:3c:4d:5e"]"#,
        ] {
            assert_eq!(keys(fields), [[""; 0]; 0], "{fields}");
        }
    }

    #[test]
    fn each_address_makes_a_key_with_the_name_and_each_number_one_of_its_own() {
        let all = r#""device_name":"LAP-17","private_ips":["10.0.0.1","10.0.0.2"],
            "mac_addresses":["00:1a:2b:3c:4d:5e","02:1a:2b:3c:4d:5e"],"service_id":"SRV-1","line_id":"L-2""#;
        let expected = [
            vec!["00:1a:2b:3c:4d:5e"],
            vec!["SRV-1"],
            vec!["L-2"],
            vec!["10.0.0.1", "lap-17"],
            vec!["10.0.0.2", "lap-17"],
        ];
        assert_eq!(keys(all), expected);
    }
}
