//! Where a page is asked for, and what it says about the next one.

use std::fmt;

use reqwest::Url;

use super::Broken;
use super::pick::{Picked, check, pick};
use crate::sieve::definition::Paging;

/// Which page.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cursor {
    /// The first.
    First,
    /// The one after so many records.
    After(u64),
    /// The one that the page before named.
    Named(PageUrl),
}

/// The address of a page on the first one's server, at its path or below. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PageUrl(Url);

impl fmt::Debug for PageUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PageUrl(…)")
    }
}

/// Where the page is.
pub(super) fn address(first: &Url, paging: &Paging, cursor: &Cursor) -> Url {
    let before = match cursor {
        Cursor::Named(url) => return url.0.clone(),
        Cursor::First => 0,
        Cursor::After(count) => *count,
    };
    let mut url = first.clone();
    if let Paging::Offset(offset) = paging {
        url.query_pairs_mut()
            .append_pair(&offset.offset, &before.to_string())
            .append_pair(&offset.limit, &offset.size.to_string());
    }
    url
}

/// Which page follows the one that was asked for by `cursor`; `None` behind the last one.
///
/// # Errors
/// [`Broken::NotJson`] where it is no page at all. Else the page itself is sound, and only its successor is not.
pub(super) fn next(
    first: &Url,
    paging: &Paging,
    cursor: &Cursor,
    page: &[u8],
) -> Result<Option<Cursor>, Broken> {
    match paging {
        Paging::None => check(page).map(|()| None),
        Paging::Offset(offset) => {
            let (count, total) = (pick(page, &offset.count)?, pick(page, &offset.total)?);
            let (Picked::Number(count), Picked::Number(total)) = (count, total) else {
                return Err(Broken::Uncounted);
            };
            let before = match cursor {
                Cursor::After(before) => *before,
                Cursor::First | Cursor::Named(_) => 0,
            };
            let after = before.saturating_add(count);
            match (after < total, count) {
                (false, _) => Ok(None),
                (true, 0) => Err(Broken::Circle),
                (true, _) => Ok(Some(Cursor::After(after))),
            }
        }
        Paging::Next(keys) => match pick(page, keys)? {
            Picked::Text(text) if !text.is_empty() => {
                let url = beside(first, &text).ok_or(Broken::Elsewhere)?;
                Ok(Some(Cursor::Named(PageUrl(url))))
            }
            _ => Ok(None),
        },
    }
}

/// An address that a server gave, where it is one of this server's, at the same path or below.
fn beside(first: &Url, text: &str) -> Option<Url> {
    let mut url = first.join(text).ok()?;
    url.set_fragment(None);
    let same_server = url.scheme() == first.scheme()
        && url.host() == first.host()
        && url.port_or_known_default() == first.port_or_known_default();
    let bare = url.username().is_empty() && url.password().is_none();
    let below = url.path().strip_prefix(first.path());
    let same_path = below.is_some_and(|below| below.is_empty() || below.starts_with('/'));
    (same_server && bare && same_path).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_next_page_stays_on_its_server_and_path() {
        let first = Url::parse("https://api.example/api/v2/account/devices?max=250").unwrap();
        for text in [
            "https://api.example/api/v2/account/devices?max=250&page=1",
            "https://API.example:443/api/v2/account/devices?page=1#top",
            "/api/v2/account/devices?page=1",
            "?page=1",
            "https://api.example/api/v2/account/devices/page/1",
        ] {
            assert!(beside(&first, text).is_some(), "{text}");
        }
        for text in [
            "https://evil.example/api/v2/account/devices?page=1",
            "http://api.example/api/v2/account/devices?page=1",
            "https://api.example:8443/api/v2/account/devices?page=1",
            "https://a:b@api.example/api/v2/account/devices?page=1",
            "https://api.example@evil.example/api/v2/account/devices?page=1",
            "//evil.example/api/v2/account/devices",
            "/api/v2/account/devices-of-others",
            "/api/v2/account/devices/../../users",
            "/api/v2/account/devices/%2e%2e/users",
            "\\\\evil.example/api/v2/account/devices",
            "javascript:alert(1)",
            "https://",
        ] {
            assert!(beside(&first, text).is_none(), "{text}");
        }
    }
}
