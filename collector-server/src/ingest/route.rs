//! Which request goes where, and what is asked of the one who sends it.

use bytes::Bytes;
use http::{Method, Request, Response};
use hyper::body::Body as HttpBody;
use zeef_proto::wire::{ProblemCode, path};
use zeef_proto::{Logged, UnixTime};

use super::answer::{Answer, Refused, check_standing, json, nothing};
use super::limits::Newcomer;
use super::peer::Peer;
use super::{Ingest, body};
use crate::ledger::Actor;
use crate::net::Body;
use crate::pki::DeviceIdentity;
use crate::retention::Lateness;
use crate::store::StoreError;

/// Deletion that is days late is mended by an administrator.
const RETRY_DELETION: u32 = 600;

/// Who asks, as its certificate says.
#[derive(Clone, Copy)]
pub(super) enum Client {
    /// No certificate.
    Anonymous,
    /// A certificate of ours that names no device.
    Unknown,
    /// A device.
    Device(DeviceIdentity),
}

impl Client {
    /// The device. A connection, and a session that was resumed, can outlive the certificate that it began with.
    fn identity(self, now: UnixTime) -> Result<DeviceIdentity, Refused> {
        match self {
            Self::Device(identity) if identity.validity.holds_at(now) => Ok(identity),
            Self::Device(_) => Err(Refused::because(
                ProblemCode::CertificateRequired,
                "the certificate has lapsed; recover it",
            )
            .and_close()),
            Self::Unknown => Err(Refused::new(ProblemCode::CertificateUnknown).and_close()),
            Self::Anonymous => Err(Refused::new(ProblemCode::CertificateRequired).and_close()),
        }
    }
}

impl Ingest {
    /// Answers one request, whatever it is.
    pub(super) async fn answer<B>(&self, client: Client, peer: &Peer, request: Request<B>) -> Response<Body>
    where
        B: HttpBody<Data = Bytes> + Unpin,
    {
        match self.handle(client, peer, request).await {
            Ok(response) => response,
            Err(refused) => {
                self.metrics.refused(refused.code);
                if let Client::Device(identity) = client {
                    tracing::debug!(
                        code = %Logged(&refused.code),
                        organisation = %Logged(&identity.organisation),
                        device = %Logged(&identity.device),
                        "a request was refused"
                    );
                } else {
                    tracing::debug!(code = %Logged(&refused.code), "a request without a device was refused");
                }
                refused.into_response()
            }
        }
    }

    async fn handle<B>(&self, client: Client, peer: &Peer, request: Request<B>) -> Answer
    where
        B: HttpBody<Data = Bytes> + Unpin,
    {
        let now = self.clock.now();
        let (head, body) = request.into_parts();
        if head.method == Method::POST {
            self.check_deletion(now)?;
        }
        let body = body::read(body, self.body_timeout);
        match (head.uri.path(), &head.method) {
            (path::ENROLMENT, &Method::POST) => {
                self.limits.newcomer(Newcomer::Enrolment, peer.address, now)?;
                self.enrol(&body.await?, now).await
            }
            (path::RECOVERY, &Method::GET) => {
                self.limits.newcomer(Newcomer::Recovery, peer.address, now)?;
                self.challenge(now)
            }
            (path::RECOVERY, &Method::POST) => {
                self.limits.newcomer(Newcomer::Recovery, peer.address, now)?;
                self.recover(&body.await?, now).await
            }
            (path::ENROLMENT | path::RECOVERY, _) => Err(Refused::new(ProblemCode::MethodNotAllowed)),
            (path, method) => {
                let identity = client.identity(now)?;
                self.limits.device(identity.device, now)?;
                match (path, method) {
                    (path::REPORT, &Method::POST) => self.report(identity, peer, body.await?, now).await,
                    (path::RECORDS, &Method::POST) => self.records(identity, body.await?, now).await,
                    (path::RENEWAL, &Method::POST) => self.renew(identity, &body.await?, now).await,
                    (path::POLICY, &Method::GET) => self.policy(identity).await,
                    (path::DEVICE, &Method::DELETE) => self.leave(identity, now).await,
                    (path::REPORT | path::RECORDS | path::RENEWAL | path::POLICY | path::DEVICE, _) => {
                        Err(Refused::new(ProblemCode::MethodNotAllowed))
                    }
                    _ => Err(Refused::new(ProblemCode::NotFound)),
                }
            }
        }
    }

    /// Nothing is taken in by a collector that does not get rid of what has expired. What asks for no more than the
    /// policy, or to be deleted, is answered.
    fn check_deletion(&self, now: UnixTime) -> Result<(), Refused> {
        if self.retention.lateness(now) == Lateness::Stopped {
            return Err(Refused::new(ProblemCode::Unavailable).retry_after(RETRY_DELETION));
        }
        Ok(())
    }

    async fn policy(&self, identity: DeviceIdentity) -> Answer {
        check_standing(
            self.store
                .standing(identity.organisation, identity.device)
                .await?,
        )?;
        let policy = self.store.policy().await?;
        policy.map_or(Err(Refused::new(ProblemCode::NotFound)), |policy| {
            Ok(json(&policy))
        })
    }

    /// The device leaves: all that is held of it is deleted, unless a legal hold keeps it.
    async fn leave(&self, identity: DeviceIdentity, now: UnixTime) -> Answer {
        let (organisation, device) = (identity.organisation, identity.device);
        check_standing(self.store.standing(organisation, device).await?)?;
        match self
            .store
            .end_device(organisation, device, Actor::Device, now)
            .await
        {
            // Kept, and heard no more: the device has wiped itself.
            Err(StoreError::OnHold) => {
                self.store
                    .revoke_device(organisation, device, Actor::Device, now)
                    .await?
            }
            ended => ended?,
        };
        tracing::info!(organisation = %Logged(&organisation), device = %Logged(&device), "a device left");
        Ok(nothing())
    }
}
