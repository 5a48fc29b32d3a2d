//! What comes out: a closed type, one object a record.

use std::cell::OnceCell;
use std::io::{self, Write};

use serde::Serialize;
use zeef_proto::field::{DeviceName, LineId, MacAddress, PrivateIp, PublicIp, ServiceId, Username};
use zeef_proto::policy::ProductId;

use super::Treated;
use super::line::{self, Text};
use crate::pseudonym::Token;

/// The documented fields of one record's own device. Lists are sorted and distinct, at most 16 values each; what
/// is empty is left out.
#[derive(Debug, Clone, Serialize)]
pub struct Minimised<'a> {
    /// The definition under which it was read.
    pub source: &'a str,
    /// The product whose policy rows govern it.
    pub product: &'a ProductId,
    /// Which record of the input it was, from 1; refused ones count.
    pub record: u64,
    /// First label of the host's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device_name: Option<Treated<DeviceName>>,
    /// Who is signed in.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub usernames: Vec<Treated<Username>>,
    /// Addresses inside the organisation's network.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub private_ips: Vec<Treated<PrivateIp>>,
    /// Hardware addresses.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mac_addresses: Vec<Treated<MacAddress>>,
    /// Addresses on the internet.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub public_ips: Vec<Treated<PublicIp>>,
    /// The provider's number of a connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_id: Option<Treated<ServiceId>>,
    /// The carrier's number of a line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line_id: Option<Treated<LineId>>,
    /// Keyed hashes of the ids by which the source knows the device. After a rotation of the key those of its
    /// previous epoch as well, so that records from before and after are still joined.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Token>,
    /// Whether it comes again and again, so that its text is worth keeping.
    #[serde(skip)]
    pub(super) repeats: bool,
    /// The text that [`Self::write`] made of all but the position.
    #[serde(skip)]
    pub(super) text: OnceCell<Text>,
}

impl<'a> Minimised<'a> {
    /// No field at all.
    pub(super) const fn nothing(source: &'a str, product: &'a ProductId) -> Self {
        Self {
            source,
            product,
            record: 0,
            device_name: None,
            usernames: Vec::new(),
            private_ips: Vec::new(),
            mac_addresses: Vec::new(),
            public_ips: Vec::new(),
            service_id: None,
            line_id: None,
            links: Vec::new(),
            repeats: false,
            text: OnceCell::new(),
        }
    }

    /// Writes it as one line of JSON, as it serialises. A device's records differ by their position alone, so that
    /// the text of one that repeats is made once.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.repeats {
            let text = self.text.get_or_init(|| Text::of(self));
            text.write(self.record, out)
        } else {
            line::write(self, out)
        }
    }

    /// Whether no documented field passed. Link tokens alone say nothing about a device.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.device_name.is_none()
            && self.usernames.is_empty()
            && self.private_ips.is_empty()
            && self.mac_addresses.is_empty()
            && self.public_ips.is_empty()
            && self.service_id.is_none()
            && self.line_id.is_none()
    }
}
