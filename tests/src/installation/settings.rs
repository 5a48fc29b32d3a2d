//! The configuration, where a test cares.

use std::net::IpAddr;

use super::{AGENTS, NAME, OPERATIONS, PASSWORD_FILE, WEB};
use crate::postgres::Databases;

/// What differs from one test's collector to another's.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Addresses of proxies that speak PROXY protocol v2.
    pub proxies: Vec<String>,
    /// Connections at a time.
    pub max_connections: u32,
    /// For headers, and again for the body.
    pub request_timeout: &'static str,
    /// A minute, from one address and in all.
    pub enrolments: u32,
    /// A minute, of one device.
    pub requests_per_device: u32,
    /// Between two purges.
    pub purge_interval: &'static str,
    /// What is logged.
    pub log_level: &'static str,
    /// The server that holds the databases in place of the files.
    pub server: Option<Databases>,
}

impl Default for Settings {
    /// Bounds high enough for tests in a hurry, and everything logged, so that a leak has every chance to show.
    fn default() -> Self {
        Self {
            proxies: Vec::new(),
            max_connections: 1_024,
            request_timeout: "30s",
            enrolments: 1_000_000,
            requests_per_device: 1_000_000,
            purge_interval: "10m",
            log_level: "debug",
            server: None,
        }
    }
}

impl Settings {
    pub(super) fn text(&self, policy_key: &str, address: IpAddr) -> String {
        let Self {
            proxies,
            max_connections,
            request_timeout,
            enrolments,
            requests_per_device,
            purge_interval,
            log_level,
            server,
        } = self;
        let server = server
            .as_ref()
            .map(|databases| databases.section(PASSWORD_FILE))
            .unwrap_or_default();
        format!(
            "\
policy_key = {policy_key}

[agents]
listen = \"{address}:{AGENTS}\"
names = [\"{address}\", \"{NAME}\"]
proxies = {proxies:?}
max_connections = {max_connections}
request_timeout = \"{request_timeout}\"

[agents.limits]
enrolments_per_address = {enrolments}
enrolments = {enrolments}
requests_per_device = {requests_per_device}

[web]
listen = \"{address}:{WEB}\"

[operations]
listen = \"{address}:{OPERATIONS}\"

[retention]
purge_interval = \"{purge_interval}\"

[log]
level = \"{log_level}\"
{server}"
        )
    }
}
