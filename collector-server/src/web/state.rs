//! What the pages need, and what they share.

use std::sync::{Arc, Mutex};

use tokio::sync::Semaphore;
use zeef_proto::policy::{Policy, PolicyKey, SignedPolicy};
use zeef_proto::{Clock, UnixTime};

use super::failure::Failure;
use super::throttle::Throttle;
use super::visit::SignedIn;
use crate::config::SecondFactor;
use crate::enrolment::Invitations;
use crate::index::LiveIndex;
use crate::openid::Provider;
use crate::requests::Rules;
use crate::retention::Lags;
use crate::store::Store;
use crate::store::ledger::{Look, LookedAt};
use crate::store::people::Session;

/// Passwords that are hashed at the same time: each takes 19 MiB and a core.
const HASHING: usize = 2;

/// What the pages need from the program around them.
#[derive(Clone)]
pub struct WebState {
    /// Where everything is kept.
    pub store: Arc<dyn Store>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// `https://` or `http://` and the host by which people reach the pages, without a path.
    pub public_url: String,
    /// The key that published policies are signed with.
    pub policy_key: PolicyKey,
    /// How requests of people are handled.
    pub requests: Rules,
    /// Whether people may do without a second factor.
    pub second_factor: SecondFactor,
    /// The identity provider, if people may sign in at one; it sends them back to [`super::PROVIDER_ANSWER`].
    pub provider: Option<Arc<Provider>>,
    /// How late deletion may be.
    pub lags: Lags,
    /// What enrolment tokens are made with.
    pub invitations: Invitations,
}

/// The state that all handlers share.
pub(crate) struct App {
    pub(crate) store: Arc<dyn Store>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) public_url: String,
    pub(crate) index: LiveIndex,
    pub(super) throttle: Mutex<Throttle>,
    pub(super) hashing: Arc<Semaphore>,
    pub(super) requests: Rules,
    pub(super) provider: Option<Arc<Provider>>,
    second_factor: SecondFactor,
    pub(super) lags: Lags,
    /// One at a time goes through the whole ledger.
    pub(super) checking: Semaphore,
    pub(crate) invitations: Invitations,
    policy_key: PolicyKey,
    policy: Mutex<Option<Arc<Published>>>,
}

/// A published version of the policy, read.
pub(super) struct Version {
    pub(super) policy: Policy,
    /// SHA-256 of its text, in hexadecimal.
    pub(super) hash: String,
    pub(super) published_at: UnixTime,
}

/// The published policy, read.
pub(crate) struct Published {
    pub(crate) signed: SignedPolicy,
    pub(crate) policy: Policy,
}

impl App {
    pub(super) fn new(state: WebState) -> Self {
        Self {
            index: LiveIndex::new(Arc::clone(&state.store)),
            store: state.store,
            clock: state.clock,
            public_url: state.public_url,
            throttle: Mutex::default(),
            hashing: Arc::new(Semaphore::new(HASHING)),
            requests: state.requests,
            provider: state.provider,
            second_factor: state.second_factor,
            lags: state.lags,
            checking: Semaphore::new(1),
            invitations: state.invitations,
            policy_key: state.policy_key,
            policy: Mutex::default(),
        }
    }

    pub(crate) fn now(&self) -> UnixTime {
        self.clock.now()
    }

    /// Whether browsers reach the pages over TLS.
    pub(crate) fn secure(&self) -> bool {
        self.public_url.starts_with("https://")
    }

    /// Whether a session's person must set up a second factor first. What a provider asked for is the provider's matter.
    pub(super) fn lacks_second_factor(&self, session: &Session) -> bool {
        self.second_factor == SecondFactor::Required && !session.second_factor && !session.by_provider
    }

    /// Notes that a person is about to see something. Once this is durable the page may be answered, and not before.
    pub(super) async fn note_look(&self, person: &SignedIn, at: LookedAt) -> Result<(), Failure> {
        let by = person.actor();
        Ok(self.store.record_look(Look { by, at }, self.now()).await?)
    }

    /// All published versions of the policy, verified, the newest first.
    pub(super) async fn versions(&self) -> Result<Vec<Version>, Failure> {
        let published = self.store.policies().await?;
        let read = published.into_iter().map(|one| {
            Ok(Version {
                policy: one.signed.verify(&self.policy_key).map_err(Failure::Policy)?,
                hash: one.signed.hash(),
                published_at: one.published_at,
            })
        });
        read.collect()
    }

    /// The published policy, verified; read anew only when it changed.
    pub(crate) async fn policy(&self) -> Result<Option<Arc<Published>>, Failure> {
        let Some(signed) = self.store.policy().await? else {
            return Ok(None);
        };
        let mut held = self
            .policy
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(held) = held.as_ref().filter(|held| held.signed == signed) {
            return Ok(Some(Arc::clone(held)));
        }
        let policy = signed.verify(&self.policy_key).map_err(Failure::Policy)?;
        let published = Arc::new(Published { signed, policy });
        *held = Some(Arc::clone(&published));
        Ok(Some(published))
    }
}
