//! The package for programs.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::json;
use zeef_proto::field::Parse;

use super::facts::Counts;
use super::looked::Look;
use super::make::{Order, Scope};
use super::part::Part;
use super::record::DeviceRecord;

/// The form of `data.json`.
const VERSION: u32 = 1;

/// `data.json`, a line for each device and each look.
pub(super) struct Json {
    to: Part,
    /// Whether something stands in the list already.
    more: bool,
}

impl Json {
    pub(super) fn begin(mut to: Part, order: &Order, organisation: &str) -> io::Result<Self> {
        let asked = match &order.scope {
            Scope::Organisation => json!({ "kind": "organisation" }),
            Scope::Device(device) => json!({ "kind": "device", "device": device }),
            Scope::Person(username) => json!({ "kind": "person", "username": username.expose() }),
        };
        let head = json!({
            "version": VERSION,
            "made_at": order.now.to_string(),
            "language": order.language.tag(),
            "organisation": { "id": order.organisation, "name": organisation },
            "asked": asked,
            "policy": order.policy_facts(),
            "controller": order.policy().map(|policy| &policy.controller),
        });
        let head = serde_json::to_string(&head)?;
        // It goes on where it would end.
        to.write_all(&head.as_bytes()[..head.len() - 1])?;
        to.write_all(b",\n\"devices\":[")?;
        Ok(Self { to, more: false })
    }

    pub(super) fn device(&mut self, device: &DeviceRecord) -> io::Result<()> {
        self.item(device)
    }

    pub(super) fn begin_looks(&mut self) -> io::Result<()> {
        self.more = false;
        self.to.write_all(b"],\n\"looked\":[")
    }

    pub(super) fn look(&mut self, look: &Look) -> io::Result<()> {
        self.item(look)
    }

    pub(super) fn finish(mut self, counts: &Counts) -> io::Result<Part> {
        self.to.write_all(b"],\n\"counts\":")?;
        serde_json::to_writer(&mut self.to, counts)?;
        self.to.write_all(b"}\n")?;
        Ok(self.to)
    }

    fn item(&mut self, item: &impl Serialize) -> io::Result<()> {
        self.to.write_all(if self.more { b",\n" } else { b"\n" })?;
        self.more = true;
        // In one piece: a call for each bracket costs more than the text.
        self.to.write_all(&serde_json::to_vec(item)?)
    }
}
