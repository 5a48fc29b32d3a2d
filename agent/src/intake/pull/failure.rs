//! What can go wrong in fetching. Holds nothing that was sent or received.

use std::io;

use crate::private_file::Unread;
use crate::transport::ExchangeError;

/// Why a step did not succeed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// No connection, or one that broke.
    #[error("the server cannot be reached; check the network, the address and the proxy")]
    Unreachable,
    /// The proxy did not open the way.
    #[error("the proxy did not open a way to the server; check its address and its rules")]
    Proxy,
    /// It cannot do it now.
    #[error("the server is not able to answer now (status {status}); it is asked again by itself")]
    Unavailable {
        /// 429 or one of 500 to 599.
        status: u16,
        /// Seconds after which it wants to be asked again.
        retry_after: Option<u32>,
    },
    /// It does not take the token.
    #[error(
        "the server does not take the token (status {0}); put a valid one into the token file, which is read again \
         within the hour"
    )]
    Refused(u16),
    /// The token cannot be used.
    #[error(transparent)]
    Token(#[from] TokenFile),
    /// Whoever answers is not to be trusted.
    #[error(
        "the server's certificate is not one to trust; nothing was sent to it. Check the address, and name the \
         certificate's roots or its SHA-256 where the server signs for itself"
    )]
    Distrusted,
    /// The roots cannot be read.
    #[error(
        "the file of roots cannot be read or holds no certificate; name a PEM file with the server's roots"
    )]
    Roots,
    /// What came is not a page.
    #[error("{0}; what earlier pages gave is kept, and all are fetched again when it is time")]
    Broken(#[from] Broken),
}

/// Why what came is not a page of the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// An answer from elsewhere was proposed.
    #[error("the server redirects (status {0}), which is not followed, for the token is for it alone")]
    Redirect(u16),
    /// Another status.
    #[error("the server answers with status {0}; check the address and the parameters")]
    Status(u16),
    /// Another kind of content.
    #[error("the server's answer is not JSON by its content type; check the address")]
    ContentType,
    /// Larger than is read.
    #[error("the server's answer is larger than 8 MiB")]
    TooLarge,
    /// Ended early.
    #[error("the server's answer ended in the middle")]
    Truncated,
    /// Not well-formed.
    #[error("the server's answer is not well-formed JSON")]
    NotJson,
    /// Not the members that the definition names.
    #[error("a page does not say how many records there are; check the definition")]
    Uncounted,
    /// A next page on another server or another path.
    #[error("a page names a next one outside of its own server and path, where the token is not sent")]
    Elsewhere,
    /// A page that was there before, or that brings nothing on.
    #[error("the pages run in a circle")]
    Circle,
    /// No end in sight.
    #[error("there are more than 1,000 pages")]
    Endless,
}

/// Why a token could not be read. Names no path, which may hold a person's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenFile {
    /// Not there, or not for this account.
    #[error("the token file cannot be read ({0}); name one that this account owns")]
    Read(io::ErrorKind),
    /// Others can read it.
    #[error(
        "the token file is open to other accounts; make it yours alone (chmod 600), and renew the token if somebody \
         may have read it"
    )]
    NotPrivate,
    /// It is another account's.
    #[error("the token file belongs to another account; make it this account's")]
    NotYours,
    /// It holds something else.
    #[error("the token file does not hold {0}; write them without spaces, each on a line of its own")]
    Form(&'static str),
}

impl From<Unread> for TokenFile {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::Failed(kind) => Self::Read(kind),
            Unread::NotPrivate => Self::NotPrivate,
            Unread::NotYours => Self::NotYours,
        }
    }
}

impl From<ExchangeError> for Failure {
    fn from(error: ExchangeError) -> Self {
        match error {
            ExchangeError::Proxy => Self::Proxy,
            ExchangeError::Distrusted(_) => Self::Distrusted,
            _ => Self::Unreachable,
        }
    }
}
