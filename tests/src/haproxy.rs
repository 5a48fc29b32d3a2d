//! HAProxy from Debian in front of collectors, from the sample of `docs/high-availability`.

use std::net::{IpAddr, SocketAddr};
use std::process::Command;

use crate::device::Contact;
use crate::installation::AGENTS;
use crate::loopback::{get, own_address};
use crate::sample::adapted;
use crate::throwaway::{Directory, Throwaway};
use crate::wait;

const METRICS: u16 = 8404;

/// A load balancer that passes agents' TLS through and announces agents by PROXY protocol v2.
pub struct HaProxy {
    address: IpAddr,
    before: IpAddr,
    program: Throwaway,
}

impl HaProxy {
    /// The address from which it connects to collectors, for their `proxies`.
    pub const CONNECTS_FROM: &'static str = "127.0.0.1";

    /// Starts one in front of collectors at these addresses, with the ports of every installation.
    ///
    /// # Panics
    /// If it does not start.
    #[track_caller]
    #[must_use]
    pub fn start(collectors: &[IpAddr]) -> Self {
        let directory = Directory::new();
        let (address, before) = (own_address(), own_address());
        let file = directory.path().join("haproxy.cfg");
        std::fs::write(&file, configuration(address, before, collectors)).expect("a file can be written");
        let mut command = Command::new("/usr/sbin/haproxy");
        command.arg("-f").arg(file);
        let program = Throwaway::start(directory, &command);
        let proxy = Self {
            address,
            before,
            program,
        };
        proxy
            .program
            .wait_for(wait::SOON, "HAProxy to listen", || proxy.metrics());
        proxy
    }

    /// How a device reaches the collectors behind it, which all know `contact`'s authority.
    #[must_use]
    pub fn contact(&self, contact: Contact) -> Contact {
        Contact {
            address: SocketAddr::new(self.address, AGENTS),
            ..contact
        }
    }

    /// The address of another load balancer before it, which announces devices by PROXY protocol v2.
    #[must_use]
    pub const fn before(&self) -> IpAddr {
        self.before
    }

    /// How many collectors it takes to be ready.
    ///
    /// # Panics
    /// If it does not say.
    #[must_use]
    pub fn ready(&self) -> usize {
        let metrics = self.metrics().expect("metrics");
        let value = metrics
            .lines()
            .find_map(|line| line.strip_prefix("haproxy_backend_active_servers{proxy=\"ready\"} "));
        value.and_then(|value| value.parse().ok()).expect("a count")
    }

    fn metrics(&self) -> Option<String> {
        let (status, text) = get(SocketAddr::new(self.address, METRICS), "/metrics")?;
        (status == 200).then_some(text)
    }
}

fn configuration(address: IpAddr, before: IpAddr, collectors: &[IpAddr]) -> String {
    let servers: String = (1..)
        .zip(collectors)
        .map(|(number, collector)| format!("    server collector{number} {collector}:{AGENTS}\n"))
        .collect();
    let replacements = [
        (
            "    server one 10.0.0.5:8443\n    server two 10.0.0.6:8443\n",
            servers,
        ),
        ("10.0.0.2", address.to_string()),
        ("127.0.0.1:8404", format!("{address}:{METRICS}")),
        ("10.0.0.8", before.to_string()),
        // An ordinary user has no 40,000 files.
        ("maxconn 20000", "maxconn 200".to_owned()),
        // It is nobody of importance already.
        ("    user haproxy\n    group haproxy\n", String::new()),
        ("log /dev/log local0", "log stdout format raw local0".to_owned()),
        ("inter 2s", "inter 200ms".to_owned()),
    ];
    adapted(
        "haproxy.cfg",
        &replacements.each_ref().map(|(from, to)| (*from, to.as_str())),
    )
}
