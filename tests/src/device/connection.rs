//! One kept connection.

use bytes::Bytes;
use http::{Method, Request};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::JoinHandle;

use super::Answer;

/// A connection that broke before the answer was whole; the TLS alert, where there was one, is in the text.
#[derive(Debug)]
pub struct Broken(pub String);

/// An HTTP/1.1 connection, used for one request after another.
pub struct Connection {
    sender: SendRequest<Full<Bytes>>,
    driver: Option<JoinHandle<hyper::Result<()>>>,
}

impl Connection {
    /// Speaks HTTP over a stream.
    ///
    /// # Errors
    /// [`Broken`].
    pub async fn over<S>(stream: S) -> Result<Self, Broken>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let (sender, connection) = handshake(TokioIo::new(stream))
            .await
            .map_err(|error| broken(&error))?;
        let driver = Some(tokio::spawn(connection));
        Ok(Self { sender, driver })
    }

    /// Sends a request and reads its answer.
    ///
    /// # Errors
    /// [`Broken`].
    pub async fn send(&mut self, request: Request<Full<Bytes>>) -> Result<Answer, Broken> {
        match self.exchange(request).await {
            Ok(answer) => Ok(answer),
            Err(error) => Err(self.cause(&error).await),
        }
    }

    async fn exchange(&mut self, request: Request<Full<Bytes>>) -> hyper::Result<Answer> {
        self.sender.ready().await?;
        let response = self.sender.send_request(request).await?;
        let (head, body) = response.into_parts();
        let body = body.collect().await?.to_bytes();
        Ok(Answer {
            status: head.status.as_u16(),
            headers: head.headers,
            body,
        })
    }

    /// What broke the connection; the request itself may know no more than that it is gone.
    async fn cause(&mut self, error: &hyper::Error) -> Broken {
        let ended = self.sender.is_closed();
        if let Some(driver) = self.driver.take_if(|_| ended)
            && let Ok(Err(cause)) = driver.await
        {
            return broken(&cause);
        }
        broken(error)
    }

    /// [`Self::send`] with as few headers as there may be.
    ///
    /// # Errors
    /// [`Broken`].
    pub async fn ask(
        &mut self,
        method: Method,
        path: &str,
        body: impl Into<Bytes>,
    ) -> Result<Answer, Broken> {
        self.ask_with(method, path, &[("host", "collector")], body).await
    }

    /// [`Self::send`] with these headers.
    ///
    /// # Errors
    /// [`Broken`].
    ///
    /// # Panics
    /// If `path` or a header is none.
    pub async fn ask_with(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Result<Answer, Broken> {
        let start = Request::builder().method(method).uri(path);
        let builder = headers
            .iter()
            .fold(start, |builder, (name, value)| builder.header(*name, *value));
        let request = builder
            .body(Full::new(body.into()))
            .expect("a request of sound parts");
        self.send(request).await
    }

    /// Whether the other side has closed it.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.sender.is_closed()
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if let Some(driver) = &self.driver {
            driver.abort();
        }
    }
}

fn broken(error: &dyn std::error::Error) -> Broken {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    Broken(text)
}

impl From<std::io::Error> for Broken {
    fn from(error: std::io::Error) -> Self {
        Self(error.to_string())
    }
}
