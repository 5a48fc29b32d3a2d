//! What a provider says of itself (OpenID Connect Discovery 1.0).

use serde::Deserialize;

/// Where what is.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Metadata {
    issuer: String,
    pub(super) authorization_endpoint: String,
    pub(super) token_endpoint: String,
    pub(super) jwks_uri: String,
}

impl Metadata {
    /// Reads the document of an issuer; `None` where it is another's, or leads astray.
    pub(super) fn read(json: &[u8], issuer: &str) -> Option<Self> {
        let read: Self = serde_json::from_slice(json).ok()?;
        let addresses = [&read.authorization_endpoint, &read.token_endpoint, &read.jwks_uri];
        let sound = read.issuer == issuer && addresses.into_iter().all(|address| is_safe(address));
        sound.then_some(read)
    }
}

/// Where an issuer's document is.
pub(super) fn address(issuer: &str) -> String {
    format!(
        "{}/.well-known/openid-configuration",
        issuer.trim_end_matches('/')
    )
}

/// Whether an address is one over TLS, or on this machine.
pub(crate) fn is_safe(address: &str) -> bool {
    let plain = |rest: &str| {
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
        !authority.contains('@') && ["127.0.0.1", "localhost", "[::1]"].contains(&host)
    };
    let clean = address.bytes().all(|byte| byte.is_ascii_graphic());
    clean && (address.starts_with("https://") || address.strip_prefix("http://").is_some_and(plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tls_leads_to_another_machine() {
        for (address, safe) in [
            ("https://login.example.org/authorize", true),
            ("http://127.0.0.1:4000/auth", true),
            ("http://localhost", true),
            ("http://[::1]:4000/auth", true),
            ("http://login.example.org/auth", false),
            ("http://127.0.0.1:x@login.example.org/", false),
            ("http://127.0.0.1.example.org/", false),
            ("javascript:alert(1)", false),
            ("https://a b", false),
        ] {
            assert_eq!(is_safe(address), safe, "{address}");
        }
    }

    #[test]
    fn a_document_of_another_issuer_is_none() {
        let json = br#"{"issuer":"https://a.example","authorization_endpoint":"https://a.example/a",
            "token_endpoint":"https://a.example/t","jwks_uri":"https://a.example/k","more":[]}"#;
        assert!(Metadata::read(json, "https://a.example").is_some());
        assert!(Metadata::read(json, "https://b.example").is_none());
        assert!(Metadata::read(b"<html>", "https://a.example").is_none());
    }
}
