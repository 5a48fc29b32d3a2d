//! What to send and when: only changes, a heartbeat a day, and never two reports under one number.

mod progress;

pub use progress::{Acknowledged, Progress};

use zeef_proto::wire::{AgentVersion, Report};

use crate::minimise::Fields;

/// The report of `fields`, under a sequence number and the version of the policy that was obeyed.
#[must_use]
pub fn report_of(sequence: u64, policy: u64, fields: Fields) -> Report {
    Report {
        wire: zeef_proto::wire::VERSION,
        sequence,
        policy,
        agent: version(),
        device_name: fields.device_name,
        usernames: fields.usernames,
        private_ips: fields.private_ips,
        mac_addresses: fields.mac_addresses,
    }
}

/// The version of this agent.
///
/// # Panics
/// Never: a test holds the package's version to the form that the wire takes.
#[must_use]
pub fn version() -> AgentVersion {
    #[expect(clippy::expect_used, reason = "the version is fixed when the agent is built")]
    env!("CARGO_PKG_VERSION")
        .parse()
        .expect("the package's version has the wire's form")
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_packages_version_has_the_form_that_the_wire_takes() {
        assert_eq!(super::version().as_str(), env!("CARGO_PKG_VERSION"));
    }
}
