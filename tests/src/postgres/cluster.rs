//! Several servers, of which one leads and another takes over.

use std::net::SocketAddr;
use std::time::Duration;

use super::etcd::Etcd;
use super::{DATABASE, Node, ROLE, psql, sql};
use crate::wait;

/// Making a server, copying it, and taking over each have their time.
const ELECTED_WITHIN: Duration = Duration::from_secs(60);

/// PostgreSQL with streaming replication under Patroni. A commit waits for a standby as long as there is one.
pub struct Cluster {
    nodes: Vec<Node>,
    /// Those of all nodes, also of those that are no more.
    addresses: Vec<SocketAddr>,
    _etcd: Etcd,
}

impl Cluster {
    /// Starts so many nodes, and gives them back when one leads, another stands by, and all run.
    ///
    /// # Panics
    /// If they do not.
    #[track_caller]
    #[must_use]
    pub fn start(nodes: usize) -> Self {
        let etcd = Etcd::start();
        let nodes: Vec<_> = (1..=nodes)
            .map(|number| Node::start(&format!("node{number}"), etcd.address()))
            .collect();
        let cluster = Self {
            addresses: nodes.iter().map(Node::address).collect(),
            nodes,
            _etcd: etcd,
        };
        let primary = cluster.wait_for_primary();
        cluster.wait_for_standby();
        let connection = primary.superuser_connection("postgres");
        for statement in sql::make_database() {
            drop(psql(&connection, &statement));
        }
        cluster
    }

    /// How the collector reaches its database, whichever node leads, as libpq's keywords and values.
    #[must_use]
    pub fn connection(&self) -> String {
        sql::connection(&self.addresses, ROLE, DATABASE)
    }

    /// The node that leads and takes writes, as soon as there is one.
    ///
    /// # Panics
    /// If there is none for long.
    #[track_caller]
    #[must_use]
    pub fn wait_for_primary(&self) -> &Node {
        let first = self.nodes.first().expect("a node is left");
        first.program.wait_for(ELECTED_WITHIN, "a primary", || {
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
        wait::until_within(ELECTED_WITHIN, "a synchronous standby", || {
            let (_, text) = self.nodes.first()?.ask("/cluster")?;
            let cluster: serde_json::Value = serde_json::from_str(&text).ok()?;
            let members = cluster["members"].as_array()?;
            let run = members
                .iter()
                .filter(|member| member["state"] == "running")
                .count();
            let stands_by = members.iter().any(|member| member["role"] == "sync_standby");
            (run >= self.nodes.len() && stands_by).then_some(())
        });
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
