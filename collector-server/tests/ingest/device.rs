//! A device as the collector sees one: a key, a certificate, reports.

use std::io;
use std::sync::Arc;

use data_encoding::BASE64URL_NOPAD;
use rcgen::{CertificateParams, KeyPair};
use rustls::ClientConfig;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use serde_json::{Value, json};
use zeef_proto::field::{DeviceName, Parse, PrivateIp, Username};
use zeef_proto::wire::{EnrolmentReply, RecoveryChallenge, RenewalReply, Report, path, recovery_message};
use zeef_proto::{DeviceId, OrganisationId};

use crate::client::{Client, Response};
use crate::harness::Harness;

pub(crate) struct Device {
    pub(crate) organisation: OrganisationId,
    pub(crate) id: DeviceId,
    pub(crate) key: KeyPair,
    pub(crate) chain: Vec<CertificateDer<'static>>,
}

impl Device {
    /// Enrols with a new key.
    pub(crate) async fn enrolled(harness: &Harness, secret: &[u8]) -> Self {
        let key = KeyPair::generate().unwrap();
        let response = harness
            .anonymous()
            .await
            .post(path::ENROLMENT, &enrolment(secret, &key))
            .await
            .unwrap();
        let reply: EnrolmentReply = response.read();
        Self {
            organisation: reply.organisation,
            id: reply.device,
            chain: chain(&reply.certificate),
            key,
        }
    }

    pub(crate) fn config(&self, harness: &Harness) -> Arc<ClientConfig> {
        let key = PrivatePkcs8KeyDer::from(self.key.serialize_der()).into();
        harness.trust.with_certificate(self.chain.clone(), key)
    }

    pub(crate) async fn connect(&self, harness: &Harness) -> io::Result<Client> {
        Client::connect(harness.collector.agents, &self.config(harness)).await
    }

    /// Connects and asks for the policy, so that a refusal which comes after the handshake is seen as well.
    pub(crate) async fn is_let_in(&self, harness: &Harness) -> bool {
        match self.connect(harness).await {
            Ok(mut client) => client
                .get(path::POLICY)
                .await
                .is_ok_and(|response| response.status == 200),
            Err(_) => false,
        }
    }

    /// The body of a renewal for `key`.
    pub(crate) fn renewal(key: &KeyPair) -> Vec<u8> {
        json!({ "wire": 1, "request": request(key) })
            .to_string()
            .into_bytes()
    }

    /// Recovers with a proof by `prover`, and a certificate that `of` was given.
    pub(crate) async fn recovery(harness: &Harness, of: &Self, prover: &KeyPair, next: &KeyPair) -> Response {
        let mut client = harness.anonymous().await;
        let challenge: RecoveryChallenge = client.get(path::RECOVERY).await.unwrap().read();
        let body = recovery(&challenge.nonce, of, prover, next);
        client.post(path::RECOVERY, &body).await.unwrap()
    }
}

pub(crate) fn recovery(nonce: &str, of: &Device, prover: &KeyPair, next: &KeyPair) -> Vec<u8> {
    let request = request(next);
    let signature = rcgen::SigningKey::sign(prover, &recovery_message(nonce, &request)).unwrap();
    json!({
        "wire": 1,
        "certificate": BASE64URL_NOPAD.encode(&of.chain[0]),
        "nonce": nonce,
        "request": request,
        "signature": BASE64URL_NOPAD.encode(&signature),
    })
    .to_string()
    .into_bytes()
}

pub(crate) fn chain(reply: &RenewalReply) -> Vec<CertificateDer<'static>> {
    reply
        .chain
        .iter()
        .map(|text| BASE64URL_NOPAD.decode(text.as_bytes()).unwrap().into())
        .collect()
}

/// A certification request with a subject that nobody asked for.
pub(crate) fn request(key: &KeyPair) -> String {
    let params = CertificateParams::new(["somebody.example".to_owned()]).unwrap();
    BASE64URL_NOPAD.encode(params.serialize_request(key).unwrap().der())
}

pub(crate) fn enrolment(secret: &[u8], key: &KeyPair) -> Vec<u8> {
    enrolment_value(secret, key).to_string().into_bytes()
}

pub(crate) fn enrolment_value(secret: &[u8], key: &KeyPair) -> Value {
    json!({
        "wire": 1,
        "agent": "0.1.0",
        "platform": "linux",
        "secret": BASE64URL_NOPAD.encode(secret),
        "request": request(key),
    })
}

/// A batch of that number, of records as they stand on the wire.
pub(crate) fn batch(sequence: u64, records: &[&str]) -> Vec<u8> {
    let records = records.join(",");
    format!(r#"{{"wire":1,"sequence":{sequence},"policy":1,"agent":"0.1.0","records":[{records}]}}"#)
        .into_bytes()
}

/// A heartbeat of that number.
pub(crate) fn heartbeat(sequence: u64) -> Report {
    Report {
        wire: 1,
        sequence,
        policy: 1,
        agent: "0.1.0".parse().unwrap(),
        device_name: None,
        usernames: None,
        private_ips: None,
        mac_addresses: None,
    }
}

/// A report with all fields.
pub(crate) fn full(sequence: u64) -> Report {
    Report {
        device_name: Some(DeviceName::parse("lap-17").unwrap()),
        usernames: Some(vec![Username::parse("j.jansen").unwrap()]),
        private_ips: Some(vec![PrivateIp::parse("10.0.3.17").unwrap()]),
        mac_addresses: Some(vec![Parse::parse("00:1a:2b:3c:4d:5e").unwrap()]),
        ..heartbeat(sequence)
    }
}
