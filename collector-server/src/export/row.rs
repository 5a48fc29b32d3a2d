//! A device as a row of a file.

use std::collections::HashMap;

use serde::Serialize;
use zeef_proto::field::Field;
use zeef_proto::policy::ProductId;
use zeef_proto::{DeviceId, OrganisationId, UnixTime};

use crate::index::State;
use crate::sheet::Sheet;
use crate::store::records::Device;

/// The columns, by the names that JSON has for them too.
const COLUMNS: [&str; 10] = [
    "device",
    "organisation",
    "names",
    "users",
    "private_ips",
    "public_ips",
    "macs",
    "last_contact",
    "state",
    "sources",
];

/// A device.
#[derive(Serialize)]
pub(super) struct Row<'a> {
    device: DeviceId,
    organisation: &'a str,
    names: Vec<&'a str>,
    users: Vec<&'a str>,
    private_ips: Vec<&'a str>,
    public_ips: Vec<&'a str>,
    macs: Vec<&'a str>,
    last_contact: Option<String>,
    state: &'static str,
    /// Products whose records speak of it.
    sources: Vec<ProductId>,
}

/// What a file for spreadsheets begins with.
pub(super) fn head() -> Vec<u8> {
    let sheet = Sheet::begin(Vec::new(), COLUMNS);
    sheet.and_then(Sheet::finish).unwrap_or_default()
}

impl<'a> Row<'a> {
    pub(super) fn new(device: &'a Device, names: &'a HashMap<OrganisationId, String>, now: UnixTime) -> Self {
        let values = |field| device.values(field).collect();
        Self {
            device: device.id,
            organisation: names.get(&device.organisation).map_or("", String::as_str),
            names: values(Field::DeviceName),
            users: values(Field::Username),
            private_ips: values(Field::PrivateIp),
            public_ips: values(Field::PublicIp),
            macs: values(Field::MacAddress),
            last_contact: device.last_contact.map(|at| at.to_string()),
            state: State::of(device, now).name(),
            sources: device.products_of_sources(),
        }
    }

    /// As cells; several values in one are kept apart by a semicolon.
    pub(super) fn write_cells(&self, to: &mut Sheet<Vec<u8>>) {
        let sources: Vec<_> = self.sources.iter().map(ProductId::as_str).collect();
        let row = to.row([
            &self.device.to_string(),
            self.organisation,
            &self.names.join("; "),
            &self.users.join("; "),
            &self.private_ips.join("; "),
            &self.public_ips.join("; "),
            &self.macs.join("; "),
            self.last_contact.as_deref().unwrap_or_default(),
            self.state,
            &sources.join("; "),
        ]);
        // Memory takes it all.
        drop(row);
    }

    pub(super) fn write_object(&self, to: &mut Vec<u8>) {
        // Strings and lists of them always serialise, and memory takes them all.
        drop(serde_json::to_writer(to, self));
    }
}
