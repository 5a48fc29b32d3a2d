//! Several servers, of which one leads and another takes over.

use std::net::SocketAddr;
use std::time::Duration;

use super::etcd::Etcd;
use super::{DATABASE, Databases, Node, ROLE, psql, sql};
use crate::wait;

/// Making a server, copying it, and taking over each have their time.
const ELECTED_WITHIN: Duration = Duration::from_secs(60);

/// PostgreSQL with streaming replication under Patroni. A commit waits for a standby as long as there is one.
pub struct Cluster {
    nodes: Vec<Node>,
    /// Those of all nodes, also of those that are no more.
    addresses: Vec<SocketAddr>,
    etcd: Etcd,
}

impl Cluster {
    /// Starts so many nodes, at least two, and gives them back when one leads, another stands by, and all run.
    ///
    /// # Panics
    /// If they do not.
    #[track_caller]
    #[must_use]
    pub fn start(nodes: usize) -> Self {
        let etcd = Etcd::start();
        let mut cluster = Self {
            nodes: vec![Node::start("node1", etcd.address())],
            addresses: Vec::new(),
            etcd,
        };
        // Before there are others, so that none of them ever lacks it.
        let connection = cluster.wait_for_primary().superuser_connection("postgres");
        for statement in sql::make_databases() {
            drop(psql(&connection, &statement));
        }
        let others = (2..=nodes).map(|number| Node::start(&format!("node{number}"), cluster.etcd.address()));
        cluster.nodes.extend(others);
        cluster.addresses = cluster.nodes.iter().map(Node::address).collect();
        cluster.wait_for_standby();
        cluster
    }

    /// How the collector reaches its database, whichever node leads, as libpq's keywords and values.
    #[must_use]
    pub fn connection(&self) -> String {
        sql::connection(&self.addresses, ROLE, DATABASE)
    }

    /// Where an installation is kept on it, whichever node leads: first of all the one that did not lead at first.
    #[must_use]
    pub fn databases(&self) -> Databases {
        let last_first: Vec<_> = self.addresses.iter().rev().copied().collect();
        sql::databases(&last_first)
    }

    /// The node that leads and takes writes, as soon as there is one.
    ///
    /// # Panics
    /// If there is none for long.
    #[track_caller]
    #[must_use]
    pub fn wait_for_primary(&self) -> &Node {
        self.wait_for("a primary", || {
            self.nodes
                .iter()
                .find(|node| node.is_primary() && node.takes_writes())
        })
    }

    /// Waits until all nodes run and one of them has everything that is committed, so that the primary may fail.
    ///
    /// # Panics
    /// If that takes long.
    #[track_caller]
    pub fn wait_for_standby(&self) {
        self.wait_for("a synchronous standby", || {
            let (_, text) = self.nodes.first()?.ask("/cluster")?;
            let cluster: serde_json::Value = serde_json::from_str(&text).ok()?;
            // A node that was killed is a member until its time is over.
            let hosts: Vec<_> = self
                .nodes
                .iter()
                .map(|node| node.address().ip().to_string())
                .collect();
            let members = cluster["members"].as_array()?.iter().filter(|member| {
                let host = member["host"].as_str().unwrap_or_default();
                // Later versions of Patroni tell a standby that follows from one that merely runs.
                let runs = member["state"] == "running" || member["state"] == "streaming";
                runs && hosts.iter().any(|known| known == host)
            });
            let roles: Vec<_> = members.map(|member| &member["role"]).collect();
            (roles.len() == hosts.len() && roles.iter().any(|role| *role == "sync_standby")).then_some(())
        });
    }

    #[track_caller]
    fn wait_for<T>(&self, what: &str, probe: impl FnMut() -> Option<T>) -> T {
        wait::try_until(ELECTED_WITHIN, probe).unwrap_or_else(|| {
            let logs: Vec<_> = self.nodes.iter().map(Node::log).collect();
            panic!(
                "waited {ELECTED_WITHIN:?} in vain for {what}; the nodes said: {}",
                logs.join("\n\n")
            )
        })
    }

    /// Kills the primary's PostgreSQL and Patroni at once; their data is lost.
    ///
    /// # Panics
    /// If no node leads.
    #[track_caller]
    pub fn kill_primary(&mut self) {
        let primary = self
            .nodes
            .iter()
            .position(Node::is_primary)
            .expect("a node leads");
        drop(self.nodes.remove(primary));
    }
}
