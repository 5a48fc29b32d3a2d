//! What operators watch: metrics, liveness and readiness, on a listener of their own.

mod health;
mod metrics;
mod server;

pub use health::Health;
pub use metrics::{CertificateKind, Handshake, Metrics, ReportResult};
pub use server::serve;
