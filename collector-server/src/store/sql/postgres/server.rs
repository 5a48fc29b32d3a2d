//! How a database on a server is reached.

use std::error::Error;
use std::io;
use std::time::Duration;

use postgres::config::{SslMode, TargetSessionAttrs};
use postgres::error::SqlState;
use postgres::{Config, NoTls};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::super::driver::{Connection, Postgres};
use super::super::place::Access;
use crate::store::{Result, StoreError};

/// How long a connection may take to be made, to each of the hosts that are named.
const PATIENCE: Duration = Duration::from_secs(5);
const NO_AUTHORITY: &str = "the file that should hold its certificate authority holds none";

/// A database on a server, by its connection string.
pub struct Server {
    config: Config,
    tls: Option<MakeRustlsConnect>,
}

impl Server {
    /// By a connection string of libpq, `host=… dbname=…` or `postgresql://…`. With a certificate authority, in PEM, the
    /// connection is by TLS, and the server must have a certificate of it for the name by which it is reached.
    ///
    /// # Errors
    /// [`StoreError::Refused`].
    pub fn new(address: &str, password: Option<&str>, authority: Option<&str>) -> Result<Self> {
        let mut config: Config = address
            .parse()
            .map_err(|_| StoreError::Refused("its connection string cannot be read"))?;
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(PATIENCE);
        }
        // A server that is gone without a word is noticed, also while an answer is waited for.
        config
            .keepalives_idle(PATIENCE)
            .keepalives_interval(PATIENCE)
            .keepalives_retries(2);
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(3 * PATIENCE);
        }
        if let Some(password) = password {
            config.password(password);
        }
        // Of several hosts, the one that leads now.
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        config.application_name("zeef-collector");
        config.ssl_mode(if authority.is_some() {
            SslMode::Require
        } else {
            SslMode::Disable
        });
        let tls = authority.map(by_tls).transpose()?;
        Ok(Self { config, tls })
    }

    /// Connects, with the settings on which durability rests.
    pub(in crate::store::sql) fn connect(&self, access: Access) -> Result<Connection> {
        let connected = match &self.tls {
            Some(tls) => self.config.connect(tls.clone()),
            None => self.config.connect(NoTls),
        };
        let mut client = connected.map_err(|error| refusal(&error))?;
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

fn by_tls(authority: &str) -> Result<MakeRustlsConnect> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(authority.as_bytes()) {
        let certificate = certificate.map_err(|_| StoreError::Refused(NO_AUTHORITY))?;
        roots
            .add(certificate)
            .map_err(|_| StoreError::Refused(NO_AUTHORITY))?;
    }
    if roots.is_empty() {
        return Err(StoreError::Refused(NO_AUTHORITY));
    }
    Ok(MakeRustlsConnect::new(
        ClientConfig::builder()
            .with_root_certificates(roots)
            .with_no_client_auth(),
    ))
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
        _ => tls_refusal(error).map_or(StoreError::Unreachable, StoreError::Refused),
    }
}

/// Why TLS was not agreed on, where that does not pass by itself.
fn tls_refusal(error: &postgres::Error) -> Option<&'static str> {
    let cause = error.source()?;
    if let Some(stream) = cause.downcast_ref::<io::Error>() {
        let cause = stream.get_ref()?.downcast_ref::<rustls::Error>()?;
        return matches!(cause, rustls::Error::InvalidCertificate(_)).then_some(
            "its certificate is not by the named certificate authority, not for the name of the connection string, or \
             not valid now",
        );
    }
    // The client has no type for it.
    (cause.to_string() == "server does not support TLS").then_some("it does not speak TLS")
}
