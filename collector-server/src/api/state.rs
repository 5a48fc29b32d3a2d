//! What all operations share.

use std::sync::{Arc, Mutex, PoisonError};

use zeef_proto::UnixTime;

use super::caller::Caller;
use super::problem::Problem;
use super::rate::{Allowance, Key, Rates};
use crate::store::Store;
use crate::store::ledger::{Look, LookedAt};
use crate::web::{App, Published};

/// The pages' state, of which the index of devices is the largest part, and what the API alone has.
pub(super) struct Api {
    pub(super) app: Arc<App>,
    rates: Mutex<Rates>,
}

impl Api {
    pub(super) fn new(app: Arc<App>) -> Self {
        Self {
            app,
            rates: Mutex::default(),
        }
    }

    pub(super) fn now(&self) -> UnixTime {
        self.app.now()
    }

    pub(super) fn store(&self) -> &dyn Store {
        &*self.app.store
    }

    /// Counts a request.
    pub(super) fn count(&self, key: Key) -> Allowance {
        let mut rates = self.rates.lock().unwrap_or_else(PoisonError::into_inner);
        rates.count(key, self.now())
    }

    /// Notes that somebody is about to see something. Once this is durable the answer may be given, and not before.
    pub(super) async fn note_look(&self, caller: &Caller, at: LookedAt) -> Result<(), Problem> {
        let look = Look { by: caller.actor, at };
        Ok(self.store().record_look(look, self.now()).await?)
    }

    /// The published policy.
    pub(super) async fn policy(&self) -> Result<Arc<Published>, Problem> {
        let published = self.app.policy().await.map_err(|_| Problem::Unavailable)?;
        published.ok_or(Problem::NotFound)
    }
}
