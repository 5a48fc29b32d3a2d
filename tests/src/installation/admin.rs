//! What an administrator does, by the commands.

use std::path::PathBuf;

use serde_json::Value;
use zeef_proto::field::Field;

use super::Installation;
use crate::fleet::digest;

/// Products of the organisation that most tests use.
const PRODUCTS: [&str; 2] = ["antivirus", "rmm"];

impl Installation {
    /// Makes an organisation that is subscribed to antivirus and RMM.
    ///
    /// # Panics
    /// If a command fails.
    #[track_caller]
    pub fn organisation(&self, name: &str) {
        self.organisation_with(name, &PRODUCTS);
    }

    /// Makes an organisation with other subscriptions.
    ///
    /// # Panics
    /// If a command fails.
    #[track_caller]
    pub fn organisation_with(&self, name: &str, products: &[&str]) {
        drop(self.run(&["organisation", "add", name]).done());
        for product in products {
            drop(
                self.run(&["subscription", "add", "--organisation", name, product])
                    .done(),
            );
        }
    }

    /// Makes a token that enrols `uses` devices of an organisation.
    ///
    /// # Panics
    /// If the command fails.
    #[track_caller]
    #[must_use]
    pub fn token(&self, organisation: &str, uses: u32) -> String {
        let uses = uses.to_string();
        let made = self
            .run(&[
                "token",
                "create",
                "--organisation",
                organisation,
                "--uses",
                &uses,
                "--json",
            ])
            .json();
        let token = made["token"].as_str().expect("a token").to_owned();
        self.secrets.add(&token);
        token
    }

    /// An organisation that is subscribed to antivirus and RMM, and a token for some devices of it.
    ///
    /// # Panics
    /// If a command fails.
    #[track_caller]
    #[must_use]
    pub fn customer(&self, name: &str, devices: u32) -> String {
        self.organisation(name);
        self.token(name, devices)
    }

    /// All devices, as `device list` has them.
    ///
    /// # Panics
    /// If the command fails.
    #[track_caller]
    #[must_use]
    pub fn devices(&self) -> Vec<Device> {
        let list = self.run(&["device", "list", "--json"]).json();
        list.as_array()
            .expect("a list")
            .iter()
            .cloned()
            .map(Device)
            .collect()
    }

    /// The one device that there is.
    ///
    /// # Panics
    /// If there is none, or more than one.
    #[track_caller]
    #[must_use]
    pub fn only_device(&self) -> Device {
        let mut devices = self.devices();
        assert_eq!(devices.len(), 1, "{devices:?}");
        devices.remove(0)
    }

    /// One device, as `device show` has it.
    ///
    /// # Panics
    /// If there is none of that id.
    #[track_caller]
    #[must_use]
    pub fn device(&self, id: &str) -> Device {
        Device(self.run(&["device", "show", id, "--json"]).json())
    }

    /// Refuses a device.
    ///
    /// # Panics
    /// If the command fails.
    #[track_caller]
    pub fn revoke(&self, id: &str) {
        drop(self.run(&["device", "revoke", id]).done());
    }

    /// Says whether a device may tell of others: `--allow` or `--deny`.
    ///
    /// # Panics
    /// If the command fails.
    #[track_caller]
    pub fn site(&self, id: &str, permission: &str) {
        drop(self.run(&["device", "site", id, permission]).done());
    }

    /// Erases a device.
    ///
    /// # Panics
    /// If the command fails.
    #[track_caller]
    pub fn end(&self, id: &str) {
        drop(self.erase(&["device", id]));
    }

    /// Erases what the arguments name, and gives the receipt.
    ///
    /// # Panics
    /// If the command fails.
    #[track_caller]
    #[must_use]
    pub fn erase(&self, arguments: &[&str]) -> PathBuf {
        let receipt = self.file(format!("receipt-{}", arguments.join("-").replace(' ', "-")));
        let how = ["--yes", "--receipt", receipt.to_str().expect("a path in UTF-8")];
        drop(self.run(&[&["erase"], arguments, &how[..]].concat()).done());
        receipt
    }
}

/// A device as the commands print it.
#[derive(Debug, Clone)]
pub struct Device(pub Value);

impl Device {
    /// Its id.
    ///
    /// # Panics
    /// If it has none.
    #[must_use]
    pub fn id(&self) -> &str {
        self.0["id"].as_str().expect("a device has an id")
    }

    /// `reporting`, `silent`, `revoked` or `suspected clone`.
    #[must_use]
    pub fn state(&self) -> &str {
        self.0["state"].as_str().unwrap_or_default()
    }

    /// Values of a field, as held.
    #[must_use]
    pub fn values(&self, field: &str) -> Vec<&str> {
        let observations = self.0["observations"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        observations
            .iter()
            .filter(|one| one["field"] == field)
            .filter_map(|one| one["value"].as_str())
            .collect()
    }

    /// What stands for its values in what a fleet had acknowledged.
    #[must_use]
    pub fn digest(&self) -> String {
        digest(Field::ALL.iter().flat_map(|field| {
            let values = self.values(&field.to_string());
            values.into_iter().map(|value| (*field, value))
        }))
    }

    /// Until when its newest certificate holds.
    #[must_use]
    pub fn certificate_until(&self) -> &str {
        self.0["certificate_until"].as_str().unwrap_or_default()
    }
}
