//! Recovery: a device whose certificate lapsed while it was off proves its old key and gets a new certificate,
//! without a technician. A revoked one does not.

use bytes::Bytes;
use data_encoding::BASE64URL_NOPAD;
use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use zeef_proto::wire::{ProblemCode, RecoveryChallenge, RecoveryRequest, recovery_message};
use zeef_proto::{Logged, UnixTime};

use super::Ingest;
use super::answer::{Answer, Refused, check_standing, check_wire, json};
use super::renewal::read_key;
use crate::operations::CertificateKind;
use crate::pki::{DeviceIdentity, IssuingAuthority, PkiError};

impl Ingest {
    pub(super) fn challenge(&self, now: UnixTime) -> Answer {
        Ok(json(&RecoveryChallenge {
            nonce: self.challenges.issue(now),
        }))
    }

    pub(super) async fn recover(&self, body: &Bytes, now: UnixTime) -> Answer {
        let request = RecoveryRequest::read(body)?;
        check_wire(request.wire)?;
        if !self.challenges.is_fresh(&request.nonce, now) {
            return Err(Refused::because(
                ProblemCode::RecoveryRefused,
                "the challenge is too old; ask for a new one",
            ));
        }
        let identity = prove(&self.authority, &request)?;
        let key = read_key(&request.request)?;
        let (organisation, device) = (identity.organisation, identity.device);
        check_standing(self.store.standing(organisation, device).await?)?;
        let reply = self
            .certify(&key, organisation, device, CertificateKind::Recovery, now)
            .await?;
        tracing::info!(
            organisation = %Logged(&organisation),
            device = %Logged(&device),
            "a device recovered its lapsed certificate"
        );
        Ok(json(&reply))
    }
}

/// Whose old key signed the request. The old certificate's dates do not count: that they have passed is the point.
fn prove(authority: &IssuingAuthority, request: &RecoveryRequest) -> Result<DeviceIdentity, PkiError> {
    let decode = |text: &str| {
        BASE64URL_NOPAD
            .decode(text.as_bytes())
            .map_err(|_| PkiError::Foreign)
    };
    let old = authority.recognise(&decode(&request.certificate)?)?;
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, &old.public_key)
        .verify(
            &recovery_message(&request.nonce, &request.request),
            &decode(&request.signature)?,
        )
        .map_err(|_| PkiError::Foreign)?;
    Ok(old.identity)
}
