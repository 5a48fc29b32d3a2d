//! Cookies: which there are, and how they are read and written (RFC 6265).

use http::{HeaderMap, HeaderValue, header};

use super::provider;

/// A cookie of ours.
#[derive(Debug, Clone, Copy)]
pub(super) enum Cookie {
    /// The session's secret.
    Session,
    /// What was asked of an identity provider, sealed.
    Provider,
    /// The chosen language.
    Language,
    /// `off` where the keyboard shortcut is turned off.
    Shortcut,
    /// The columns of the list of devices that were chosen last.
    Columns,
}

/// Choices of language, shortcut and columns are kept for a year, in seconds.
const YEAR: i64 = 365 * zeef_proto::time::DAY;

impl Cookie {
    /// Over TLS the `__Host-` prefix has the browser refuse a cookie that another host or path set.
    const fn name(self, secure: bool) -> &'static str {
        match (self, secure) {
            (Self::Session, true) => "__Host-zeef",
            (Self::Session, false) => "zeef",
            (Self::Provider, true) => "__Host-zeef-provider",
            (Self::Provider, false) => "zeef-provider",
            (Self::Language, true) => "__Host-zeef-language",
            (Self::Language, false) => "zeef-language",
            (Self::Shortcut, true) => "__Host-zeef-shortcut",
            (Self::Shortcut, false) => "zeef-shortcut",
            (Self::Columns, true) => "__Host-zeef-columns",
            (Self::Columns, false) => "zeef-columns",
        }
    }

    /// Its value in a request.
    pub(super) fn read(self, headers: &HeaderMap, secure: bool) -> Option<&str> {
        headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find_map(|(name, value)| (name == self.name(secure)).then_some(value))
    }

    /// The header that sets it. `value` is one of ours: base64url or words.
    pub(super) fn set(self, value: &str, secure: bool) -> (header::HeaderName, HeaderValue) {
        // The session's cookie goes with the browser; how long it is good for, the store decides.
        let age = match self {
            Self::Session => None,
            Self::Provider => Some(provider::VALID),
            Self::Language | Self::Shortcut | Self::Columns => Some(YEAR),
        };
        self.header(value, age, secure)
    }

    /// The header that removes it.
    pub(super) fn clear(self, secure: bool) -> (header::HeaderName, HeaderValue) {
        self.header("", Some(0), secure)
    }

    fn header(self, value: &str, age: Option<i64>, secure: bool) -> (header::HeaderName, HeaderValue) {
        let name = self.name(secure);
        let age = age.map(|age| format!("; Max-Age={age}")).unwrap_or_default();
        let secure = if secure { "; Secure" } else { "" };
        // The provider's answer comes by way of another site.
        let site = if matches!(self, Self::Provider) {
            "Lax"
        } else {
            "Strict"
        };
        let text = format!("{name}={value}; Path=/; HttpOnly; SameSite={site}{age}{secure}");
        let value = HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static(""));
        (header::SET_COOKIE, value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_among_others_by_its_whole_name() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("a=b; zeefx=1; xzeef=2"));
        headers.append(
            header::COOKIE,
            HeaderValue::from_static("zeef=secret;zeef-language=en"),
        );
        assert_eq!(Cookie::Session.read(&headers, false), Some("secret"));
        assert_eq!(Cookie::Language.read(&headers, false), Some("en"));
        assert_eq!(Cookie::Session.read(&headers, true), None);
    }

    #[test]
    fn over_tls_the_session_is_bound_to_this_host() {
        let (_, value) = Cookie::Session.set("s", true);
        assert_eq!(value, "__Host-zeef=s; Path=/; HttpOnly; SameSite=Strict; Secure");
        let (_, value) = Cookie::Session.clear(false);
        assert_eq!(value, "zeef=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0");
    }
}
