//! The index, kept up with the store: loaded once, then fed by the store's changes before each query.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use tokio::sync::Mutex;
use zeef_proto::{DeviceId, OrganisationId, UnixTime};

use super::{Index, Page, Query};
use crate::store::records::{Device, Organisation, Subscription};
use crate::store::{Result, Store};

/// Devices that are read from the store at once.
const BATCH: usize = 500;

/// How long organisations' names are kept before they are read anew, in seconds. Their list counts devices, which
/// is not for every page.
const NAMES_KEPT: i64 = 10;

/// An [`Index`] that follows a store.
pub struct LiveIndex {
    store: Arc<dyn Store>,
    followed: Mutex<Followed>,
}

#[derive(Default)]
struct Followed {
    index: Index,
    /// Newest change that the index holds; `None` before it was loaded.
    sequence: Option<u64>,
    organisations: Arc<Vec<Organisation>>,
    named_at: Option<UnixTime>,
}

/// A page as the store gives it.
pub struct Shown {
    /// Devices, in order. One that the store no longer has is left out.
    pub devices: Vec<Device>,
    /// Devices on all pages.
    pub total: usize,
    /// Which page this is, from 0.
    pub page: usize,
    /// All organisations within reach, by name, as they were at most ten seconds ago.
    pub organisations: Arc<Vec<Organisation>>,
}

/// All devices of a query.
pub struct Found {
    /// The devices, in order.
    pub ids: Vec<(OrganisationId, DeviceId)>,
    /// The names of all organisations.
    pub names: HashMap<OrganisationId, String>,
}

impl LiveIndex {
    /// An index that is loaded when it is first used.
    #[must_use]
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self {
            store,
            followed: Mutex::default(),
        }
    }

    /// Loads the index, or brings it up to the store's newest change.
    ///
    /// # Errors
    /// Those of the store; what was read until then is kept.
    pub async fn refresh(&self, now: UnixTime) -> Result<()> {
        let mut followed = self.followed.lock().await;
        followed.refresh(&*self.store, now).await
    }

    /// Lists devices: the index proposes, the store shows.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn list(&self, query: &Query, now: UnixTime) -> Result<Shown> {
        // A search must not find by what the store no longer shows, whatever the clock says.
        let now = self.store.time(now).await?.shows();
        let (page, organisations) = self.propose(query, now).await?;
        let mut devices = self.store.devices(page.ids, now).await?;
        devices.retain(|device| !device.restricted);
        let organisations = match query.reach.limits() {
            None => organisations,
            Some(reached) => {
                let within = organisations.iter().filter(|one| reached.contains(&one.id));
                Arc::new(within.cloned().collect())
            }
        };
        Ok(Shown {
            devices,
            total: page.total,
            page: page.page,
            organisations,
        })
    }

    /// Finds all devices of a query, on whichever page, to be read one after the other: their ids in order, and the
    /// names of the organisations.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn find(&self, query: &Query, now: UnixTime) -> Result<Found> {
        let now = self.store.time(now).await?.shows();
        let all = Query {
            page: 0,
            per_page: usize::MAX,
            ..query.clone()
        };
        let (page, organisations) = self.propose(&all, now).await?;
        let names = organisations.iter().map(|one| (one.id, one.name.clone()));
        Ok(Found {
            ids: page.ids,
            names: names.collect(),
        })
    }

    async fn propose(&self, query: &Query, now: UnixTime) -> Result<(Page, Arc<Vec<Organisation>>)> {
        let mut followed = self.followed.lock().await;
        followed.refresh(&*self.store, now).await?;
        followed.name_organisations(&*self.store, now).await?;
        let organisations = Arc::clone(&followed.organisations);
        for (organisation, subscriptions) in self.subscriptions(query, &organisations).await? {
            followed.index.set_subscriptions(organisation, subscriptions);
        }
        Ok((followed.index.query(query, now), organisations))
    }

    /// Subscriptions that the query asks about. They start and end without any change of a device, so they are
    /// read anew.
    async fn subscriptions(
        &self,
        query: &Query,
        organisations: &[Organisation],
    ) -> Result<Vec<(OrganisationId, Vec<Subscription>)>> {
        let mut read = Vec::new();
        if query.product.is_some() {
            let asked = organisations.iter().map(|organisation| organisation.id);
            for id in asked.filter(|id| query.organisation.is_none_or(|only| only == *id)) {
                read.push((id, self.store.subscriptions(id).await?));
            }
        }
        Ok(read)
    }
}

impl Followed {
    async fn refresh(&mut self, store: &dyn Store, now: UnixTime) -> Result<()> {
        let newest = store.newest_change().await?;
        match self.sequence {
            None => self.load(store, now).await?,
            Some(held) if held == newest => return Ok(()),
            Some(held) => self.follow(store, held, now).await?,
        }
        // Noted before anything was read: what changed meanwhile is read again next time.
        self.sequence = Some(newest);
        Ok(())
    }

    async fn load(&mut self, store: &dyn Store, now: UnixTime) -> Result<()> {
        self.index = Index::default();
        let mut after = None;
        loop {
            let ids = store.device_ids(None, after, BATCH).await?;
            let Some(last) = ids.last() else { return Ok(()) };
            after = Some(*last);
            self.take_in(store, ids, now).await?;
        }
    }

    async fn follow(&mut self, store: &dyn Store, held: u64, now: UnixTime) -> Result<()> {
        let mut after = held;
        loop {
            let changes = store.changes_after(after, BATCH).await?;
            let Some(last) = changes.last() else { return Ok(()) };
            after = last.sequence;
            let ids = changes
                .iter()
                .map(|change| (change.organisation, change.device))
                .collect();
            self.take_in(store, ids, now).await?;
        }
    }

    async fn name_organisations(&mut self, store: &dyn Store, now: UnixTime) -> Result<()> {
        let kept = |at: UnixTime| (0..NAMES_KEPT).contains(&now.since(at));
        if self.named_at.is_some_and(kept) && !self.index.has_unnamed() {
            return Ok(());
        }
        self.organisations = Arc::new(store.organisations().await?);
        for organisation in &*self.organisations {
            self.index.name_organisation(organisation.id, &organisation.name);
        }
        self.named_at = Some(now);
        Ok(())
    }

    async fn take_in(
        &mut self,
        store: &dyn Store,
        ids: Vec<(OrganisationId, DeviceId)>,
        now: UnixTime,
    ) -> Result<()> {
        let mut gone: HashSet<_> = ids.iter().copied().collect();
        // Nobody is to find what is restricted, whose request is worked off from its own page.
        let shown = |device: &Device| !device.restricted;
        for device in store.devices(ids, now).await?.into_iter().filter(shown) {
            gone.remove(&(device.organisation, device.id));
            self.index.apply(&device);
        }
        for (organisation, device) in gone {
            self.index.remove(organisation, device);
        }
        Ok(())
    }
}
