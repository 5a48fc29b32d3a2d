//! Enrolment: a token's secret and a proven key buy a certificate.

use bytes::Bytes;
use data_encoding::BASE64URL_NOPAD;
use ring::digest::{SHA256, digest};
use zeef_proto::wire::{EnrolmentReply, EnrolmentRequest, ProblemCode};
use zeef_proto::{DeviceId, Logged, UnixTime};

use super::Ingest;
use super::answer::{Answer, Refused, check_wire, json};
use super::renewal::read_key;
use crate::operations::CertificateKind;
use crate::random;
use crate::store::records::Enrolment;

/// Without a policy nothing can be enrolled; an administrator is likely at work.
const RETRY_POLICY: u32 = 60;

impl Ingest {
    pub(super) async fn enrol(&self, body: &Bytes, now: UnixTime) -> Answer {
        let request = EnrolmentRequest::read(body)?;
        check_wire(request.wire)?;
        let key = read_key(&request.request)?;
        // A secret of the wrong form is unknown like any other.
        let secret = BASE64URL_NOPAD
            .decode(request.secret.as_bytes())
            .unwrap_or_default();
        let policy = self.store.policy().await?.ok_or_else(|| {
            tracing::error!(
                "no device can enrol before a policy is published: run `zeef-collector policy publish`"
            );
            Refused::new(ProblemCode::Unavailable).retry_after(RETRY_POLICY)
        })?;
        let mut secret_hash = [0; 32];
        secret_hash.copy_from_slice(digest(&SHA256, &secret).as_ref());
        let enrolled = self
            .store
            .enrol(Enrolment {
                secret_hash,
                key_hash: key.hash(),
                device: DeviceId::from_random(random::bytes()),
                platform: request.platform,
                agent: request.agent,
                now,
            })
            .await?
            .ok_or(Refused::new(ProblemCode::TokenRefused))?;
        // The same key gets the same device, so that a failure from here on is mended by asking again.
        let certificate = self
            .certify(
                &key,
                enrolled.organisation,
                enrolled.device,
                CertificateKind::Enrolment,
                now,
            )
            .await?;
        self.metrics.enrolled();
        tracing::info!(
            organisation = %Logged(&enrolled.organisation),
            device = %Logged(&enrolled.device),
            "a device enrolled"
        );
        Ok(json(&EnrolmentReply {
            organisation: enrolled.organisation,
            device: enrolled.device,
            certificate,
            products: enrolled.products,
            policy,
        }))
    }
}
