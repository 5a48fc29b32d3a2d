//! The exchanges that end in a certificate. They change nothing here: what they bring is adopted by the caller.

use std::sync::Arc;

use data_encoding::BASE64URL_NOPAD;
use zeef_proto::Clock;
use zeef_proto::wire::{
    EnrolmentReply, EnrolmentRequest, RecoveryRequest, RenewalReply, RenewalRequest, VERSION,
    recovery_message,
};

use super::certificate::{check_certificate, decode_chain};
use super::key::{certification_request, new_key, sign};
use crate::platform;
use crate::report;
use crate::state::{Der, Enrolment, Identity, SecretKey};
use crate::transport::{Connection, Credentials, Distrust, ExchangeError, Trust};

/// What an enrolment brought.
#[derive(Debug)]
pub struct Enrolled {
    /// The root that the token named.
    pub root: Der,
    /// The collector's reply.
    pub reply: EnrolmentReply,
}

/// A certificate and the key that it is for.
#[derive(Debug)]
pub struct Renewed {
    /// The new key.
    pub key: SecretKey,
    /// Its certificate.
    pub certificate: RenewalReply,
}

/// Asks for a certificate with the token. The server is verified by the token's fingerprint before the token's
/// secret is sent.
///
/// # Errors
/// Any [`ExchangeError`].
pub async fn enrol(enrolment: &Enrolment, clock: Arc<dyn Clock>) -> Result<Enrolled, ExchangeError> {
    let place = &enrolment.place;
    let (trust, verifier) = Trust::by_fingerprint(place.token.root_fingerprint);
    let now = clock.now();
    let connection = Connection::new(&place.url, place.proxy.as_ref(), trust, None, clock)?;
    let request = EnrolmentRequest {
        wire: VERSION,
        agent: report::version(),
        platform: platform::PLATFORM,
        secret: BASE64URL_NOPAD.encode(&place.token.secret),
        request: certification_request(&enrolment.key)?,
    };
    let reply = connection.enrol(&request).await?;
    check_certificate(&reply.certificate, &enrolment.key, now)?;
    let root = verifier.root().ok_or(Distrust::Root)?;
    Ok(Enrolled {
        root: Der(root.to_vec()),
        reply,
    })
}

/// Asks for the successor of a certificate that is still valid, for a new key.
///
/// # Errors
/// Any [`ExchangeError`].
pub async fn renew(identity: &Identity, clock: Arc<dyn Clock>) -> Result<Renewed, ExchangeError> {
    let key = new_key();
    let request = RenewalRequest {
        wire: VERSION,
        request: certification_request(&key)?,
    };
    let now = clock.now();
    let certificate = connect(identity, clock)?.renew(&request).await?;
    check_certificate(&certificate, &key, now)?;
    Ok(Renewed { key, certificate })
}

/// Asks for a certificate in place of one that lapsed while this device was off.
///
/// # Errors
/// Any [`ExchangeError`].
pub async fn recover(identity: &Identity, clock: Arc<dyn Clock>) -> Result<Renewed, ExchangeError> {
    let key = new_key();
    let place = &identity.place;
    let trust = Trust::Root(identity.root.0.clone());
    let now = clock.now();
    let connection = Connection::new(&place.url, place.proxy.as_ref(), trust, None, clock)?;
    let nonce = connection.challenge().await?.nonce;
    let request = certification_request(&key)?;
    let certificate = connection
        .recover(&RecoveryRequest {
            wire: VERSION,
            certificate: identity.certificate.chain.first().cloned().unwrap_or_default(),
            signature: sign(&identity.key, &recovery_message(&nonce, &request))?,
            nonce,
            request,
        })
        .await?;
    check_certificate(&certificate, &key, now)?;
    Ok(Renewed { key, certificate })
}

/// A connection on which this device proves who it is.
///
/// # Errors
/// [`ExchangeError::Credentials`].
pub fn connect(identity: &Identity, clock: Arc<dyn Clock>) -> Result<Connection, ExchangeError> {
    let place = &identity.place;
    Connection::new(
        &place.url,
        place.proxy.as_ref(),
        Trust::Root(identity.root.0.clone()),
        Some(&credentials(&identity.certificate, &identity.key)?),
        clock,
    )
}

/// What this device proves itself with.
///
/// # Errors
/// [`ExchangeError::Credentials`] where the certificate is of no form.
pub fn credentials(certificate: &RenewalReply, key: &SecretKey) -> Result<Credentials, ExchangeError> {
    Ok(Credentials {
        chain: decode_chain(certificate)?,
        key: key.clone(),
    })
}
