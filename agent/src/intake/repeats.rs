//! What was said already. Sources repeat themselves: a page of five hundred clients holds three that changed.

use std::collections::HashMap;

use zeef_proto::UnixTime;
use zeef_proto::field::Parse;
use zeef_proto::time::DAY;
use zeef_proto::wire::{About, SourceRecord};

use super::digest::{Digest, Digester};
use crate::random;

/// Devices that are remembered, at least; twice as many at most. In memory alone.
const REMEMBERED: usize = 32 << 10;

/// The last record of each device, as digests under a key that lives as long as this.
pub(super) struct Repeats {
    digester: Digester,
    recent: HashMap<u64, Said>,
    older: HashMap<u64, Said>,
}

/// What was said of a device last.
#[derive(Clone, Copy)]
struct Said {
    record: u64,
    at: UnixTime,
}

impl Repeats {
    pub(super) fn new() -> Self {
        Self {
            digester: Digester::new(&random::bytes::<32>()),
            recent: HashMap::new(),
            older: HashMap::new(),
        }
    }

    /// Whether a record says what was not said of its device last, or not for a day. It counts as said then.
    pub(super) fn is_news(&mut self, record: &SourceRecord, text: &[u8], now: UnixTime) -> bool {
        let device = self.identity(record).short();
        let said = Said {
            record: self.digest(text),
            at: now,
        };
        let before = self.recent.get(&device).or_else(|| self.older.get(&device));
        // A clock that was set back makes news of everything once.
        let repeats = before
            .is_some_and(|before| before.record == said.record && (0..DAY).contains(&now.since(before.at)));
        if !repeats {
            if self.recent.len() >= REMEMBERED {
                self.older = std::mem::take(&mut self.recent);
            }
            self.recent.insert(device, said);
        }
        !repeats
    }

    /// A record's text, as it is compared.
    pub(super) fn digest(&self, text: &[u8]) -> u64 {
        self.digester.digest(&[text]).short()
    }

    /// Which device a record is of, as far as it says so itself.
    fn identity(&self, record: &SourceRecord) -> Digest {
        let (source, product) = (
            record.source.as_str().as_bytes(),
            record.product.as_str().as_bytes(),
        );
        let of = |kind: &str, value: &[u8]| self.digester.digest(&[source, product, kind.as_bytes(), value]);
        if record.about == About::ThisDevice {
            return of("this", &[]);
        }
        if let Some(link) = record.links.first() {
            return of("link", link.as_str().as_bytes());
        }
        let burnt_in = record
            .mac_addresses
            .iter()
            .find(|mac| !mac.is_locally_administered());
        if let Some(mac) = burnt_in {
            return of("mac", mac.expose().as_bytes());
        }
        if let Some(id) = &record.service_id {
            return of("service", id.expose().as_bytes());
        }
        if let Some(id) = &record.line_id {
            return of("line", id.expose().as_bytes());
        }
        let name = record.device_name.as_ref().map(Parse::expose).unwrap_or_default();
        let mut parts: Vec<String> = vec![name];
        parts.extend(record.private_ips.iter().map(Parse::expose));
        let parts: Vec<&[u8]> = parts.iter().map(String::as_bytes).collect();
        of("name", &self.digester.digest(&parts).short().to_be_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use zeef_proto::field::DeviceName;
    use zeef_proto::time::HOUR;

    const NOW: UnixTime = UnixTime(1_800_000_000);

    fn record(fields: &str) -> SourceRecord {
        let text = format!(r#"{{"source":"unifi","product":"wifi","about":"site-device",{fields}}}"#);
        serde_json::from_str(&text).unwrap()
    }

    fn news(repeats: &mut Repeats, record: &SourceRecord, now: UnixTime) -> bool {
        repeats.is_news(record, &serde_json::to_vec(record).unwrap(), now)
    }

    #[test]
    fn what_is_repeated_within_a_day_is_no_news_and_a_change_always_is() {
        let mut repeats = Repeats::new();
        let mac = r#""mac_addresses":["00:1a:2b:3c:4d:5e"],"device_name""#;
        let (before, after) = (
            record(&format!("{mac}:\"lap-17\"")),
            record(&format!("{mac}:\"lap-18\"")),
        );
        assert!(news(&mut repeats, &before, NOW));
        assert!(!news(&mut repeats, &before, NOW.plus(HOUR)));
        assert!(news(&mut repeats, &after, NOW.plus(HOUR)));
        assert!(news(&mut repeats, &before, NOW.plus(HOUR)));
        assert!(!news(&mut repeats, &before, NOW.plus(HOUR + DAY - 1)));
        assert!(news(&mut repeats, &before, NOW.plus(HOUR + DAY)));
        assert!(news(&mut repeats, &before, NOW));
    }

    #[test]
    fn devices_are_told_apart_by_what_they_say_of_themselves() {
        let mut repeats = Repeats::new();
        for fields in [
            r#""device_name":"lap-17","private_ips":["10.0.0.1"]"#,
            r#""device_name":"lap-17","private_ips":["10.0.0.2"]"#,
            r#""device_name":"lap-17","line_id":"0201234567""#,
            r#""device_name":"lap-17","links":["1c7f0d07a2b3.2:XykOR8JeD9J86b_2UNTRkg"]"#,
            r#""device_name":"lap-17","mac_addresses":["00:1a:2b:3c:4d:5e"]"#,
        ] {
            assert!(news(&mut repeats, &record(fields), NOW), "{fields}");
            assert!(!news(&mut repeats, &record(fields), NOW), "{fields}");
        }
    }

    #[test]
    fn memory_is_bounded_and_what_came_last_is_remembered() {
        let mut repeats = Repeats::new();
        let mut record = record(r#""device_name":"lap-17""#);
        for number in 0..3 * REMEMBERED {
            record.device_name = DeviceName::parse(&format!("lap-{number}")).ok();
            assert!(repeats.is_news(&record, b"", NOW));
        }
        assert!(!repeats.is_news(&record, b"", NOW));
        assert!(repeats.recent.len() + repeats.older.len() <= 2 * REMEMBERED);
    }
}
