//! How a database on a server is reached.

use std::str::FromStr;
use std::time::Duration;

use postgres::error::SqlState;
use postgres::{Config, NoTls};

use super::super::driver::{Connection, Postgres};
use super::super::place::Access;
use crate::store::{Result, StoreError};

/// How long a connection may take to be made, to each of the hosts that are named.
const PATIENCE: Duration = Duration::from_secs(5);

/// A database on a server, by its connection string.
pub struct Server {
    config: Config,
}

impl FromStr for Server {
    type Err = StoreError;

    /// Reads a connection string of libpq: `host=… dbname=…` or `postgresql://…`.
    fn from_str(text: &str) -> Result<Self> {
        let mut config: Config = text
            .parse()
            .map_err(|_| StoreError::Refused("its connection string cannot be read"))?;
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(PATIENCE);
        }
        config.application_name("zeef-collector");
        Ok(Self { config })
    }
}

impl Server {
    /// Connects, with the settings on which durability rests.
    pub(in crate::store::sql) fn connect(&self, access: Access) -> Result<Connection> {
        let mut client = self.config.connect(NoTls).map_err(|error| refusal(&error))?;
        // A commit is answered once it is durable, whatever the server's default is, and nobody waits for ever.
        client.batch_execute(
            "SET synchronous_commit = on; SET lock_timeout = '10s'; SET idle_in_transaction_session_timeout = '60s';
             SET client_min_messages = warning; SET search_path = public",
        )?;
        if access == Access::Read {
            client.batch_execute("SET default_transaction_read_only = on")?;
        }
        Ok(Connection::Postgres(Box::new(Postgres::new(client))))
    }
}

fn refusal(error: &postgres::Error) -> StoreError {
    match error.code() {
        Some(code)
            if *code == SqlState::INVALID_PASSWORD
                || *code == SqlState::INVALID_AUTHORIZATION_SPECIFICATION =>
        {
            StoreError::Refused("it does not know this user or password")
        }
        Some(code) if *code == SqlState::INVALID_CATALOG_NAME => {
            StoreError::Refused("it has no database of this name")
        }
        _ => StoreError::Unreachable,
    }
}
