//! Opening what an installation holds.

use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject;
use zeef_proto::UnixTime;
use zeef_proto::policy::{PolicySigningKey, SignatureError};
use zeroize::Zeroizing;

use super::key::{KeyError, key_encryption_key};
use crate::backup;
use crate::config::Files;
use crate::files::replace_private;
use crate::ledger::Engine;
use crate::pki::{IssuingAuthority, PkiError, Root};
use crate::store::StoreError;
use crate::store::sql::{Place, Server, SqlStore};

/// Why an installation cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A file is not there or cannot be read or written.
    #[error("{path} cannot be used ({reason}); check that it is there and that this account may use it", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        reason: io::ErrorKind,
    },
    /// A private key or a password that others can read.
    #[error("{path} holds a secret and others can read it; run `chmod 600` on it", path = .0.display())]
    Exposed(PathBuf),
    /// The key-encryption key should come from where there is none.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The authority's files do not serve.
    #[error(transparent)]
    Authority(#[from] PkiError),
    /// A policy key that is none.
    #[error(transparent)]
    PolicyKey(#[from] SignatureError),
    /// The database does not serve.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Opens the store. Blocks.
///
/// # Errors
/// [`OpenError`].
pub fn store(files: &Files) -> Result<SqlStore, OpenError> {
    let key = key_encryption_key(files)?;
    check_present(files)?;
    let (database, key_store) = places(files)?;
    database.check_set_up()?;
    if files.postgres.is_some() && files.database.exists() {
        tracing::warn!(
            "the files that the installation was moved from are still there, with keys that are destroyed since; \
             delete them by `zeef-collector migrate --to postgres --delete-source`"
        );
    }
    let store = SqlStore::open(database, key_store, key)?;
    backup::remove_leftovers(files);
    Ok(store)
}

/// Where database and key store are.
///
/// # Errors
/// [`OpenError`].
pub fn places(files: &Files) -> Result<(Place, Place), OpenError> {
    match files.postgres {
        None => places_on(files, Engine::Sqlite),
        Some(_) => places_on(files, Engine::Postgres),
    }
}

/// Where they are on one engine; in the files, where no server is configured.
pub(super) fn places_on(files: &Files, engine: Engine) -> Result<(Place, Place), OpenError> {
    let (Engine::Postgres, Some(postgres)) = (engine, &files.postgres) else {
        return Ok(((&files.database).into(), (&files.key_store).into()));
    };
    let password = postgres.password.as_deref().map(read_private).transpose()?;
    let authority = postgres.certificate_authority.as_deref().map(read).transpose()?;
    let server = |address: &str| {
        let password = password.as_ref().map(|password| password.trim_end());
        Server::new(address, password, authority.as_deref()).map(|server| Place::Server(Arc::new(server)))
    };
    Ok((server(&postgres.database)?, server(&postgres.key_store)?))
}

/// Checks that database and key store are there. The store would make what is not: right for `init`, wrong for an
/// installation whose disk is not mounted.
///
/// # Errors
/// [`OpenError::File`].
pub fn check_present(files: &Files) -> Result<(), OpenError> {
    if files.postgres.is_some() {
        return Ok(());
    }
    [&files.database, &files.key_store]
        .into_iter()
        .try_for_each(|file| std::fs::metadata(file).map(drop).map_err(at(file)))
}

/// Reads the issuing authority.
///
/// # Errors
/// [`OpenError`].
pub fn authority(files: &Files) -> Result<IssuingAuthority, OpenError> {
    let root = read(&files.authority.join("root.pem"))?;
    let issuing = read(&files.authority.join("issuing.pem"))?;
    let key = read_private(&files.authority.join("issuing.key"))?;
    Ok(IssuingAuthority::from_pem(&root, &issuing, &key)?)
}

/// Replaces the issuing authority by a new one, signed with the root's key; devices that the former one certified
/// stay known.
///
/// # Errors
/// [`OpenError`]; the former authority stays in place then.
pub fn renew_authority(files: &Files, root_key: &Path, now: UnixTime) -> Result<IssuingAuthority, OpenError> {
    authority(files)?;
    let root_pem = read(&files.authority.join("root.pem"))?;
    let root = Root::from_pem(&root_pem, &read_private(root_key)?)?;
    let issuing = root.certify_issuing(now)?;
    let path = files.authority.join("issuing.pem");
    let chain = issuing.certificate.clone() + &read(&path)?;
    let renewed = IssuingAuthority::from_pem(&root_pem, &chain, &issuing.key)?;
    // The certificates first: with both in place, the former key still finds its own.
    replace_private(&path, chain.as_bytes()).map_err(at(&path))?;
    let key_path = files.authority.join("issuing.key");
    replace_private(&key_path, issuing.key.as_bytes()).map_err(at(&key_path))?;
    Ok(renewed)
}

/// Reads the provider's policy key, PKCS#8 in PEM.
///
/// # Errors
/// [`OpenError`].
pub fn read_signing_key(path: &Path) -> Result<PolicySigningKey, OpenError> {
    let pem = read_private(path)?;
    let der = PrivatePkcs8KeyDer::from_pem_slice(pem.as_bytes()).map_err(|_| SignatureError::MalformedKey)?;
    Ok(PolicySigningKey::from_pkcs8(der.secret_pkcs8_der())?)
}

fn read(path: &Path) -> Result<String, OpenError> {
    std::fs::read_to_string(path).map_err(at(path))
}

fn read_private(path: &Path) -> Result<Zeroizing<String>, OpenError> {
    check_private(path)?;
    read(path).map(Zeroizing::new)
}

pub(super) fn check_private(path: &Path) -> Result<(), OpenError> {
    let mode = std::fs::metadata(path).map_err(at(path))?.permissions().mode();
    if mode & 0o077 == 0 {
        Ok(())
    } else {
        Err(OpenError::Exposed(path.to_owned()))
    }
}

pub(super) fn at(path: &Path) -> impl Fn(io::Error) -> OpenError {
    move |error| OpenError::File {
        path: path.to_owned(),
        reason: error.kind(),
    }
}
