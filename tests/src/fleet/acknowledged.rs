//! What the collector said that it holds, so that somebody can look whether it does.

use std::collections::BTreeMap;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use data_encoding::HEXLOWER;
use ring::digest::{SHA256, digest as hash};
use serde::Serialize;
use zeef_agent::minimise::Fields;
use zeef_proto::DeviceId;
use zeef_proto::field::{Field, Parse};

use super::error::FleetError;

/// What is known of each device that reported.
#[derive(Default)]
pub(super) struct Acknowledged(Mutex<BTreeMap<DeviceId, Last>>);

/// The last that was said to a device.
#[derive(Serialize)]
#[serde(untagged)]
enum Last {
    Report {
        sequence: u64,
        /// [`digest`] of all values; none where not all are known.
        values: Option<String>,
    },
    Left {
        left: bool,
    },
}

#[derive(Serialize)]
struct Line<'a> {
    device: DeviceId,
    #[serde(flatten)]
    last: &'a Last,
}

impl Acknowledged {
    /// A report was acknowledged; the collector holds these values since. Of two the one with the higher number is
    /// the later.
    pub(super) fn report(&self, device: DeviceId, sequence: u64, held: Option<&Fields>) {
        let values = held.map(digest_of);
        let mut devices = self.devices();
        let later = match devices.get(&device) {
            Some(Last::Report { sequence: known, .. }) => sequence >= *known,
            Some(Last::Left { .. }) => false,
            None => true,
        };
        if later {
            devices.insert(device, Last::Report { sequence, values });
        }
    }

    /// The collector holds nothing of the device any more.
    pub(super) fn left(&self, device: DeviceId) {
        self.devices().insert(device, Last::Left { left: true });
    }

    /// Writes a line of JSON for each device.
    pub(super) fn write(&self, path: &Path) -> Result<(), FleetError> {
        let written = std::fs::File::create(path).and_then(|file| {
            let mut file = BufWriter::new(file);
            for (device, last) in &*self.devices() {
                serde_json::to_writer(
                    &mut file,
                    &Line {
                        device: *device,
                        last,
                    },
                )?;
                file.write_all(b"\n")?;
            }
            file.flush()
        });
        written.map_err(|error| FleetError::File {
            path: path.to_owned(),
            reason: error.kind(),
        })
    }

    fn devices(&self) -> MutexGuard<'_, BTreeMap<DeviceId, Last>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Stands for the values of a device: SHA-256, in hexadecimal, over a line `field value` for each, sorted.
#[must_use]
pub fn digest<'a>(values: impl IntoIterator<Item = (Field, &'a str)>) -> String {
    let mut lines: Vec<String> = values
        .into_iter()
        .map(|(field, value)| format!("{field} {value}\n"))
        .collect();
    lines.sort();
    HEXLOWER.encode(hash(&SHA256, lines.concat().as_bytes()).as_ref())
}

fn digest_of(fields: &Fields) -> String {
    let Fields {
        device_name,
        usernames,
        private_ips,
        mac_addresses,
    } = fields;
    let name = device_name.as_ref();
    let texts: Vec<(Field, String)> = name
        .map(exposed)
        .into_iter()
        .chain(usernames.iter().flatten().map(exposed))
        .chain(private_ips.iter().flatten().map(exposed))
        .chain(mac_addresses.iter().flatten().map(exposed))
        .collect();
    digest(texts.iter().map(|(field, text)| (*field, text.as_str())))
}

fn exposed<T: Parse>(value: &T) -> (Field, String) {
    (T::FIELD, value.expose())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::values::values;

    #[test]
    fn a_digest_tells_values_apart_and_not_their_order() {
        let one = [(Field::DeviceName, "lap-1"), (Field::Username, "ada")];
        let turned = [one[1], one[0]];
        assert_eq!(digest(one), digest(turned));
        assert_ne!(digest(one), digest([one[0]]));
        assert_ne!(digest_of(&values(1, 0)), digest_of(&values(1, 1)));
    }

    #[test]
    fn the_highest_number_counts_and_nothing_after_a_device_left() {
        let acknowledged = Acknowledged::default();
        let (here, gone) = (DeviceId::from_bytes([1; 16]), DeviceId::from_bytes([2; 16]));
        let fields = values(1, 0);
        acknowledged.report(here, 2, Some(&fields));
        acknowledged.report(here, 1, None);
        acknowledged.left(gone);
        acknowledged.report(gone, 9, None);
        let file = tempfile::NamedTempFile::new().unwrap();
        acknowledged.write(file.path()).unwrap();
        let text = std::fs::read_to_string(file.path()).unwrap();
        let lines: Vec<serde_json::Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[0]["sequence"], 2);
        assert_eq!(lines[0]["values"], digest_of(&fields));
        assert_eq!(lines[1]["left"], true);
    }
}
