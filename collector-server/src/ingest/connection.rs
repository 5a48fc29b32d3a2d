//! One connection: admission, PROXY header, handshake, requests.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::Response;
use hyper::service::service_fn;
use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use zeef_proto::wire::ProblemCode;

use super::Ingest;
use super::answer::Refused;
use super::peer::Peer;
use super::route::Client;
use crate::config::{AddressRange, Agents};
use crate::net::{self, Body, Share, Shares, Slots, Stop};
use crate::operations::{Handshake, Metrics};
use crate::pki::DeviceIdentity;

/// Connections beyond the bound that are told so; those beyond these are closed unheard.
const TOLD_BUSY: usize = 64;
const RETRY_BUSY: u32 = 10;

/// The agents' port.
pub struct Port {
    ingest: Arc<Ingest>,
    tls: TlsAcceptor,
    proxies: Vec<AddressRange>,
    handshake_timeout: Duration,
    request_timeout: Duration,
    slots: Slots,
    busy_slots: Slots,
    shares: Arc<Shares>,
}

/// A connection whose handshake is done.
struct Begun {
    stream: TlsStream<TcpStream>,
    client: Client,
    peer: Peer,
    share: Share,
}

impl Port {
    /// The port over the service.
    #[must_use]
    pub fn new(ingest: Ingest, tls: Arc<ServerConfig>, config: &Agents) -> Arc<Self> {
        Arc::new(Self {
            ingest: Arc::new(ingest),
            tls: tls.into(),
            proxies: config.proxies.clone(),
            handshake_timeout: config.handshake_timeout,
            request_timeout: config.request_timeout,
            slots: Slots::new(config.max_connections),
            busy_slots: Slots::new(TOLD_BUSY),
            shares: Shares::new(config.max_connections_per_address),
        })
    }

    /// Serves until the stop, then until the last request is answered.
    pub async fn serve(self: Arc<Self>, listener: TcpListener, stop: Stop) {
        net::accept(listener, stop.clone(), |stream, address| {
            let (place, busy) = match self.slots.take() {
                Some(place) => (place, false),
                None => match self.busy_slots.take() {
                    Some(place) => (place, true),
                    None => return self.metrics().turned_away(),
                },
            };
            let (port, stop) = (Arc::clone(&self), stop.clone());
            tokio::spawn(async move {
                port.metrics().connected();
                port.connection(stream, address, busy, stop).await;
                port.metrics().disconnected();
                drop(place);
            });
        })
        .await;
        self.slots.all_free().await;
        self.busy_slots.all_free().await;
    }

    fn metrics(&self) -> &Metrics {
        &self.ingest.metrics
    }

    async fn connection(&self, stream: TcpStream, address: SocketAddr, busy: bool, mut stop: Stop) {
        let begin = tokio::time::timeout(self.handshake_timeout, self.begin(stream, address));
        let begun = tokio::select! {
            begun = begin => begun,
            () = stop.requested() => return,
        };
        match begun {
            Ok(Some(begun)) => self.requests(begun, busy, stop).await,
            Ok(None) => {}
            Err(_) => self.metrics().handshake(Handshake::TimedOut),
        }
    }

    async fn begin(&self, mut stream: TcpStream, address: SocketAddr) -> Option<Begun> {
        // Only latency is lost where the system refuses.
        drop(stream.set_nodelay(true));
        let Ok(peer) = Peer::find(&mut stream, address.ip(), &self.proxies).await else {
            self.metrics().turned_away();
            return None;
        };
        let Some(share) = self.shares.take(peer.address) else {
            self.metrics().turned_away();
            return None;
        };
        match self.tls.accept(stream).await {
            Ok(stream) => {
                let client = client_of(&stream);
                self.metrics().handshake(match client {
                    Client::Anonymous => Handshake::Anonymous,
                    Client::Unknown | Client::Device(_) => Handshake::Identified,
                });
                Some(Begun {
                    stream,
                    client,
                    peer,
                    share,
                })
            }
            Err(error) => {
                self.metrics().handshake(failure_of(&error));
                None
            }
        }
    }

    async fn requests(&self, begun: Begun, busy: bool, stop: Stop) {
        let Begun {
            stream,
            client,
            peer,
            share,
        } = begun;
        let (ingest, peer) = (&self.ingest, &peer);
        let service = service_fn(|request| async move {
            Ok::<Response<Body>, Infallible>(if busy {
                ingest.metrics.refused(ProblemCode::Unavailable);
                Refused::new(ProblemCode::Unavailable)
                    .retry_after(RETRY_BUSY)
                    .and_close()
                    .into_response()
            } else {
                ingest.answer(client, peer, request).await
            })
        });
        // How an agent's connection ended is of no interest: it will come back.
        drop(net::serve(stream, service, self.request_timeout, stop).await);
        drop(share);
    }
}

fn client_of(stream: &TlsStream<TcpStream>) -> Client {
    let certificates = stream.get_ref().1.peer_certificates();
    match certificates.and_then(|chain| chain.first()) {
        None => Client::Anonymous,
        Some(leaf) => DeviceIdentity::from_der(leaf).map_or(Client::Unknown, Client::Device),
    }
}

fn failure_of(error: &std::io::Error) -> Handshake {
    let tls = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match tls {
        Some(rustls::Error::InvalidCertificate(_)) => Handshake::CertificateRefused,
        _ => Handshake::Failed,
    }
}
