//! How a device is written in lists, and how times are.

use serde::Serialize;
use utoipa::ToSchema;
use zeef_proto::field::Field;
use zeef_proto::wire::Platform;
use zeef_proto::{DeviceId, OrganisationId, UnixTime};

use crate::index::State;
use crate::store::records::Device;

/// A device in a list.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct DeviceSummary {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    pub(super) id: DeviceId,
    /// Whose it is.
    #[schema(value_type = String, format = "uuid")]
    pub(super) organisation: OrganisationId,
    /// How it stands.
    pub(super) state: DeviceState,
    /// Kind of operating system; none of a device without an agent.
    pub(super) platform: Option<OperatingSystem>,
    /// Whether it has an agent, or is known from records of other products alone.
    pub(super) has_agent: bool,
    /// Since when it is known, to the hour.
    #[schema(value_type = String, format = DateTime)]
    pub(super) known_since: String,
    /// Last contact, to the hour.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(super) last_contact: Option<String>,
    /// Names that are held of it.
    pub(super) device_names: Vec<String>,
    /// Users that are held of it.
    pub(super) usernames: Vec<String>,
    /// Private addresses that are held of it.
    pub(super) private_ips: Vec<String>,
    /// Public addresses that are held of it.
    pub(super) public_ips: Vec<String>,
    /// MAC addresses that are held of it.
    pub(super) mac_addresses: Vec<String>,
}

/// How a device stands.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(in crate::api) enum DeviceState {
    /// Heard of lately.
    Reporting,
    /// Not heard of for a week.
    Silent,
    /// Refused by somebody.
    Revoked,
    /// Two devices seem to use its identity.
    SuspectedClone,
}

/// Kind of operating system.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(in crate::api) enum OperatingSystem {
    /// Linux.
    Linux,
    /// Windows.
    Windows,
    /// macOS.
    Macos,
}

impl DeviceSummary {
    pub(super) fn of(device: &Device, now: UnixTime) -> Self {
        let values = |field| device.values(field).map(str::to_owned).collect();
        let platform = device.agent.as_ref().map(|agent| match agent.platform {
            Platform::Linux => OperatingSystem::Linux,
            Platform::Windows => OperatingSystem::Windows,
            Platform::Macos => OperatingSystem::Macos,
        });
        Self {
            id: device.id,
            organisation: device.organisation,
            state: match State::of(device, now) {
                State::Reporting => DeviceState::Reporting,
                State::Silent => DeviceState::Silent,
                State::Revoked => DeviceState::Revoked,
                State::SuspectedClone => DeviceState::SuspectedClone,
            },
            platform,
            has_agent: device.agent.is_some(),
            known_since: device.known_since.to_string(),
            last_contact: text(device.last_contact),
            device_names: values(Field::DeviceName),
            usernames: values(Field::Username),
            private_ips: values(Field::PrivateIp),
            public_ips: values(Field::PublicIp),
            mac_addresses: values(Field::MacAddress),
        }
    }
}

/// A time as RFC 3339 writes it, in UTC.
pub(super) fn text(at: Option<UnixTime>) -> Option<String> {
    at.map(|at| at.to_string())
}
