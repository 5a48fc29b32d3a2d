//! Making an installation: everything in a directory beside it, which takes its name at the very end.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use data_encoding::{BASE64, HEXLOWER};
use ring::rand::SystemRandom;
use ring::signature::Ed25519KeyPair;
use zeef_proto::UnixTime;
use zeef_proto::policy::{PolicySigningKey, SignatureError};
use zeroize::Zeroizing;

use super::template;
use crate::files::{create_private_directory, write_new_private};
use crate::pki::{PkiError, Root};
use crate::random;
use crate::seal::KeyEncryptionKey;
use crate::store::sql::SqlStore;
use crate::store::{AdministrationStore, StoreError};

/// The policy that a new installation publishes unless it is given another one.
const REFERENCE_POLICY: &str = include_str!("../../../proto/policies/vokus-1.1.toml");

/// Where a new installation listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Addresses {
    /// The agents' port.
    pub agents: SocketAddr,
    /// The pages.
    pub web: SocketAddr,
    /// Metrics and health.
    pub operations: SocketAddr,
}

impl Default for Addresses {
    fn default() -> Self {
        Self {
            agents: (Ipv4Addr::UNSPECIFIED, 8443).into(),
            web: (Ipv4Addr::LOCALHOST, 8080).into(),
            operations: (Ipv4Addr::LOCALHOST, 9090).into(),
        }
    }
}

/// What was made, for the person who made it.
pub struct CreatedPaths {
    /// The configuration.
    pub config: PathBuf,
    /// What belongs on a medium that is kept apart.
    pub offline: PathBuf,
}

/// Why there is no new installation. Nothing was made then.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// Something is there already.
    #[error("{path} exists and is not empty; nothing was changed. Name a new or an empty directory", path = .0.display())]
    NotEmpty(PathBuf),
    /// A name that cannot stand in a certificate.
    #[error("the name {0:?} is neither a DNS name nor an IP address; nothing was made")]
    Name(String),
    /// The given policy is none.
    #[error(transparent)]
    Policy(#[from] SignatureError),
    /// The file system refused.
    #[error("{path} cannot be made ({reason}); check the disk and the permissions of the directory above it", path = path.display())]
    Files {
        /// The directory that was asked for.
        path: PathBuf,
        /// What the operating system said.
        reason: io::ErrorKind,
    },
    /// The authority could not be made.
    #[error(transparent)]
    Authority(#[from] PkiError),
    /// The database could not be made.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes an installation in `directory`, which must not exist or be empty, and publishes `policy` in it, or the
/// reference policy.
///
/// # Errors
/// [`CreateError`]; nothing is left behind then.
pub async fn create(
    directory: &Path,
    names: &[String],
    addresses: &Addresses,
    policy: Option<&str>,
    now: UnixTime,
) -> Result<CreatedPaths, CreateError> {
    if let Some(name) = names.iter().find(|name| !is_server_name(name)) {
        return Err(CreateError::Name(name.clone()));
    }
    let occupied = std::fs::read_dir(directory).is_ok_and(|mut entries| entries.next().is_some());
    if occupied || directory.is_file() {
        return Err(CreateError::NotEmpty(directory.to_owned()));
    }
    let files = |error: io::Error| CreateError::Files {
        path: directory.to_owned(),
        reason: error.kind(),
    };
    let draft = beside(directory);
    create_private_directory(&draft).map_err(files)?;
    let made = fill(&draft, names, addresses, policy.unwrap_or(REFERENCE_POLICY), now).await;
    let made = made.and_then(|()| std::fs::rename(&draft, directory).map_err(files));
    if let Err(error) = made {
        drop(std::fs::remove_dir_all(&draft));
        return Err(match error {
            CreateError::Files { reason, .. } => CreateError::Files {
                path: directory.to_owned(),
                reason,
            },
            other => other,
        });
    }
    Ok(CreatedPaths {
        config: directory.join("collector.toml"),
        offline: directory.join("offline"),
    })
}

fn is_server_name(name: &str) -> bool {
    rustls::pki_types::ServerName::try_from(name).is_ok()
}

/// A directory on the same file system, so that the rename at the end is one step.
fn beside(directory: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(directory.file_name().unwrap_or_default());
    name.push(".");
    name.push(HEXLOWER.encode(&random::bytes::<8>()));
    directory.with_file_name(name)
}

async fn fill(
    draft: &Path,
    names: &[String],
    addresses: &Addresses,
    policy: &str,
    now: UnixTime,
) -> Result<(), CreateError> {
    let files = |error: io::Error| CreateError::Files {
        path: draft.to_owned(),
        reason: error.kind(),
    };
    let write = |name: &str, content: &[u8]| write_new_private(&draft.join(name), content).map_err(files);
    for name in ["data", "keys", "authority", "offline"] {
        create_private_directory(&draft.join(name)).map_err(files)?;
    }

    let (signing_key, signing_pem) = new_signing_key()?;
    let signed = signing_key.sign(policy)?;
    write("offline/policy.key", signing_pem.as_bytes())?;

    let (root, root_pem) = Root::create(now)?;
    let issuing = root.certify_issuing(now)?;
    write("offline/root.key", root_pem.key.as_bytes())?;
    write("authority/root.pem", root_pem.certificate.as_bytes())?;
    write("authority/issuing.pem", issuing.certificate.as_bytes())?;
    write("authority/issuing.key", issuing.key.as_bytes())?;

    // SQLite takes an empty file for a new database, and gives the files beside it the same mode.
    write("data/zeef.db", b"")?;
    write("keys/data-keys.db", b"")?;
    let key = KeyEncryptionKey::create(&draft.join("keys/key-encryption.key")).map_err(files)?;
    let store = SqlStore::open(&draft.join("data/zeef.db"), &draft.join("keys/data-keys.db"), key)?;
    store.publish_policy(signed, now).await?;
    drop(store);

    let config = template::configuration(&signing_key.public(), names, addresses);
    write("collector.toml", config.as_bytes())
}

fn new_signing_key() -> Result<(PolicySigningKey, Zeroizing<String>), CreateError> {
    let der = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|_| PkiError::Failed)?;
    let key = PolicySigningKey::from_pkcs8(der.as_ref())?;
    // RFC 7468: one line of base64 would be too long, 119 characters are two.
    let text = Zeroizing::new(BASE64.encode(der.as_ref()));
    let (first, second) = text.split_at(64.min(text.len()));
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{first}\n{second}\n-----END PRIVATE KEY-----\n");
    Ok((key, Zeroizing::new(pem)))
}
