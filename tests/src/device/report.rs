//! Reports as a device writes them.

use zeef_proto::field::{DeviceName, MacAddress, Parse, PrivateIp, Username};
use zeef_proto::wire::{Report, VERSION};

/// What a report says of the device. `None`: nothing of that field.
#[derive(Debug, Clone, Default)]
pub struct Fields {
    /// The host's name.
    pub device_name: Option<String>,
    /// Who is signed in.
    pub usernames: Option<Vec<String>>,
    /// Private addresses.
    pub private_ips: Option<Vec<String>>,
    /// Hardware addresses.
    pub mac_addresses: Option<Vec<String>>,
}

impl Fields {
    /// All four fields, with values that tell `number`, which is below 65,536.
    #[must_use]
    pub fn numbered(number: u64) -> Self {
        let [high, low] = [number >> 8 & 0xff, number & 0xff];
        Self {
            device_name: Some(format!("name-{number}")),
            usernames: Some(vec![format!("user-{number}")]),
            private_ips: Some(vec![format!("10.7.{high}.{low}")]),
            mac_addresses: Some(vec![format!("00:1a:2b:00:{high:02x}:{low:02x}")]),
        }
    }

    /// The report's bytes.
    ///
    /// # Panics
    /// If a value is not of its field's form.
    #[must_use]
    pub fn report(&self, sequence: u64) -> Vec<u8> {
        let report = Report {
            wire: VERSION,
            sequence,
            policy: 1,
            agent: "0.1.0".parse().expect("a version"),
            device_name: self.device_name.as_deref().map(value::<DeviceName>),
            usernames: values::<Username>(self.usernames.as_ref()),
            private_ips: values::<PrivateIp>(self.private_ips.as_ref()),
            mac_addresses: values::<MacAddress>(self.mac_addresses.as_ref()),
        };
        report.to_bytes()
    }
}

fn value<T: Parse>(text: &str) -> T {
    T::parse(text).unwrap_or_else(|reason| panic!("{} is {reason}: {text}", T::FIELD))
}

fn values<T: Parse + Ord>(texts: Option<&Vec<String>>) -> Option<Vec<T>> {
    texts.map(|texts| {
        let mut values: Vec<T> = texts.iter().map(|text| value(text)).collect();
        values.sort();
        values
    })
}
