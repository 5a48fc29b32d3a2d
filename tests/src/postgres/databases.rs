//! What a collector is told of a server.

use std::path::PathBuf;

/// The two databases of an installation, as its configuration names them.
#[derive(Debug, Clone)]
pub struct Databases {
    /// Connection string of the database, without the password.
    pub database: String,
    /// Connection string of the key store, without the password.
    pub key_store: String,
    /// The certificate authority by which the server is known; without it, TLS is not used.
    pub authority: Option<PathBuf>,
}

impl Databases {
    /// The section `[postgres]`, with the password in that file.
    pub(crate) fn section(&self, password_file: &str) -> String {
        let Self {
            database,
            key_store,
            authority,
        } = self;
        let authority = authority
            .as_ref()
            .map(|path| format!("certificate_authority = {path:?}\n"))
            .unwrap_or_default();
        format!(
            "
[postgres]
database = {database:?}
key_store = {key_store:?}
password_file = {password_file:?}
{authority}"
        )
    }
}
