//! The one kind of HTTP client: bounded in time, over TLS alone, and going nowhere but where it is sent.

use std::time::Duration;

use reqwest::{Client, redirect};
use rustls::ClientConfig;

use super::{ExchangeError, ProxyUrl};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const EXCHANGE_TIMEOUT: Duration = Duration::from_secs(30);

/// A client for a few requests in a row; to be dropped after them, so that nothing is held while the agent waits.
pub(crate) fn client(tls: ClientConfig, proxy: Option<&ProxyUrl>) -> Result<Client, ExchangeError> {
    let builder = Client::builder()
        .tls_backend_preconfigured(tls)
        .user_agent(concat!("zeef-agent/", env!("CARGO_PKG_VERSION")))
        .http1_only()
        .https_only(true)
        .redirect(redirect::Policy::none())
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(EXCHANGE_TIMEOUT)
        .pool_max_idle_per_host(1);
    let builder = match proxy {
        Some(proxy) => {
            builder.proxy(reqwest::Proxy::all(proxy.url().clone()).map_err(|_| ExchangeError::Proxy)?)
        }
        // Never one from the environment: what is used is what was configured.
        None => builder.no_proxy(),
    };
    builder.build().map_err(|_| ExchangeError::Credentials)
}
