//! The certificate that the agents' port shows. It lives in memory and is made anew at half-life.

use std::ops::Range;
use std::sync::{Arc, PoisonError, RwLock};

use rustls::crypto::ring::sign::any_ecdsa_type;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use zeef_proto::time::HOUR;
use zeef_proto::{Clock, Logged, UnixTime};

use crate::pki::{IssuingAuthority, PkiError};

/// Hands out the present certificate.
pub(super) struct ServerCertificates {
    authority: Arc<IssuingAuthority>,
    names: Vec<String>,
    clock: Arc<dyn Clock>,
    present: RwLock<Present>,
}

struct Present {
    key: Arc<CertifiedKey>,
    /// When it is handed out without a thought. Before it the clock was set back, and agents, whose clocks were right
    /// all along, would find it not valid yet; after it half of its life has passed.
    shown: Range<UnixTime>,
}

impl ServerCertificates {
    pub(super) fn new(
        authority: Arc<IssuingAuthority>,
        names: Vec<String>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, PkiError> {
        let present = RwLock::new(make(&authority, &names, clock.now())?);
        Ok(Self {
            authority,
            names,
            clock,
            present,
        })
    }

    fn present(&self) -> Arc<CertifiedKey> {
        let now = self.clock.now();
        let present = self.present.read().unwrap_or_else(PoisonError::into_inner);
        if present.shown.contains(&now) {
            return Arc::clone(&present.key);
        }
        drop(present);
        let mut present = self.present.write().unwrap_or_else(PoisonError::into_inner);
        if !present.shown.contains(&now) {
            match make(&self.authority, &self.names, now) {
                Ok(next) => *present = next,
                Err(error) => {
                    // The present one still holds for half of its life: no hurry.
                    present.shown = now..now.plus(HOUR);
                    tracing::error!(reason = %Logged(&error), "the server certificate could not be renewed; it is tried again in an hour");
                }
            }
        }
        Arc::clone(&present.key)
    }
}

fn make(authority: &IssuingAuthority, names: &[String], now: UnixTime) -> Result<Present, PkiError> {
    let made = authority.certify_server(names, now)?;
    let key = any_ecdsa_type(&made.key).map_err(|_| PkiError::Failed)?;
    Ok(Present {
        key: Arc::new(CertifiedKey::new(made.chain, key)),
        shown: made.validity.not_before..made.validity.half_life(),
    })
}

impl ResolvesServerCert for ServerCertificates {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.present())
    }
}

impl std::fmt::Debug for ServerCertificates {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ServerCertificates")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use zeef_proto::time::DAY;

    use super::*;
    use crate::pki::Root;

    #[derive(Default)]
    struct Hand(AtomicI64);

    impl Clock for Hand {
        fn now(&self) -> UnixTime {
            UnixTime(self.0.load(Ordering::Relaxed))
        }
    }

    fn certificates(clock: &Arc<Hand>) -> ServerCertificates {
        let (root, pem) = Root::create(clock.now()).unwrap();
        let issuing = root.certify_issuing(clock.now()).unwrap();
        let authority =
            IssuingAuthority::from_pem(&pem.certificate, &issuing.certificate, &issuing.key).unwrap();
        let names = vec!["collector.example".to_owned()];
        ServerCertificates::new(Arc::new(authority), names, clock.clone()).unwrap()
    }

    #[test]
    fn a_clock_that_was_ahead_and_is_set_right_leaves_no_certificate_of_the_future() {
        let clock = Arc::new(Hand(AtomicI64::new(1_772_357_400)));
        let certificates = certificates(&clock);
        clock.0.fetch_add(60 * DAY, Ordering::Relaxed);
        let ahead = certificates.present();
        clock.0.fetch_add(-60 * DAY, Ordering::Relaxed);
        let right = certificates.present();
        assert_ne!(ahead.cert[0], right.cert[0]);
        assert!(Arc::ptr_eq(&right, &certificates.present()));
    }

    #[test]
    fn the_certificate_stays_until_half_of_its_life_has_passed_and_is_then_made_anew() {
        let clock = Arc::new(Hand(AtomicI64::new(1_772_357_400)));
        let certificates = certificates(&clock);
        let first = certificates.present();
        clock.0.fetch_add(44 * DAY, Ordering::Relaxed);
        assert!(Arc::ptr_eq(&first, &certificates.present()));
        clock.0.fetch_add(2 * DAY, Ordering::Relaxed);
        let second = certificates.present();
        assert_ne!(first.cert[0], second.cert[0]);
        assert_eq!(first.cert[1..], second.cert[1..]);
        // The authority lapses: the last certificate stays, and nothing panics.
        clock.0.fetch_add(800 * DAY, Ordering::Relaxed);
        assert!(Arc::ptr_eq(&second, &certificates.present()));
    }
}
