//! The file that holds a token: its owner's alone, like a key.

use std::path::Path;

use zeroize::Zeroizing;

use super::TokenFile;
use crate::private_file;
use crate::sieve::definition::Authenticate;

/// Tokens have some dozens of bytes; a signed one some hundreds.
const MOST_BYTES: usize = 8192;

/// What a server is shown. Printed nowhere.
pub(super) enum Secret {
    Token(Zeroizing<String>),
    KeyAndSecret(Zeroizing<String>, Zeroizing<String>),
}

impl Secret {
    /// Reads what a way to authenticate needs.
    pub(super) fn read(path: &Path, authenticate: &Authenticate) -> Result<Self, TokenFile> {
        let bytes = private_file::read(path, MOST_BYTES)?;
        let text = std::str::from_utf8(&bytes).unwrap_or_default();
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let mut line = || {
            lines
                .next()
                .filter(|line| visible(line))
                .map(|line| Zeroizing::new(line.to_owned()))
        };
        let (secret, form) = match authenticate {
            Authenticate::Header(_) => (line().map(Self::Token), "one token"),
            Authenticate::PasswordGrant(_) => {
                let both = line().zip(line());
                (
                    both.map(|(key, secret)| Self::KeyAndSecret(key, secret)),
                    "a key and its secret",
                )
            }
        };
        match secret {
            Some(secret) if lines.next().is_none() => Ok(secret),
            _ => Err(TokenFile::Form(form)),
        }
    }
}

fn visible(line: &str) -> bool {
    line.bytes().all(|byte| byte.is_ascii_graphic())
}
