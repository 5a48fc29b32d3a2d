//! Why a message was not taken. Repeats no address, and nothing that the server said.

use lettre::transport::smtp;

/// Why a message was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// There is no server.
    #[error("no mail server is configured, so nothing was sent; set one under mail, or copy the text")]
    Unset,
    /// A file of the configuration cannot be used.
    #[error(
        "the mail server's password or certificate authority cannot be read; check mail.password_file and mail.certificate_authority"
    )]
    Files,
    /// No connection, or none that lasted.
    #[error("the mail server does not answer; check mail.host, mail.port and the network")]
    Unreachable,
    /// No TLS, or a certificate that is not believed.
    #[error(
        "the mail server offers no TLS that can be trusted, so nothing was said to it; check mail.tls and mail.certificate_authority"
    )]
    Tls,
    /// The account is refused.
    #[error("the mail server does not know this account or password; check mail.user and mail.password_file")]
    Account,
    /// Refused for now, also after the last attempt.
    #[error("the mail server did not take the message now; try again later")]
    Later,
    /// Refused for good.
    #[error("the mail server refused the message; check the address")]
    Refused,
    /// The message cannot be written as mail.
    #[error("the message could not be written as mail; check mail.from and the address")]
    Unwritable,
    /// Too much is being sent.
    #[error("too many messages wait for the mail server; try again later")]
    Busy,
    /// The collector stops.
    #[error("the collector stopped before the mail server took the message; send it again")]
    Stopped,
}

zeef_proto::log_safe_by_display!(MailError);

impl MailError {
    /// Whether another attempt may end otherwise.
    pub(super) const fn may_pass(self) -> bool {
        matches!(self, Self::Unreachable | Self::Later)
    }
}

impl From<smtp::Error> for MailError {
    fn from(error: smtp::Error) -> Self {
        let code = error.status().map(u16::from);
        match code {
            // RFC 4954, section 6.
            Some(530 | 534 | 535 | 538) => Self::Account,
            Some(_) if error.is_permanent() => Self::Refused,
            Some(_) => Self::Later,
            None if error.is_tls() || is_about_tls(&error) => Self::Tls,
            // It does not offer what was asked for: STARTTLS, or a way to sign in.
            None if error.is_client() => Self::Tls,
            None => Self::Unreachable,
        }
    }
}

/// Whether a connection ended because of its certificate: that comes as an error of the connection.
fn is_about_tls(error: &smtp::Error) -> bool {
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        if error.is::<rustls::Error>() {
            return true;
        }
        // An error of the system's hands on what it wraps, and leaves itself out.
        let inner = error
            .downcast_ref::<std::io::Error>()
            .and_then(std::io::Error::get_ref);
        source = match inner {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    false
}
