//! A key as text, a line for each thing: kind and version, scope, id, one or two epochs, and a check value over the
//! lines before it, by which damage is noticed.

use std::fmt::Write;
use std::str::FromStr;

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use ring::digest;
use zeroize::Zeroizing;

use super::epoch::Epoch;
use super::{Key, KeyId, Secret};

const HEAD: &str = "zeef-key 1";
const REMARK: &str = "# Who can read this file can find out what stands behind its tokens. Keep it secret, and never \
                      give it to the collector.";
const CHECK_BYTES: usize = 8;

impl Key {
    /// The text, secrets included. Named so that every use is easy to find and to question.
    #[must_use]
    pub fn expose(&self) -> Zeroizing<String> {
        let lines = self.lines();
        let mut text = Zeroizing::new(String::with_capacity(512));
        push(
            &mut text,
            format_args!("{REMARK}\n{}check {}\n", *lines, check(&lines)),
        );
        text
    }

    fn lines(&self) -> Zeroizing<String> {
        // A text that outgrows its room is copied, and the copy left behind is not overwritten.
        let mut text = Zeroizing::new(String::with_capacity(512));
        push(
            &mut text,
            format_args!("{HEAD}\nscope {}\nid {}\n", self.scope, self.id),
        );
        for epoch in self.epochs() {
            let secret = Zeroizing::new(BASE64URL_NOPAD.encode(&*epoch.secret.0));
            push(
                &mut text,
                format_args!("epoch {} {} {}\n", epoch.number, epoch.made, *secret),
            );
        }
        text
    }
}

impl FromStr for Key {
    type Err = DamagedKey;

    /// Takes other line ends and remarks, as editors leave them; all else must be as it was written.
    fn from_str(text: &str) -> Result<Self, DamagedKey> {
        let meaningful = |line: &&str| !line.is_empty() && !line.starts_with('#');
        read(text.lines().map(str::trim).filter(meaningful)).ok_or(DamagedKey)
    }
}

fn read<'t>(mut lines: impl Iterator<Item = &'t str>) -> Option<Key> {
    (lines.next()? == HEAD).then_some(())?;
    let scope = lines.next()?.strip_prefix("scope ")?.parse().ok()?;
    let id = lines.next()?.strip_prefix("id ")?;
    let id = HEXLOWER.decode(id.as_bytes()).ok()?;
    let current = epoch(lines.next()?.strip_prefix("epoch ")?)?;
    let mut last = lines.next()?;
    let mut previous = None;
    if let Some(text) = last.strip_prefix("epoch ") {
        previous = Some(epoch(text).filter(|previous| previous.number < current.number)?);
        last = lines.next()?;
    }
    let key = Key {
        id: KeyId(id.try_into().ok()?),
        scope,
        current,
        previous,
    };
    let intact = last.strip_prefix("check ")? == check(&key.lines()) && lines.next().is_none();
    intact.then_some(key)
}

fn epoch(text: &str) -> Option<Epoch> {
    let mut words = text.split(' ');
    let (number, made, secret) = (words.next()?, words.next()?, words.next()?);
    let bytes = Zeroizing::new(BASE64URL_NOPAD.decode(secret.as_bytes()).ok()?);
    let secret = <[u8; 32]>::try_from(bytes.as_slice()).ok()?;
    words.next().is_none().then_some(())?;
    Some(Epoch::new(
        number.parse().ok()?,
        made.parse().ok()?,
        Secret::from(secret),
    ))
}

fn check(lines: &str) -> String {
    let hash = digest::digest(&digest::SHA256, lines.as_bytes());
    HEXLOWER.encode(&hash.as_ref()[..CHECK_BYTES])
}

fn push(text: &mut String, more: std::fmt::Arguments<'_>) {
    let written = text.write_fmt(more);
    debug_assert!(written.is_ok(), "writing to a text cannot fail");
}

/// A text that is no key, or no longer the one that was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a key, or a damaged one")]
pub struct DamagedKey;
