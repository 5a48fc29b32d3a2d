//! Starting and stopping.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinSet;
use zeef_proto::time::DAY;
use zeef_proto::{Clock, Logged, UnixTime};

use super::pages;
use crate::config::Config;
use crate::enrolment::Invitations;
use crate::ingest::{self, Ingest, Port};
use crate::installation::{self, OpenError};
use crate::net::{self, BindError, Stopper};
use crate::openid::{Provider, ProviderError};
use crate::operations::{self, Health, Metrics};
use crate::pki::{IssuingAuthority, PkiError};
use crate::retention::{Purges, Watch};
use crate::store::{Store, StoreError};
use crate::web::{self, WebState};

/// Requests in progress at a stop have that long.
const DRAIN: Duration = Duration::from_secs(10);

/// And what is committed after them that long: what is cut off was not acknowledged, and is sent again.
pub const CLOSE: Duration = Duration::from_secs(2);

/// An issuing authority that ends within this time is announced at every start.
const WARN_BEFORE_END: i64 = 180 * DAY;

/// Why the collector did not start. Nothing runs then.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The installation cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The server's certificate cannot be made.
    #[error(transparent)]
    Certificate(#[from] PkiError),
    /// The pages' own certificate cannot be used.
    #[error("{path} is not a PEM file with the certificate chain, or the private key, for the pages; check web.certificate and web.key", path = .0.display())]
    WebCertificate(PathBuf),
    /// The identity provider's files cannot be used.
    #[error(transparent)]
    Provider(#[from] ProviderError),
    /// A port cannot be listened on.
    #[error(transparent)]
    Bind(#[from] BindError),
}

/// A collector that runs.
pub struct Collector {
    /// Where agents connect.
    pub agents: SocketAddr,
    /// Where the pages are.
    pub web: SocketAddr,
    /// Where metrics and health are.
    pub operations: SocketAddr,
    /// The store, for what is done in the same process.
    pub store: Arc<dyn Store>,
    stopper: Stopper,
    tasks: JoinSet<()>,
}

impl Collector {
    /// Starts everything that the configuration names.
    ///
    /// # Errors
    /// [`StartError`].
    pub async fn start(config: &Config, clock: Arc<dyn Clock>) -> Result<Self, StartError> {
        let agents = net::bind("agents", config.agents.listen).await?;
        let web = net::bind("web", config.web.listen).await?;
        let operations = net::bind("operations", config.operations).await?;
        let web_tls = config.web.tls.as_ref().map(pages::acceptor).transpose()?;
        let files = config.files.clone();
        let opened = tokio::task::spawn_blocking(move || installation::store(&files)).await;
        let store: Arc<dyn Store> = Arc::new(opened.map_err(|_| OpenError::from(StoreError::Stopping))??);
        let authority = Arc::new(installation::authority(&config.files)?);
        warn_of_end(&authority, clock.now());
        let secret = store.shared_secret().await.map_err(OpenError::from)?;

        let (stopper, stop) = Stopper::new();
        let metrics = Arc::new(Metrics::new());
        let watch = Arc::new(Watch::new(config.lags));
        let health = Arc::new(Health::new(
            Arc::clone(&store),
            Arc::clone(&clock),
            Arc::clone(&metrics),
            Arc::clone(&watch),
            stop.clone(),
            config.purge_interval,
        ));
        let ingest = Ingest::new(
            Arc::clone(&store),
            Arc::clone(&clock),
            Arc::clone(&authority),
            Arc::clone(&metrics),
            Arc::clone(&watch),
            &secret,
            &config.agents,
        );
        let tls = ingest::server_config(&authority, config.agents.names.clone(), secret, &clock)?;
        let provider = match config.web.openid.clone() {
            Some(openid) => {
                let redirect = format!("{}{}", config.web.public_url, web::PROVIDER_ANSWER);
                Some(Arc::new(Provider::new(openid, redirect)?))
            }
            None => None,
        };
        let router = web::router(WebState {
            store: Arc::clone(&store),
            clock: Arc::clone(&clock),
            public_url: config.web.public_url.clone(),
            policy_key: config.policy_key,
            requests: config.requests,
            second_factor: config.web.second_factor,
            provider,
            lags: config.lags,
            invitations: Invitations::new(config, &authority),
        });
        let mut started = Self {
            agents: address_of(&agents, config.agents.listen),
            web: address_of(&web, config.web.listen),
            operations: address_of(&operations, config.operations),
            store: Arc::clone(&store),
            stopper,
            tasks: JoinSet::new(),
        };
        let tasks = &mut started.tasks;
        tasks.spawn(Port::new(ingest, tls, &config.agents).serve(agents, stop.clone()));
        tasks.spawn(pages::serve(
            router,
            config.web.behind_proxy,
            web_tls,
            web,
            stop.clone(),
        ));
        tasks.spawn(operations::serve(health, operations, stop.clone()));
        let purges = Purges {
            store,
            clock,
            metrics,
            watch,
        };
        tasks.spawn(purges.run(config.purge_interval, stop));
        Ok(started)
    }

    /// Stops accepting, lets requests in progress end within ten seconds, and closes the store, which first commits
    /// all that it took on. A server that does not answer is not waited for any longer than [`CLOSE`].
    pub async fn stop(self) {
        let Self {
            store,
            stopper,
            mut tasks,
            ..
        } = self;
        stopper.stop();
        let all_ended = async { while tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(DRAIN, all_ended).await.is_err() {
            tracing::warn!("some requests did not end in time and were cut off");
        }
        let closed = tokio::task::spawn_blocking(move || drop(store));
        if tokio::time::timeout(CLOSE, closed).await.is_err() {
            tracing::warn!("the database does not answer; what it did not confirm was not acknowledged");
        }
    }
}

fn address_of(listener: &TcpListener, configured: SocketAddr) -> SocketAddr {
    listener.local_addr().unwrap_or(configured)
}

fn warn_of_end(authority: &IssuingAuthority, now: UnixTime) {
    let end = authority.validity().not_after;
    if end.since(now) < WARN_BEFORE_END {
        tracing::warn!(ends = %Logged(&end), "the issuing authority ends soon; run `zeef-collector authority renew`");
    }
}
