//! How a device's certificate is got, renewed and recovered.

use std::sync::{Arc, Mutex};

use data_encoding::BASE64URL_NOPAD;
use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use zeef_agent::clock::SystemClock;
use zeef_agent::enrol::{connect, enrol, new_key, recover, renew};
use zeef_agent::state::{Cause, Der, Enrolment, Identity, Place};
use zeef_agent::transport::ExchangeError;
use zeef_proto::policy::PolicyKey;
use zeef_proto::wire::{
    EnrolmentReply, EnrolmentRequest, EnrolmentToken, ProblemCode, RecoveryChallenge, RecoveryRequest,
    RenewalRequest, recovery_message,
};
use zeef_proto::{Clock, DeviceId, OrganisationId};

use crate::authority::{Authority, Validity, public_key};
use crate::server::{Answer, Request, Server};
use crate::transport::block_on;

/// Gives certificates to whoever asks in the right way.
struct Issuer {
    authority: Authority,
    /// Of the certificates that it gives at enrolment.
    validity: Validity,
    keys: Mutex<Vec<Vec<u8>>>,
}

impl Issuer {
    fn start(validity: Validity) -> (Server, Arc<Self>) {
        let issuer = Arc::new(Self {
            authority: Authority::new(),
            validity,
            keys: Mutex::default(),
        });
        let identity = issuer.authority.server("localhost", Validity::Now);
        let answering = issuer.clone();
        let server = Server::start(&issuer.authority, identity, move |request| {
            answering.answer(request)
        });
        (server, issuer)
    }

    fn answer(&self, request: &Request) -> Answer {
        let now = SystemClock.now();
        let renewed = |request: &str| {
            self.keys.lock().unwrap().push(public_key(request));
            Answer::json(&self.authority.device(request, now))
        };
        match request.line.as_str() {
            "POST /v1/enrolment" => {
                let message = EnrolmentRequest::read(&request.body).unwrap();
                self.keys.lock().unwrap().push(public_key(&message.request));
                Answer::json(&EnrolmentReply {
                    organisation: OrganisationId::from_random([1; 16]),
                    device: DeviceId::from_random([2; 16]),
                    certificate: self.authority.device_within(&message.request, now, self.validity),
                    products: Vec::new(),
                    policy: serde_json::from_str("{\"document\":\"\",\"signature\":\"\"}").unwrap(),
                })
            }
            "POST /v1/renewal" if request.certified => {
                renewed(&RenewalRequest::read(&request.body).unwrap().request)
            }
            "GET /v1/recovery" => Answer::json(&RecoveryChallenge {
                nonce: "bm9uY2U".into(),
            }),
            "POST /v1/recovery" if !request.certified => {
                let message = RecoveryRequest::read(&request.body).unwrap();
                let old = self.keys.lock().unwrap()[0].clone();
                let proof = BASE64URL_NOPAD.decode(message.signature.as_bytes()).unwrap();
                let signed = recovery_message("bm9uY2U", &message.request);
                match UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, old).verify(&signed, &proof) {
                    Ok(()) => renewed(&message.request),
                    Err(_) => Answer::problem(ProblemCode::RecoveryRefused),
                }
            }
            _ => Answer::problem(ProblemCode::CertificateRequired),
        }
    }

    fn place(&self, server: &Server) -> Place {
        Place {
            url: server.url().parse().unwrap(),
            proxy: None,
            token: EnrolmentToken {
                secret: [1; 32],
                root_fingerprint: self.authority.fingerprint(),
                policy_key: PolicyKey::from_bytes([3; 32]),
            },
        }
    }

    fn enrolled(&self, server: &Server) -> Identity {
        let enrolment = Enrolment {
            place: self.place(server),
            key: new_key(),
            cause: Cause::Asked,
            copies: 0,
        };
        let clock = Arc::new(SystemClock);
        let enrolled = block_on(enrol(&enrolment, clock)).unwrap();
        Identity {
            place: enrolment.place,
            root: enrolled.root,
            organisation: enrolled.reply.organisation,
            device: enrolled.reply.device,
            key: enrolment.key,
            certificate: enrolled.reply.certificate,
            enrolled_at: SystemClock.now(),
            copies: 0,
            machine: None,
        }
    }
}

#[test]
fn a_certificate_is_renewed_for_a_new_key_by_proof_of_the_old_one() {
    let (server, issuer) = Issuer::start(Validity::Now);
    let identity = issuer.enrolled(&server);
    let renewed = block_on(renew(&identity, Arc::new(SystemClock))).unwrap();
    assert!(renewed.key != identity.key);
    let keys = issuer.keys.lock().unwrap();
    assert_eq!(keys.len(), 2);
    assert_ne!(keys[0], keys[1]);
}

#[test]
fn a_lapsed_certificate_is_told_as_such_and_recovered_by_its_key() {
    let (server, issuer) = Issuer::start(Validity::Past);
    let identity = issuer.enrolled(&server);
    assert_eq!(
        block_on(renew(&identity, Arc::new(SystemClock))).err(),
        Some(ExchangeError::CertificateLapsed)
    );
    assert!(block_on(recover(&identity, Arc::new(SystemClock))).is_ok());
}

#[test]
fn a_recovery_without_the_old_key_is_refused() {
    let (server, issuer) = Issuer::start(Validity::Past);
    let mut identity = issuer.enrolled(&server);
    identity.key = new_key();
    let error = block_on(recover(&identity, Arc::new(SystemClock))).err();
    assert!(matches!(
        error,
        Some(ExchangeError::Refused {
            code: ProblemCode::RecoveryRefused,
            ..
        })
    ));
}

#[test]
fn a_certificate_of_another_authority_is_refused_in_the_handshake() {
    let (server, issuer) = Issuer::start(Validity::Now);
    let (other_server, other) = Issuer::start(Validity::Now);
    let mut identity = other.enrolled(&other_server);
    identity.place = issuer.place(&server);
    identity.root = Der(issuer.authority.root());
    let connection = connect(&identity, Arc::new(SystemClock)).unwrap();
    assert_eq!(
        block_on(connection.report("{}")).err(),
        Some(ExchangeError::CertificateRefused)
    );
    assert!(server.requests().is_empty());
}

#[test]
fn a_certificate_for_another_key_is_not_relied_on() {
    let authority = Arc::new(Authority::new());
    let stranger = {
        let (server, issuer) = Issuer::start(Validity::Now);
        issuer.enrolled(&server).certificate
    };
    let identity = authority.server("localhost", Validity::Now);
    let server = Server::start(&authority, identity, move |_| {
        Answer::json(&EnrolmentReply {
            organisation: OrganisationId::from_random([1; 16]),
            device: DeviceId::from_random([2; 16]),
            certificate: stranger.clone(),
            products: Vec::new(),
            policy: serde_json::from_str("{\"document\":\"\",\"signature\":\"\"}").unwrap(),
        })
    });
    let enrolment = Enrolment {
        place: Place {
            url: server.url().parse().unwrap(),
            proxy: None,
            token: EnrolmentToken {
                secret: [1; 32],
                root_fingerprint: authority.fingerprint(),
                policy_key: PolicyKey::from_bytes([3; 32]),
            },
        },
        key: new_key(),
        cause: Cause::Asked,
        copies: 0,
    };
    assert_eq!(
        block_on(enrol(&enrolment, Arc::new(SystemClock))).err(),
        Some(ExchangeError::Nonsense(200))
    );
}
