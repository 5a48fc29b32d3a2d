//! Requests to the collector, each bounded in time and size.

use std::sync::Arc;

use reqwest::{Client, Method, Response, StatusCode};
use zeef_proto::Clock;
use zeef_proto::policy::SignedPolicy;
use zeef_proto::wire::{
    EnrolmentReply, EnrolmentRequest, MyData, Problem, ProblemCode, RecordsReply, RecoveryChallenge,
    RecoveryRequest, RenewalReply, RenewalRequest, ReportReply, path,
};

use super::client::client;
use super::tls::{self, Trust};
use super::{CollectorUrl, ExchangeError, ProxyUrl};
use crate::state::SecretKey;

/// Largest answer that is read; a policy's text is by far the largest that there is.
const MOST_BYTES: usize = 512 * 1024;

/// What the device proves itself with.
#[derive(Debug)]
pub struct Credentials {
    /// Its certificate and the issuing one (DER).
    pub chain: Vec<Vec<u8>>,
    /// The certificate's key.
    pub key: SecretKey,
}

/// A client for a few requests in a row; dropped after them, so that nothing is held while the agent waits.
#[derive(Debug)]
pub struct Connection {
    client: Client,
    url: CollectorUrl,
}

impl Connection {
    /// Prepares a connection; nothing is sent yet.
    ///
    /// # Errors
    /// [`ExchangeError::Credentials`] where key, certificate or root cannot be used.
    pub fn new(
        url: &CollectorUrl,
        proxy: Option<&ProxyUrl>,
        trust: Trust,
        credentials: Option<&Credentials>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, ExchangeError> {
        let tls = tls::configuration(trust, credentials, clock)?;
        Ok(Self {
            client: client(tls, proxy)?,
            url: url.clone(),
        })
    }

    /// Asks for a certificate.
    ///
    /// # Errors
    /// Any [`ExchangeError`], as for all requests.
    pub async fn enrol(&self, request: &EnrolmentRequest) -> Result<EnrolmentReply, ExchangeError> {
        let answer = self.post(path::ENROLMENT, encode(request)).await?;
        EnrolmentReply::read(&answer).map_err(|_| ExchangeError::Nonsense(200))
    }

    /// Sends the exact bytes of a report.
    ///
    /// # Errors
    /// Any [`ExchangeError`].
    pub async fn report(&self, body: &str) -> Result<ReportReply, ExchangeError> {
        let answer = self.post(path::REPORT, body.as_bytes().to_vec()).await?;
        decode(&answer)
    }

    /// Sends the exact bytes of a batch of records.
    ///
    /// # Errors
    /// Any [`ExchangeError`].
    pub async fn records(&self, body: &[u8]) -> Result<RecordsReply, ExchangeError> {
        decode(&self.post(path::RECORDS, body.to_vec()).await?)
    }

    /// Asks for the successor of the certificate.
    ///
    /// # Errors
    /// Any [`ExchangeError`].
    pub async fn renew(&self, request: &RenewalRequest) -> Result<RenewalReply, ExchangeError> {
        let answer = self.post(path::RENEWAL, encode(request)).await?;
        RenewalReply::read(&answer).map_err(|_| ExchangeError::Nonsense(200))
    }

    /// Asks for a value to sign.
    ///
    /// # Errors
    /// Any [`ExchangeError`].
    pub async fn challenge(&self) -> Result<RecoveryChallenge, ExchangeError> {
        let answer = self.exchange(Method::GET, path::RECOVERY, None).await?;
        RecoveryChallenge::read(&answer).map_err(|_| ExchangeError::Nonsense(200))
    }

    /// Asks for a new certificate by proof of the lapsed one's key.
    ///
    /// # Errors
    /// Any [`ExchangeError`].
    pub async fn recover(&self, request: &RecoveryRequest) -> Result<RenewalReply, ExchangeError> {
        let answer = self.post(path::RECOVERY, encode(request)).await?;
        RenewalReply::read(&answer).map_err(|_| ExchangeError::Nonsense(200))
    }

    /// Fetches the policy that the collector publishes.
    ///
    /// # Errors
    /// Any [`ExchangeError`].
    pub async fn policy(&self) -> Result<SignedPolicy, ExchangeError> {
        decode(&self.exchange(Method::GET, path::POLICY, None).await?)
    }

    /// Asks what is held of this device.
    ///
    /// # Errors
    /// Any [`ExchangeError`].
    pub async fn my_data(&self) -> Result<MyData, ExchangeError> {
        decode(&self.exchange(Method::GET, path::MY_DATA, None).await?)
    }

    /// Leaves: the collector deletes what it holds of this device.
    ///
    /// # Errors
    /// Any [`ExchangeError`].
    pub async fn leave(&self) -> Result<(), ExchangeError> {
        self.exchange(Method::DELETE, path::DEVICE, None).await.map(drop)
    }

    async fn post(&self, path: &str, body: Vec<u8>) -> Result<Vec<u8>, ExchangeError> {
        self.exchange(Method::POST, path, Some(body)).await
    }

    async fn exchange(
        &self,
        method: Method,
        path: &str,
        body: Option<Vec<u8>>,
    ) -> Result<Vec<u8>, ExchangeError> {
        let mut request = self.client.request(method, self.url.at(path));
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body);
        }
        let response = request.send().await.map_err(|error| ExchangeError::of(&error))?;
        let (status, retry_after) = (response.status(), retry_after(&response));
        let body = read_bounded(response).await?;
        if status.is_success() {
            Ok(body)
        } else {
            Err(refusal(status, retry_after, &body))
        }
    }
}

async fn read_bounded(mut response: Response) -> Result<Vec<u8>, ExchangeError> {
    let mut body = Vec::new();
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|error| ExchangeError::of(&error))?
    {
        if body.len() + chunk.len() > MOST_BYTES {
            return Err(ExchangeError::Nonsense(response.status().as_u16()));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Seconds only: the form with a date would need the very clock that may be off.
pub(crate) fn retry_after(response: &Response) -> Option<u32> {
    response
        .headers()
        .get("retry-after")?
        .to_str()
        .ok()?
        .trim()
        .parse()
        .ok()
}

/// A problem of the contract, or what stands for it where something in between answers.
fn refusal(status: StatusCode, retry_after: Option<u32>, body: &[u8]) -> ExchangeError {
    let code = match serde_json::from_slice::<Problem>(body) {
        Ok(problem) => problem.code,
        Err(_) if status == StatusCode::TOO_MANY_REQUESTS => ProblemCode::TooManyRequests,
        Err(_) if status.is_server_error() => ProblemCode::Unavailable,
        Err(_) => return ExchangeError::Nonsense(status.as_u16()),
    };
    ExchangeError::Refused { code, retry_after }
}

fn encode<T: serde::Serialize>(message: &T) -> Vec<u8> {
    // Strings and numbers always serialise; an empty body would be refused.
    serde_json::to_vec(message).unwrap_or_default()
}

fn decode<T: serde::de::DeserializeOwned>(answer: &[u8]) -> Result<T, ExchangeError> {
    serde_json::from_slice(answer).map_err(|_| ExchangeError::Nonsense(200))
}
