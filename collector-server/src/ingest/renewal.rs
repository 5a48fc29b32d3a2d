//! Renewal, and the issuing of certificates that enrolment and recovery share.

use bytes::Bytes;
use data_encoding::BASE64URL_NOPAD;
use zeef_proto::wire::{RenewalReply, RenewalRequest};
use zeef_proto::{DeviceId, OrganisationId, UnixTime};

use super::Ingest;
use super::answer::{Answer, Refused, check_standing, check_wire, json};
use crate::operations::CertificateKind;
use crate::pki::{DeviceIdentity, DeviceKey, PkiError};
use crate::store::records::IssuedCertificate;

impl Ingest {
    pub(super) async fn renew(&self, identity: DeviceIdentity, body: &Bytes, now: UnixTime) -> Answer {
        let request = RenewalRequest::read(body)?;
        check_wire(request.wire)?;
        let key = read_key(&request.request)?;
        let (organisation, device) = (identity.organisation, identity.device);
        check_standing(self.store.standing(organisation, device).await?)?;
        let reply = self
            .certify(&key, organisation, device, CertificateKind::Renewal, now)
            .await?;
        Ok(json(&reply))
    }

    /// Issues a certificate and notes it. The former one holds until it lapses, so that no device is locked out
    /// by a reply that it did not receive.
    pub(super) async fn certify(
        &self,
        key: &DeviceKey,
        organisation: OrganisationId,
        device: DeviceId,
        kind: CertificateKind,
        now: UnixTime,
    ) -> Result<RenewalReply, Refused> {
        let issued = self.authority.certify_device(key, organisation, device, now)?;
        let noted = IssuedCertificate {
            serial: issued.serial,
            not_before: issued.validity.not_before,
            not_after: issued.validity.not_after,
        };
        self.store.record_certificate(organisation, device, noted).await?;
        self.metrics.certified(kind);
        Ok(RenewalReply {
            chain: issued
                .chain
                .iter()
                .map(|der| BASE64URL_NOPAD.encode(der))
                .collect(),
            renew_after: issued.validity.half_life(),
            not_after: issued.validity.not_after,
        })
    }
}

/// The key in a certification request as it stands in a message.
pub(super) fn read_key(request: &str) -> Result<DeviceKey, PkiError> {
    let der = BASE64URL_NOPAD
        .decode(request.as_bytes())
        .map_err(|_| PkiError::Request)?;
    DeviceKey::from_request(&der)
}
