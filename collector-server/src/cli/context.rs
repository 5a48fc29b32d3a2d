//! An opened installation, and names as administrators write them.

use std::path::Path;
use std::sync::Arc;

use zeef_proto::policy::Policy;
use zeef_proto::{Clock, DeviceId, OrganisationId, UnixTime};

use super::failure::Failure;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::installation;
use crate::store::Store;
use crate::store::records::Organisation;

/// What a command works with.
pub(super) struct Context {
    pub(super) config: Config,
    pub(super) store: Arc<dyn Store>,
    pub(super) now: UnixTime,
}

impl Context {
    pub(super) fn open(config: &Path) -> Result<Self, Failure> {
        let config = Config::read(config)?;
        let store = Arc::new(installation::store(&config.files)?);
        Ok(Self {
            config,
            store,
            now: SystemClock.now(),
        })
    }

    /// The organisation of that id or name, whatever its case.
    pub(super) async fn organisation(&self, named: &str) -> Result<Organisation, Failure> {
        let all = self.store.organisations().await?;
        let id: Option<OrganisationId> = named.parse().ok();
        let wanted = named.trim().to_lowercase();
        all.into_iter()
            .find(|one| id.map_or_else(|| one.name.to_lowercase() == wanted, |id| one.id == id))
            .ok_or_else(|| {
                Failure::refused("there is no such organisation; see `zeef-collector organisation list`")
            })
    }

    /// Whose device it is.
    pub(super) async fn owner(&self, device: DeviceId) -> Result<OrganisationId, Failure> {
        let owner = self.store.find_device(device).await?;
        owner.ok_or_else(|| Failure::refused("there is no such device; see `zeef-collector device list`"))
    }

    /// The published policy.
    pub(super) async fn policy(&self) -> Result<Policy, Failure> {
        let signed = self.store.policy().await?.ok_or_else(|| {
            Failure::refused("no policy is published; publish one with `zeef-collector policy publish`")
        })?;
        Ok(signed.verify(&self.config.policy_key)?)
    }
}
