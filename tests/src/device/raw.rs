//! A device that is enrolled and says what it is told to.

use data_encoding::BASE64URL_NOPAD;
use http::Method;
use zeef_proto::wire::{
    EnrolmentReply, EnrolmentRequest, EnrolmentToken, Platform, ReportReply, VERSION, path,
};
use zeef_proto::{DeviceId, OrganisationId};

use super::{Answer, Broken, Connection, Contact, DeviceKey, Dial, Fields, Identity};

/// An enrolled device.
pub struct RawDevice {
    /// Its organisation.
    pub organisation: OrganisationId,
    /// Its id.
    pub id: DeviceId,
    /// Its key and certificate.
    pub identity: Identity,
    /// How it connects.
    pub dial: Dial,
    contact: Contact,
    kept: Option<Connection>,
}

impl RawDevice {
    /// Enrols with a new key.
    ///
    /// # Panics
    /// If it is refused.
    pub async fn enrol(contact: &Contact, token: &str) -> Self {
        let key = DeviceKey::generate();
        let dial = Dial::new(contact, None);
        let answer = Self::try_enrol(&dial, token, &key).await.expect("an answer");
        assert_eq!(answer.status, 200, "{answer:?}");
        Self::from_reply(contact, key, &answer.json())
    }

    /// Asks for a certificate.
    ///
    /// # Errors
    /// [`Broken`].
    ///
    /// # Panics
    /// If `token` is none.
    pub async fn try_enrol(dial: &Dial, token: &str, key: &DeviceKey) -> Result<Answer, Broken> {
        let body = Self::enrolment(&token.parse().expect("a token"), key);
        dial.connect()
            .await?
            .ask(Method::POST, path::ENROLMENT, body)
            .await
    }

    /// What asks for a certificate.
    ///
    /// # Panics
    /// Never with a sound key.
    #[must_use]
    pub fn enrolment(token: &EnrolmentToken, key: &DeviceKey) -> Vec<u8> {
        let request = EnrolmentRequest {
            wire: VERSION,
            agent: "0.1.0".parse().expect("a version"),
            platform: Platform::Linux,
            secret: BASE64URL_NOPAD.encode(&token.secret),
            request: key.request(),
        };
        serde_json::to_vec(&request).expect("a request serialises")
    }

    /// The device that a reply makes of a key.
    #[must_use]
    pub fn from_reply(contact: &Contact, key: DeviceKey, reply: &EnrolmentReply) -> Self {
        let identity = Identity::issued(key, &reply.certificate);
        Self {
            organisation: reply.organisation,
            id: reply.device,
            dial: Dial::new(contact, Some(&identity)),
            identity,
            contact: contact.clone(),
            kept: None,
        }
    }

    /// Uses another identity from the next connection on.
    pub fn take_identity(&mut self, identity: Identity) {
        self.dial = Dial::new(&self.contact, Some(&identity));
        self.identity = identity;
        self.kept = None;
    }

    /// Sends a request on the kept connection, or on a new one that is kept then.
    ///
    /// # Errors
    /// [`Broken`]; the connection is not kept then.
    pub async fn ask(&mut self, method: Method, path: &str, body: Vec<u8>) -> Result<Answer, Broken> {
        let mut connection = match self.kept.take().filter(|kept| !kept.is_closed()) {
            Some(kept) => kept,
            None => self.dial.connect().await?,
        };
        let answer = connection.ask(method, path, body).await?;
        if answer.header("connection") != "close" {
            self.kept = Some(connection);
        }
        Ok(answer)
    }

    /// Sends the bytes of a report.
    ///
    /// # Errors
    /// [`Broken`].
    pub async fn send(&mut self, body: Vec<u8>) -> Result<Answer, Broken> {
        self.ask(Method::POST, path::REPORT, body).await
    }

    /// Sends a report that must be acknowledged.
    ///
    /// # Panics
    /// If it is not.
    pub async fn report(&mut self, sequence: u64, fields: &Fields) -> ReportReply {
        let answer = self.send(fields.report(sequence)).await.expect("an answer");
        assert_eq!(answer.status, 200, "{}", answer.text());
        let reply: ReportReply = answer.json();
        assert_eq!(reply.acknowledged, sequence);
        reply
    }

    /// Ends the kept connection.
    pub fn hang_up(&mut self) {
        self.kept = None;
    }
}
