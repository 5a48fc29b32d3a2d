//! Why an exchange with the collector did not succeed, without anything that was sent or received.

use std::error::Error;

use rustls::{AlertDescription, CertificateError};
use zeef_proto::log_safe_by_display;
use zeef_proto::wire::ProblemCode;

/// An exchange that did not succeed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExchangeError {
    /// No connection, or one that broke.
    #[error("the collector cannot be reached; check the network, the address and the proxy")]
    Unreachable,
    /// The proxy did not open the way.
    #[error("the proxy did not open a way to the collector; check its address and its rules")]
    Proxy,
    /// Whoever answered is not the collector that this device trusts.
    #[error(transparent)]
    Distrusted(#[from] Distrust),
    /// The collector ended the handshake over this device's certificate.
    #[error("the collector does not take this device's certificate; enrol this device again")]
    CertificateRefused,
    /// It ended the handshake because the certificate has lapsed by its clock.
    #[error("this device's certificate has lapsed by the collector's clock; it is recovered")]
    CertificateLapsed,
    /// The collector answered with a problem.
    #[error("the collector answers {code}: {}", .code.title())]
    Refused {
        /// What it says.
        code: ProblemCode,
        /// Seconds after which to try again, if it said so.
        retry_after: Option<u32>,
    },
    /// The answer is none of the contract's.
    #[error(
        "the answer is not one of a Zeef collector (status {0}); check the address, and whether something stands in \
         between"
    )]
    Nonsense(u16),
    /// Another protocol on that port, or another version of TLS.
    #[error("what answers at this address does not speak TLS 1.3 like a collector; check address and port")]
    NotTls,
    /// Our own key or certificate cannot be used.
    #[error("this device's key or certificate cannot be used; enrol this device again")]
    Credentials,
}

/// Why the other side is not trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Distrust {
    /// Not under the root that the token or the enrolment pinned.
    #[error(
        "the server is not the collector that the token names; nothing was sent to it. Check the address, and ask for \
         a new token if the collector was installed anew"
    )]
    Root,
    /// Under the root, but for another name.
    #[error(
        "the collector's certificate is not for this address; use one of the names that it was installed with"
    )]
    Name,
    /// Not valid at this machine's time.
    #[error("the collector's certificate is not valid at this machine's time; check this machine's clock")]
    Time,
    /// Anything else.
    #[error("the server's certificate cannot be verified; nothing was sent to it")]
    Other,
}

log_safe_by_display!(ExchangeError, Distrust);

impl ExchangeError {
    /// Finds the cause within the layers of the HTTP client.
    pub(crate) fn of(error: &reqwest::Error) -> Self {
        let mut cause: Option<&(dyn Error + 'static)> = Some(error);
        let mut through_proxy = false;
        while let Some(error) = cause {
            if let Some(tls) = error.downcast_ref::<rustls::Error>() {
                return Self::of_tls(tls);
            }
            through_proxy |= error.to_string().contains("tunnel");
            cause = beneath(error);
        }
        if through_proxy {
            Self::Proxy
        } else {
            Self::Unreachable
        }
    }

    fn of_tls(error: &rustls::Error) -> Self {
        use AlertDescription as A;
        match error {
            rustls::Error::InvalidCertificate(reason) => Self::Distrusted(Distrust::of(reason)),
            rustls::Error::AlertReceived(A::CertificateExpired) => Self::CertificateLapsed,
            rustls::Error::AlertReceived(
                A::BadCertificate
                | A::UnsupportedCertificate
                | A::CertificateRevoked
                | A::CertificateUnknown
                | A::CertificateRequired
                | A::UnknownCA
                | A::AccessDenied
                | A::DecryptError,
            ) => Self::CertificateRefused,
            _ => Self::NotTls,
        }
    }
}

/// What an error was made of. An I/O error leaves that out of its `source` and names only what is beneath it again.
fn beneath<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    let inner = error
        .downcast_ref::<std::io::Error>()
        .and_then(std::io::Error::get_ref);
    match inner {
        Some(inner) => Some(inner),
        None => error.source(),
    }
}

impl Distrust {
    fn of(reason: &CertificateError) -> Self {
        use CertificateError as C;
        match reason {
            C::UnknownIssuer | C::BadSignature | C::ApplicationVerificationFailure => Self::Root,
            C::NotValidForName | C::NotValidForNameContext { .. } => Self::Name,
            C::Expired | C::ExpiredContext { .. } | C::NotValidYet | C::NotValidYetContext { .. } => {
                Self::Time
            }
            _ => Self::Other,
        }
    }
}
