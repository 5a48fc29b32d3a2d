//! The ID token: what a provider says of somebody, and for whom it says it (OpenID Connect Core 1.0, section 3.1.3.7).

use data_encoding::BASE64URL_NOPAD;
use serde::Deserialize;
use serde_json::{Map, Value};
use subtle::ConstantTimeEq;
use zeef_proto::UnixTime;

use super::Keys;
use super::keys::Algorithm;

/// How far a provider's clock may be off, in seconds.
const LEEWAY: i64 = 60;

/// Whose word counts, for whom, and in answer to which question.
pub struct Expected<'a> {
    /// The provider.
    pub issuer: &'a str,
    /// The collector, as the provider knows it.
    pub client: &'a str,
    /// What was sent along with the question.
    pub nonce: &'a str,
}

/// What a provider says of somebody.
#[derive(Clone)]
pub struct Claims {
    /// Its name for the person, which never becomes another's.
    pub subject: String,
    /// All else.
    pub other: Map<String, Value>,
}

/// Why an ID token is not believed. Repeats nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not a token.
    #[error("the identity provider's token is not a signed JSON Web Token")]
    Malformed,
    /// `none`, or one that is not taken.
    #[error(
        "the identity provider's token is signed by an algorithm that is not taken; have it use RS256, ES256 or EdDSA"
    )]
    Algorithm,
    /// By a key that the provider does not publish.
    #[error("the identity provider's token names a key that the provider does not publish")]
    UnknownKey,
    /// By another key, or changed.
    #[error("the signature of the identity provider's token is not right")]
    Signature,
    /// By another provider.
    #[error("the identity provider's token is of another issuer; check web.openid.issuer")]
    Issuer,
    /// For another client.
    #[error("the identity provider's token is for another client; check web.openid.client_id")]
    Audience,
    /// No longer, or not yet.
    #[error("the identity provider's token is not valid now; check both clocks")]
    Time,
    /// In answer to another question.
    #[error("the identity provider's token answers another sign-in")]
    Nonce,
}

zeef_proto::log_safe_by_display!(TokenError);

#[derive(Deserialize)]
struct Header {
    alg: Value,
    kid: Option<String>,
    /// Extensions that must be understood; none is.
    crit: Option<Value>,
}

#[derive(Deserialize)]
struct Body {
    iss: String,
    sub: String,
    aud: Audience,
    azp: Option<String>,
    exp: f64,
    iat: f64,
    nonce: Option<String>,
    #[serde(flatten)]
    other: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl Claims {
    /// Reads and checks a token.
    ///
    /// # Errors
    /// [`TokenError`].
    pub fn read(
        token: &str,
        keys: &Keys,
        expected: &Expected<'_>,
        now: UnixTime,
    ) -> Result<Self, TokenError> {
        let (signed, signature) = token.rsplit_once('.').ok_or(TokenError::Malformed)?;
        let (header, body) = signed.split_once('.').ok_or(TokenError::Malformed)?;
        let header: Header = part(header)?;
        let algorithm: Algorithm = serde_json::from_value(header.alg).map_err(|_| TokenError::Algorithm)?;
        if header.crit.is_some() {
            return Err(TokenError::Algorithm);
        }
        let kid = header.kid.as_deref();
        if !keys.have(kid) {
            return Err(TokenError::UnknownKey);
        }
        let signature = decoded(signature)?;
        if !keys.verify(kid, algorithm, signed.as_bytes(), &signature) {
            return Err(TokenError::Signature);
        }
        part::<Body>(body)?.check(expected, now)
    }
}

impl Body {
    fn check(self, expected: &Expected<'_>, now: UnixTime) -> Result<Claims, TokenError> {
        if self.iss != expected.issuer {
            return Err(TokenError::Issuer);
        }
        let (is_for_us, alone) = match &self.aud {
            Audience::One(one) => (one == expected.client, true),
            Audience::Several(all) => (all.iter().any(|one| one == expected.client), all.len() == 1),
        };
        let is_ours = match self.azp.as_deref() {
            Some(party) => party == expected.client,
            None => alone,
        };
        if !is_for_us || !is_ours {
            return Err(TokenError::Audience);
        }
        let now = now.0 as f64;
        if self.exp + LEEWAY as f64 <= now || self.iat - LEEWAY as f64 > now {
            return Err(TokenError::Time);
        }
        let nonce = self.nonce.unwrap_or_default();
        if !bool::from(nonce.as_bytes().ct_eq(expected.nonce.as_bytes())) {
            return Err(TokenError::Nonce);
        }
        if self.sub.is_empty() {
            return Err(TokenError::Malformed);
        }
        Ok(Claims {
            subject: self.sub,
            other: self.other,
        })
    }
}

fn decoded(part: &str) -> Result<Vec<u8>, TokenError> {
    BASE64URL_NOPAD
        .decode(part.as_bytes())
        .map_err(|_| TokenError::Malformed)
}

fn part<T: for<'de> Deserialize<'de>>(part: &str) -> Result<T, TokenError> {
    serde_json::from_slice(&decoded(part)?).map_err(|_| TokenError::Malformed)
}

#[cfg(test)]
mod tests {
    use ring::rand::SystemRandom;
    use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair};
    use serde_json::json;

    use super::*;

    const NOW: UnixTime = UnixTime(1_780_000_000);

    struct Signer {
        p256: EcdsaKeyPair,
        ed25519: Ed25519KeyPair,
    }

    fn encoded(value: &Value) -> String {
        BASE64URL_NOPAD.encode(value.to_string().as_bytes())
    }

    impl Signer {
        fn new() -> Self {
            let random = SystemRandom::new();
            let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
            let p256 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
            let ed25519 = Ed25519KeyPair::generate_pkcs8(&random).unwrap();
            Self {
                p256: EcdsaKeyPair::from_pkcs8(algorithm, p256.as_ref(), &random).unwrap(),
                ed25519: Ed25519KeyPair::from_pkcs8(ed25519.as_ref()).unwrap(),
            }
        }

        fn keys(&self) -> Keys {
            let text = |bytes: &[u8]| BASE64URL_NOPAD.encode(bytes);
            let point = self.p256.public_key().as_ref();
            let set = json!({ "keys": [
                { "kty": "oct", "k": "AAAA" },
                { "kty": "EC", "kid": "enc", "use": "enc", "crv": "P-256",
                  "x": text(&point[1..33]), "y": text(&point[33..]) },
                { "kty": "EC", "kid": "p", "use": "sig", "crv": "P-256",
                  "x": text(&point[1..33]), "y": text(&point[33..]) },
                { "kty": "OKP", "kid": "e", "crv": "Ed25519",
                  "x": text(self.ed25519.public_key().as_ref()) },
            ] });
            Keys::read(set.to_string().as_bytes()).unwrap()
        }

        fn sign(&self, header: &Value, body: &Value) -> String {
            let signed = format!("{}.{}", encoded(header), encoded(body));
            let signature = if header["alg"] == "EdDSA" {
                self.ed25519.sign(signed.as_bytes()).as_ref().to_vec()
            } else {
                let random = SystemRandom::new();
                self.p256
                    .sign(&random, signed.as_bytes())
                    .unwrap()
                    .as_ref()
                    .to_vec()
            };
            format!("{signed}.{}", BASE64URL_NOPAD.encode(&signature))
        }
    }

    fn body() -> Value {
        json!({
            "iss": "https://login.example.org", "sub": "248289761001", "aud": "zeef",
            "exp": NOW.0 + 300, "iat": NOW.0, "nonce": "n-0S6_WzA2Mj", "role": "staff",
        })
    }

    fn read(token: &str, keys: &Keys) -> Result<Claims, TokenError> {
        let expected = Expected {
            issuer: "https://login.example.org",
            client: "zeef",
            nonce: "n-0S6_WzA2Mj",
        };
        Claims::read(token, keys, &expected, NOW)
    }

    #[test]
    fn a_token_by_either_kind_of_key_is_believed() {
        let signer = Signer::new();
        for (alg, kid) in [("ES256", "p"), ("EdDSA", "e")] {
            let token = signer.sign(&json!({ "alg": alg, "kid": kid }), &body());
            let claims = read(&token, &signer.keys()).unwrap();
            assert_eq!(claims.subject, "248289761001");
            assert_eq!(claims.other["role"], "staff");
        }
        let unnamed = signer.sign(&json!({ "alg": "ES256" }), &body());
        assert!(read(&unnamed, &signer.keys()).is_ok());
    }

    #[test]
    fn what_is_not_as_it_should_be_is_refused_with_its_reason() {
        use TokenError as E;
        let signer = Signer::new();
        let several = json!(["zeef", "other"]);
        for (claim, value, expected) in [
            ("iss", json!("https://login.example.org/"), E::Issuer),
            ("aud", json!("other"), E::Audience),
            ("aud", json!([]), E::Audience),
            ("aud", several, E::Audience),
            ("azp", json!("other"), E::Audience),
            ("exp", json!(NOW.0 - LEEWAY), E::Time),
            ("iat", json!(NOW.0 + LEEWAY + 1), E::Time),
            ("nonce", json!("another"), E::Nonce),
            ("nonce", Value::Null, E::Nonce),
            ("sub", json!(""), E::Malformed),
            ("sub", json!(7), E::Malformed),
            ("exp", json!("soon"), E::Malformed),
        ] {
            let mut changed = body();
            changed[claim] = value;
            let token = signer.sign(&json!({ "alg": "ES256", "kid": "p" }), &changed);
            assert_eq!(read(&token, &signer.keys()).err(), Some(expected), "{claim}");
        }
    }

    #[test]
    fn an_algorithm_that_proves_nothing_is_refused() {
        let signer = Signer::new();
        for alg in [
            json!("none"),
            json!("None"),
            json!("HS256"),
            json!(null),
            json!(1),
        ] {
            let unsigned = format!("{}.{}.", encoded(&json!({ "alg": alg })), encoded(&body()));
            assert_eq!(
                read(&unsigned, &signer.keys()).err(),
                Some(TokenError::Algorithm),
                "{alg}"
            );
        }
        let critical = signer.sign(&json!({ "alg": "ES256", "crit": ["b64"] }), &body());
        assert_eq!(read(&critical, &signer.keys()).err(), Some(TokenError::Algorithm));
    }

    #[test]
    fn a_changed_token_or_one_by_another_key_is_refused() {
        let (signer, other) = (Signer::new(), Signer::new());
        let token = signer.sign(&json!({ "alg": "ES256", "kid": "p" }), &body());
        assert_eq!(read(&token, &other.keys()).err(), Some(TokenError::Signature));
        // A key is for its own algorithm alone.
        let mixed = signer.sign(&json!({ "alg": "ES256", "kid": "e" }), &body());
        assert_eq!(read(&mixed, &signer.keys()).err(), Some(TokenError::Signature));
        for kid in ["x", "enc"] {
            let unknown = signer.sign(&json!({ "alg": "ES256", "kid": kid }), &body());
            assert_eq!(read(&unknown, &signer.keys()).err(), Some(TokenError::UnknownKey));
        }
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let header = signed.split_once('.').unwrap().0;
        let mut forged = body();
        forged["role"] = json!("boss");
        let forged = format!("{header}.{}.{signature}", encoded(&forged));
        assert_eq!(read(&forged, &signer.keys()).err(), Some(TokenError::Signature));
        for malformed in ["", ".", "..", "a.b", signed] {
            assert!(read(malformed, &signer.keys()).is_err(), "{malformed}");
        }
    }
}
