//! Sends in the background, with a bounded number of attempts.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use zeef_proto::{Logged, UnixTime};
use zeroize::Zeroizing;

use super::{MailError, Mailbox, Message};
use crate::config::{Mail, MailTls};

/// For each attempt, from the connection to the server's last word.
const PATIENCE: Duration = Duration::from_secs(20);
/// Messages that wait at most.
const MOST: usize = 64;

/// Hands messages to the mail server; where there is none, says so.
#[derive(Clone)]
pub struct Sender(Option<Arc<Server>>);

struct Server {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    attempts: u32,
    retry_after: Duration,
    places: Arc<Semaphore>,
}

/// A message on its way. Tells how that ends; whoever does not wait for it changes nothing.
pub struct Sending(JoinHandle<Result<(), MailError>>);

impl Sender {
    /// Reads the files that the configuration names. Connects to nothing yet.
    ///
    /// # Errors
    /// [`MailError::Files`].
    pub fn new(config: Option<&Mail>) -> Result<Self, MailError> {
        config
            .map(Server::new)
            .transpose()
            .map(|server| Self(server.map(Arc::new)))
    }

    /// Whether there is a server; without one texts are shown to be copied.
    #[must_use]
    pub const fn is_set(&self) -> bool {
        self.0.is_some()
    }

    /// Begins to send. Must be called inside a Tokio runtime.
    #[must_use]
    pub fn send(&self, message: Message, now: UnixTime) -> Sending {
        let server = self.0.clone();
        Sending(tokio::spawn(async move {
            let sent = match server {
                Some(server) => server.send(&message, now).await,
                None => Err(MailError::Unset),
            };
            if let Err(error) = sent {
                tracing::warn!(error = %Logged(&error), "a message was not sent");
            }
            sent
        }))
    }
}

impl Future for Sending {
    type Output = Result<(), MailError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0)
            .poll(context)
            .map(|ended| ended.unwrap_or(Err(MailError::Stopped)))
    }
}

impl Server {
    fn new(config: &Mail) -> Result<Self, MailError> {
        let parameters = tls(config)?;
        let tls = match config.tls {
            MailTls::StartTls => Tls::Required(parameters),
            MailTls::Implicit => Tls::Wrapper(parameters),
        };
        let hello = ClientId::Domain(config.from.0.email.domain().to_owned());
        let transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&config.host)
            .port(config.port)
            .tls(tls)
            .hello_name(hello)
            .timeout(Some(PATIENCE));
        let transport = match &config.account {
            None => transport,
            Some(account) => {
                let password = std::fs::read_to_string(&account.password_file);
                let password = Zeroizing::new(password.map_err(|_| MailError::Files)?);
                transport.credentials(Credentials::new(account.user.clone(), password.trim().to_owned()))
            }
        };
        Ok(Self {
            transport: transport.build(),
            from: config.from.clone(),
            attempts: config.attempts,
            retry_after: config.retry_after,
            places: Arc::new(Semaphore::new(MOST)),
        })
    }

    async fn send(&self, message: &Message, now: UnixTime) -> Result<(), MailError> {
        let _place = self.places.try_acquire().map_err(|_| MailError::Busy)?;
        let mail = message.to_mail(&self.from, now)?;
        let mut made = 0;
        loop {
            // The transport's own limit is on connecting; a server may also fall silent later.
            let sent = tokio::time::timeout(PATIENCE, self.transport.send(mail.clone())).await;
            let error = match sent {
                Ok(Ok(_)) => return Ok(()),
                Ok(Err(error)) => MailError::from(error),
                Err(_) => MailError::Unreachable,
            };
            made += 1;
            match pause(made, self.attempts, self.retry_after, error) {
                Some(pause) => tokio::time::sleep(pause).await,
                None => return Err(error),
            }
        }
    }
}

/// How long to wait after so many attempts; `None` where another would be in vain, or one too many.
fn pause(made: u32, attempts: u32, first: Duration, error: MailError) -> Option<Duration> {
    let again = made < attempts && error.may_pass();
    again.then(|| first.saturating_mul(1 << (made - 1).min(16)))
}

fn tls(config: &Mail) -> Result<TlsParameters, MailError> {
    let builder = TlsParameters::builder(config.host.clone());
    let builder = match &config.certificate_authority {
        None => builder,
        Some(path) => {
            let pem = std::fs::read(path).map_err(|_| MailError::Files)?;
            let authority = Certificate::from_pem(&pem).map_err(|_| MailError::Files)?;
            builder
                .certificate_store(CertificateStore::None)
                .add_root_certificate(authority)
        }
    };
    builder.build_rustls().map_err(|_| MailError::Files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_pass_is_tried_again_after_twice_as_long_each_time() {
        let first = Duration::from_secs(10);
        let after = |made, error| pause(made, 3, first, error).map(|pause| pause.as_secs());
        assert_eq!(after(1, MailError::Unreachable), Some(10));
        assert_eq!(after(2, MailError::Later), Some(20));
        assert_eq!(after(3, MailError::Later), None);
        for lasting in [MailError::Tls, MailError::Account, MailError::Refused] {
            assert_eq!(after(1, lasting), None, "{lasting:?}");
        }
    }
}
