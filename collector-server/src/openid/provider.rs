//! What is asked of an identity provider over HTTP, bounded in time and size.

use std::time::Duration;

use data_encoding::{BASE64, BASE64URL_NOPAD};
use reqwest::{Client, RequestBuilder, StatusCode, header, redirect};
use ring::digest::{SHA256, digest};
use serde::Deserialize;
use tokio::sync::Mutex;
use zeef_proto::UnixTime;
use zeef_proto::time::HOUR;
use zeroize::Zeroizing;

use super::metadata::{self, Metadata};
use super::{Claims, Expected, Keys, TokenError};
use crate::config::OpenId;
use crate::net::trust;
use crate::random;

const PATIENCE: Duration = Duration::from_secs(10);
/// The largest answer that is read, in bytes.
const MOST: usize = 256 * 1024;
/// How long what the provider says of itself is believed, in seconds.
const FRESH: i64 = HOUR;
/// And how soon it is asked anew for a key that it did not name, in seconds.
const FRESH_KEYS: i64 = 60;

/// Why the provider could not be asked, or is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// No certificate authority to know it by.
    #[error("the certificate authority of web.openid cannot be read; check web.openid.certificate_authority")]
    Trust,
    /// No password for it.
    #[error(
        "the password of the identity provider's client cannot be read; check web.openid.client_secret_file"
    )]
    Secret,
    /// No answer.
    #[error("the identity provider does not answer; check web.openid.issuer and the network")]
    Unreachable,
    /// An answer that is not one.
    #[error("the identity provider's answer is not what OpenID Connect asks for; check web.openid.issuer")]
    Answer,
    /// It does not give a token for the code.
    #[error("the identity provider refused the code; check web.openid.client_id and client_secret_file")]
    Refused,
    /// Its token is not believed.
    #[error(transparent)]
    Token(#[from] TokenError),
}

zeef_proto::log_safe_by_display!(ProviderError);

/// What a sign-in sends to the provider, and its answer must fit.
pub struct Question {
    /// Comes back with the answer.
    pub state: String,
    /// Comes back in the token.
    pub nonce: String,
    /// Proves to the provider that whoever brings the code is who asked (RFC 7636).
    pub verifier: String,
}

/// What a browser brings back.
#[derive(Deserialize)]
pub struct Answered {
    /// To be changed for a token.
    #[serde(default)]
    pub code: String,
    /// That of the question.
    #[serde(default)]
    pub state: String,
    /// The provider's own name (RFC 9207).
    pub iss: Option<String>,
}

/// An identity provider.
pub struct Provider {
    config: OpenId,
    secret: Option<Zeroizing<String>>,
    redirect: String,
    client: Client,
    known: Mutex<Option<Known>>,
}

#[derive(Clone)]
struct Known {
    metadata: Metadata,
    keys: Keys,
    read_at: UnixTime,
}

impl Question {
    /// One that nobody can guess.
    #[must_use]
    pub fn new() -> Self {
        let text = || BASE64URL_NOPAD.encode(&random::bytes::<32>());
        Self {
            state: text(),
            nonce: text(),
            verifier: text(),
        }
    }

    fn challenge(&self) -> String {
        BASE64URL_NOPAD.encode(digest(&SHA256, self.verifier.as_bytes()).as_ref())
    }
}

impl Default for Question {
    fn default() -> Self {
        Self::new()
    }
}

impl Provider {
    /// Asks nothing yet. `redirect` is where the provider sends browsers back to.
    ///
    /// # Errors
    /// [`ProviderError::Trust`] and [`ProviderError::Secret`].
    pub fn new(config: OpenId, redirect: String) -> Result<Self, ProviderError> {
        let secret = match &config.client_secret_file {
            Some(path) => {
                let text = std::fs::read_to_string(path).map_err(|_| ProviderError::Secret)?;
                Some(Zeroizing::new(Zeroizing::new(text).trim().to_owned()))
            }
            None => None,
        };
        let tls = trust::client(config.certificate_authority.as_deref()).map_err(|_| ProviderError::Trust)?;
        let client = Client::builder()
            .tls_backend_preconfigured(tls)
            .http1_only()
            .redirect(redirect::Policy::none())
            .no_proxy()
            .timeout(PATIENCE)
            .build()
            .map_err(|_| ProviderError::Trust)?;
        Ok(Self {
            config,
            secret,
            redirect,
            client,
            known: Mutex::default(),
        })
    }

    /// What was configured.
    pub const fn config(&self) -> &OpenId {
        &self.config
    }

    /// Where a browser is sent to with a question.
    ///
    /// # Errors
    /// [`ProviderError`].
    pub async fn address(&self, question: &Question, now: UnixTime) -> Result<String, ProviderError> {
        let endpoint = self.known(now, FRESH).await?.metadata.authorization_endpoint;
        let query = encoded(&[
            ("response_type", "code"),
            ("scope", "openid profile email"),
            ("client_id", &self.config.client_id),
            ("redirect_uri", &self.redirect),
            ("state", &question.state),
            ("nonce", &question.nonce),
            ("code_challenge", &question.challenge()),
            ("code_challenge_method", "S256"),
        ]);
        let joint = if endpoint.contains('?') { '&' } else { '?' };
        Ok(format!("{endpoint}{joint}{query}"))
    }

    /// Changes the code for a token, and reads what that says.
    ///
    /// # Errors
    /// [`ProviderError`].
    pub async fn claims(
        &self,
        code: &str,
        question: &Question,
        now: UnixTime,
    ) -> Result<Claims, ProviderError> {
        let token = self.token(code, question, now).await?;
        let expected = Expected {
            issuer: &self.config.issuer,
            client: &self.config.client_id,
            nonce: &question.nonce,
        };
        let keys = self.known(now, FRESH).await?.keys;
        match Claims::read(&token, &keys, &expected, now) {
            // It may have a new key since it was asked.
            Err(TokenError::UnknownKey) => {
                let keys = self.known(now, FRESH_KEYS).await?.keys;
                Ok(Claims::read(&token, &keys, &expected, now)?)
            }
            read => Ok(read?),
        }
    }

    async fn token(
        &self,
        code: &str,
        question: &Question,
        now: UnixTime,
    ) -> Result<Zeroizing<String>, ProviderError> {
        #[derive(Deserialize)]
        struct Tokens {
            id_token: String,
        }
        let endpoint = self.known(now, FRESH).await?.metadata.token_endpoint;
        let fields = encoded(&[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &self.redirect),
            ("client_id", &self.config.client_id),
            ("code_verifier", &question.verifier),
        ]);
        let request = self
            .client
            .post(endpoint)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(fields);
        let request = match &self.secret {
            Some(secret) => request.header(header::AUTHORIZATION, self.proof(secret)),
            None => request,
        };
        let (status, body) = read(request).await?;
        if status.is_client_error() {
            return Err(ProviderError::Refused);
        }
        let tokens: Tokens = serde_json::from_slice(&body).map_err(|_| ProviderError::Answer)?;
        Ok(Zeroizing::new(tokens.id_token))
    }

    /// The client's own password (RFC 6749, section 2.3.1: encoded before it is encoded).
    fn proof(&self, secret: &str) -> String {
        let pair = Zeroizing::new(format!("{}:{}", escaped(&self.config.client_id), escaped(secret)));
        format!("Basic {}", BASE64.encode(pair.as_bytes()))
    }

    /// What the provider says of itself, read anew where that was longer ago.
    async fn known(&self, now: UnixTime, fresh: i64) -> Result<Known, ProviderError> {
        let mut held = self.known.lock().await;
        if let Some(known) = held.as_ref().filter(|known| now.since(known.read_at) < fresh) {
            return Ok(known.clone());
        }
        let issuer = &self.config.issuer;
        let document = self.get(&metadata::address(issuer)).await?;
        let metadata = Metadata::read(&document, issuer).ok_or(ProviderError::Answer)?;
        let keys = self.get(&metadata.jwks_uri).await?;
        let known = Known {
            keys: Keys::read(&keys).map_err(|_| ProviderError::Answer)?,
            metadata,
            read_at: now,
        };
        *held = Some(known.clone());
        Ok(known)
    }

    async fn get(&self, address: &str) -> Result<Vec<u8>, ProviderError> {
        match read(self.client.get(address)).await? {
            (StatusCode::OK, body) => Ok(body),
            _ => Err(ProviderError::Answer),
        }
    }
}

async fn read(request: RequestBuilder) -> Result<(StatusCode, Vec<u8>), ProviderError> {
    let unreachable = |_| ProviderError::Unreachable;
    let mut answer = request
        .header(header::ACCEPT, "application/json")
        .send()
        .await
        .map_err(unreachable)?;
    let mut body = Vec::new();
    while let Some(piece) = answer.chunk().await.map_err(unreachable)? {
        if body.len() + piece.len() > MOST {
            return Err(ProviderError::Answer);
        }
        body.extend_from_slice(&piece);
    }
    if answer.status().is_server_error() {
        return Err(ProviderError::Unreachable);
    }
    Ok((answer.status(), body))
}

fn encoded(fields: &[(&str, &str)]) -> String {
    let pairs: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{name}={}", escaped(value)))
        .collect();
    pairs.join("&")
}

/// Escapes all but what is never special in an address or a form (RFC 3986, section 2.3).
pub(crate) fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_that_of_the_standard() {
        // RFC 7636, appendix B.
        let question = Question {
            verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".to_owned(),
            ..Question::new()
        };
        assert_eq!(
            question.challenge(),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }

    #[test]
    fn what_is_special_is_escaped() {
        assert_eq!(escaped("a b&c=ü~"), "a%20b%26c%3D%C3%BC~");
    }
}
