//! The requests of one round, each bounded in time and size. What is received is wiped.

use std::sync::Arc;

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::{Client, RequestBuilder, Response, StatusCode, Url};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use zeef_proto::Clock;
use zeroize::{Zeroize, Zeroizing};

use super::pick::access_token;
use super::settings::{Access, Grant, Settings, Trust};
use super::{Broken, Failure, TokenFile, token};
use crate::sieve::definition::HeaderName;
use crate::transport::{ExchangeError, VendorTrust, client, retry_after, vendor_configuration};

/// The largest page that is read. Pages of 250 records have a few hundred kilobytes.
const MOST_BYTES: usize = 8 << 20;

/// A connection with leave to ask.
pub(super) struct Session {
    client: Client,
    leave: Leave,
}

/// What is shown to the server. Printed nowhere.
enum Leave {
    Header(HeaderName, HeaderValue),
    Bearer {
        grant: Grant,
        key: Zeroizing<String>,
        secret: Zeroizing<String>,
        bought: Option<HeaderValue>,
    },
}

impl Session {
    /// Reads the token and prepares the connection; nothing is sent yet.
    pub(super) fn open(settings: &Settings, clock: Arc<dyn Clock>) -> Result<Self, Failure> {
        let leave = match &settings.access {
            Access::Header(name) => {
                const WHAT: &str = "one token";
                let [token] = token::read(&settings.token_file, WHAT)?;
                let value = sensitive(&token).ok_or(TokenFile::Form(WHAT))?;
                Leave::Header(name.clone(), value)
            }
            Access::Bearer(grant) => {
                let [key, secret] = token::read(&settings.token_file, "a key and its secret")?;
                Leave::Bearer {
                    grant: grant.clone(),
                    key,
                    secret,
                    bought: None,
                }
            }
        };
        let trust = match &settings.trust {
            Trust::System => VendorTrust::System,
            Trust::Roots(file) => VendorTrust::Roots(roots(file)?),
            Trust::Pinned(fingerprint) => VendorTrust::Pinned(fingerprint.0),
        };
        // What can fail here is finding a root that the system believes.
        let tls = vendor_configuration(trust, clock).map_err(|_| Failure::Distrusted)?;
        let client = client(tls, settings.proxy.as_ref())?;
        Ok(Self { client, leave })
    }

    /// Buys a bearer token, where one is needed.
    pub(super) async fn buy_bearer(&mut self) -> Result<(), Failure> {
        let Leave::Bearer {
            grant,
            key,
            secret,
            bought,
        } = &mut self.leave
        else {
            return Ok(());
        };
        // Each byte may become three, so that it need not grow and leave a copy behind.
        let mut form = Zeroizing::new(String::with_capacity(64 + 3 * (key.len() + secret.len())));
        form.push_str("grant_type=password&username=");
        encode(&mut form, key);
        form.push_str("&password=");
        encode(&mut form, secret);
        let request = self
            .client
            .post(grant.url.clone())
            .basic_auth(&grant.client, Some(&grant.client_password))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form.as_bytes().to_vec());
        let answer = match exchange(request).await {
            // RFC 6749, section 5.2: what is wrong with the secret is told by this status.
            Err(Failure::Broken(Broken::Status(400))) => Err(Failure::Refused(400)),
            answer => answer,
        }?;
        let token = access_token(&answer)?;
        let bearer = Zeroizing::new(format!("Bearer {}", token.as_str()));
        *bought = Some(sensitive(&bearer).ok_or(Broken::NotJson)?);
        Ok(())
    }

    /// Fetches one page, whole.
    pub(super) async fn fetch(&self, url: Url) -> Result<Zeroizing<Vec<u8>>, Failure> {
        let request = self.client.get(url);
        let request = match &self.leave {
            Leave::Header(name, token) => request.header(name.as_str(), token),
            Leave::Bearer {
                bought: Some(bearer), ..
            } => request.header(AUTHORIZATION, bearer),
            Leave::Bearer { bought: None, .. } => request,
        };
        exchange(request).await
    }
}

async fn exchange(request: RequestBuilder) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let response = request
        .header(ACCEPT, "application/json")
        .send()
        .await
        .map_err(|error| ExchangeError::of(&error))?;
    let status = response.status();
    let code = status.as_u16();
    match status {
        StatusCode::OK => {}
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => return Err(Failure::Refused(code)),
        _ if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() => {
            return Err(Failure::Unavailable {
                status: code,
                retry_after: retry_after(&response),
            });
        }
        _ if status.is_redirection() => return Err(Broken::Redirect(code).into()),
        _ => return Err(Broken::Status(code).into()),
    }
    if !is_json(&response) {
        return Err(Broken::ContentType.into());
    }
    read_bounded(response).await
}

/// `application/json` or a type that is written so, whatever its parameters.
fn is_json(response: &Response) -> bool {
    let value = response.headers().get(CONTENT_TYPE);
    let text = value.and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = text
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    kind == "application/json" || kind.starts_with("application/") && kind.ends_with("+json")
}

async fn read_bounded(mut response: Response) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let announced = response.content_length().unwrap_or(0);
    if announced > MOST_BYTES as u64 {
        return Err(Broken::TooLarge.into());
    }
    let mut body = Zeroizing::new(Vec::with_capacity(usize::try_from(announced).unwrap_or(0)));
    loop {
        let chunk = match response.chunk().await {
            Ok(Some(chunk)) => chunk,
            Ok(None) => return Ok(body),
            Err(error) if error.is_timeout() => return Err(Failure::Unreachable),
            Err(_) => return Err(Broken::Truncated.into()),
        };
        let length = body.len() + chunk.len();
        if length > MOST_BYTES {
            return Err(Broken::TooLarge.into());
        }
        if length > body.capacity() {
            // Growing in place would leave the old bytes behind unwiped.
            let mut larger = Vec::with_capacity((2 * length).min(MOST_BYTES));
            larger.extend_from_slice(&body);
            body = Zeroizing::new(larger);
        }
        body.extend_from_slice(&chunk);
        if let Ok(mut chunk) = chunk.try_into_mut() {
            chunk.as_mut().zeroize();
        }
    }
}

fn roots(file: &std::path::Path) -> Result<RootCertStore, Failure> {
    let certificates = CertificateDer::pem_file_iter(file).map_err(|_| Failure::Roots)?;
    let certificates: Vec<_> = certificates
        .collect::<Result<_, _>>()
        .map_err(|_| Failure::Roots)?;
    let mut roots = RootCertStore::empty();
    let (added, _) = roots.add_parsable_certificates(certificates);
    if added == 0 {
        Err(Failure::Roots)
    } else {
        Ok(roots)
    }
}

/// A value that the HTTP client keeps out of its own debug output.
fn sensitive(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// Adds a value to a form, each byte with a meaning as `%XX`.
fn encode(form: &mut String, value: &str) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            form.push(char::from(byte));
        } else {
            form.push('%');
            form.push(char::from(DIGITS[usize::from(byte >> 4)]));
            form.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
    }
}
