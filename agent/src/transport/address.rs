//! Where the collector is, and the proxy on the way.

use std::fmt;
use std::str::FromStr;

use reqwest::Url;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeef_proto::log_safe_by_display;

/// The collector's address: `https://HOST` or `https://HOST:PORT`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollectorUrl(Url);

/// An HTTP proxy that takes CONNECT: `http://[NAME:PASSWORD@]HOST:PORT`. What it may know is shown to nobody.
#[derive(Clone, PartialEq, Eq)]
pub struct ProxyUrl(Url);

/// A text that is not such an address. Says nothing of the text, which may hold a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidUrl {
    /// Not a collector's.
    #[error(
        "not the address of a collector: write it like https://zeef.example:8443, without path or password"
    )]
    Collector,
    /// Not a proxy's.
    #[error("not the address of a proxy: write it like http://proxy.example:3128")]
    Proxy,
}

impl CollectorUrl {
    /// The address of one of the collector's paths.
    pub(super) fn at(&self, path: &str) -> Url {
        let mut url = self.0.clone();
        url.set_path(path);
        url
    }
}

impl FromStr for CollectorUrl {
    type Err = InvalidUrl;

    fn from_str(text: &str) -> Result<Self, InvalidUrl> {
        bare_https(text).map(Self).ok_or(InvalidUrl::Collector)
    }
}

/// The address of a server and nothing beyond it: `https://HOST` or `https://HOST:PORT`.
pub(crate) fn bare_https(text: &str) -> Option<Url> {
    let url = Url::parse(text.trim()).ok()?;
    let bare = url.username().is_empty()
        && url.password().is_none()
        && matches!(url.path(), "" | "/")
        && url.query().is_none()
        && url.fragment().is_none();
    (url.scheme() == "https" && url.has_host() && bare).then_some(url)
}

impl fmt::Display for CollectorUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

log_safe_by_display!(CollectorUrl);

impl ProxyUrl {
    /// The address, its password included.
    #[must_use]
    pub const fn url(&self) -> &Url {
        &self.0
    }
}

impl FromStr for ProxyUrl {
    type Err = InvalidUrl;

    fn from_str(text: &str) -> Result<Self, InvalidUrl> {
        let url = Url::parse(text.trim()).map_err(|_| InvalidUrl::Proxy)?;
        if url.scheme() == "http" && url.has_host() && matches!(url.path(), "" | "/") {
            Ok(Self(url))
        } else {
            Err(InvalidUrl::Proxy)
        }
    }
}

impl fmt::Debug for ProxyUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProxyUrl(…)")
    }
}

macro_rules! as_text {
    ($name:ident, $text:expr) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let text: fn(&Self) -> String = $text;
                serializer.serialize_str(&text(self))
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?
                    .parse()
                    .map_err(serde::de::Error::custom)
            }
        }
    };
}

as_text!(CollectorUrl, ToString::to_string);
as_text!(ProxyUrl, |proxy| proxy.0.to_string());

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collectors_address_is_https_and_bare() {
        for text in [
            "https://zeef.example:8443",
            " https://zeef.example/ ",
            "https://[::1]:8443",
        ] {
            assert!(text.parse::<CollectorUrl>().is_ok(), "{text}");
        }
        for text in [
            "",
            "zeef.example",
            "http://zeef.example",
            "https://",
            "https://zeef.example/v1",
            "https://a:b@zeef.example",
            "https://zeef.example?x=1",
        ] {
            assert_eq!(text.parse::<CollectorUrl>(), Err(InvalidUrl::Collector), "{text}");
        }
    }

    #[test]
    fn a_proxy_keeps_its_password_out_of_debug_output() {
        let proxy: ProxyUrl = "http://name:secret@proxy.example:3128".parse().unwrap();
        assert_eq!(format!("{proxy:?}"), "ProxyUrl(…)");
        assert_eq!(
            "socks5://proxy.example".parse::<ProxyUrl>(),
            Err(InvalidUrl::Proxy)
        );
    }
}
