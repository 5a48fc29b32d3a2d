//! Where the nodes of a cluster agree who leads.

use std::net::SocketAddr;
use std::process::Command;

use crate::loopback::{get, own_address};
use crate::throwaway::{Directory, Throwaway};
use crate::wait;

const CLIENTS: u16 = 2379;
const PEERS: u16 = 2380;

/// A single member, which is enough where it is not the one to fail.
pub(super) struct Etcd {
    address: SocketAddr,
    _program: Throwaway,
}

impl Etcd {
    pub(super) fn start() -> Self {
        let directory = Directory::new();
        let address = SocketAddr::new(own_address(), CLIENTS);
        let clients = format!("http://{address}");
        let peers = format!("http://{}:{PEERS}", address.ip());
        let members = format!("one={peers}");
        let mut command = Command::new("etcd");
        command
            .args(["--name", "one", "--data-dir"])
            .arg(directory.path().join("data"));
        for (option, value) in [
            ("--listen-client-urls", &clients),
            ("--advertise-client-urls", &clients),
            ("--listen-peer-urls", &peers),
            ("--initial-advertise-peer-urls", &peers),
            ("--initial-cluster", &members),
        ] {
            command.args([option, value]);
        }
        let program = Throwaway::start(directory, &command);
        program.wait_for(wait::SOON, "etcd to be healthy", || {
            let (status, _) = get(address, "/health")?;
            (status == 200).then_some(())
        });
        Self {
            address,
            _program: program,
        }
    }

    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }
}
