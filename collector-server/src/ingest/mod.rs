//! The agents' port: TLS 1.3 with client certificates, one connection task each, closed messages in, problems out.
//!
//! Who asks is read from the certificate once per connection; whether it may is decided at every request.

mod answer;
mod body;
mod challenge;
mod connection;
mod enrolment;
mod limits;
mod my_data;
mod peer;
mod records;
mod recovery;
mod renewal;
mod report;
mod route;
mod server_certificate;
mod tickets;
mod tls;

use std::sync::Arc;

use zeef_proto::Clock;

pub use connection::Port;
pub use tls::server_config;

use crate::config::Agents;
use crate::operations::Metrics;
use crate::pki::IssuingAuthority;
use crate::retention::Watch;
use crate::seal::SharedSecret;
use crate::store::Store;
use challenge::Challenges;
use limits::RateLimits;

/// What all connections share.
pub struct Ingest {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    authority: Arc<IssuingAuthority>,
    metrics: Arc<Metrics>,
    retention: Arc<Watch>,
    limits: RateLimits,
    challenges: Challenges,
    body_timeout: std::time::Duration,
}

impl Ingest {
    /// The service over a store.
    #[must_use]
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        authority: Arc<IssuingAuthority>,
        metrics: Arc<Metrics>,
        retention: Arc<Watch>,
        secret: &SharedSecret,
        config: &Agents,
    ) -> Self {
        Self {
            store,
            clock,
            authority,
            metrics,
            retention,
            limits: RateLimits::new(config.limits),
            challenges: Challenges::new(secret),
            body_timeout: config.request_timeout,
        }
    }
}
