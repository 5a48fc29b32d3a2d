//! A certificate that the collector gave, before this device relies on it.

use data_encoding::BASE64URL_NOPAD;
use zeef_proto::UnixTime;
use zeef_proto::wire::RenewalReply;

use super::exchange::credentials;
use crate::state::SecretKey;
use crate::transport::ExchangeError;

/// Most certificates of a chain.
const MOST: usize = 4;

/// Refuses a certificate with which this device could not go on: for another key, of no use any more, or of no form.
///
/// # Errors
/// [`ExchangeError::Nonsense`].
pub fn check_certificate(
    certificate: &RenewalReply,
    key: &SecretKey,
    now: UnixTime,
) -> Result<(), ExchangeError> {
    let nonsense = ExchangeError::Nonsense(200);
    let in_order = certificate.renew_after <= certificate.not_after && now < certificate.not_after;
    if !in_order || !(1..=MOST).contains(&certificate.chain.len()) {
        return Err(nonsense);
    }
    let credentials = credentials(certificate, key).map_err(|_| nonsense.clone())?;
    let leaf = credentials.chain.into_iter().next().ok_or(nonsense.clone())?;
    let key = rustls::pki_types::PrivatePkcs8KeyDer::from(key.expose());
    let signer = rustls::crypto::ring::sign::any_ecdsa_type(&key.into()).map_err(|_| nonsense.clone())?;
    rustls::sign::CertifiedKey::new(vec![leaf.into()], signer)
        .keys_match()
        .map_err(|_| nonsense)
}

/// The chain's certificates in DER.
pub(super) fn decode_chain(certificate: &RenewalReply) -> Result<Vec<Vec<u8>>, ExchangeError> {
    certificate
        .chain
        .iter()
        .map(|der| BASE64URL_NOPAD.decode(der.as_bytes()))
        .collect::<Result<_, _>>()
        .map_err(|_| ExchangeError::Credentials)
}
