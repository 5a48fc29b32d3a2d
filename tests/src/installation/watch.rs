//! What operators and browsers see, over plain HTTP on loopback.

use http::Method;
use tokio::net::TcpStream;

use super::{Installation, OPERATIONS, WEB};
use crate::device::{Answer, Broken, Connection};

impl Installation {
    /// Asks the operations' port.
    ///
    /// # Errors
    /// [`Broken`], also where nobody listens.
    pub async fn operations(&self, path: &str) -> Result<Answer, Broken> {
        self.plain(OPERATIONS, path, "").await
    }

    /// Asks for a page, with a cookie or without.
    ///
    /// # Errors
    /// [`Broken`], also where nobody listens.
    pub async fn page(&self, path: &str, cookie: &str) -> Result<Answer, Broken> {
        self.plain(WEB, path, cookie).await
    }

    /// The value of one metric, with its labels as printed.
    ///
    /// # Panics
    /// If there is no such metric.
    pub async fn metric(&self, name: &str) -> u64 {
        let text = self.operations("/metrics").await.expect("metrics").text();
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.and_then(|value| value.parse().ok())
            .unwrap_or_else(|| panic!("no {name} in {text}"))
    }

    async fn plain(&self, port: u16, path: &str, cookie: &str) -> Result<Answer, Broken> {
        let address = self.port(port);
        let mut connection = Connection::over(TcpStream::connect(address).await?).await?;
        let host = address.to_string();
        let mut headers = vec![("host", host.as_str())];
        if !cookie.is_empty() {
            headers.push(("cookie", cookie));
        }
        connection.ask_with(Method::GET, path, &headers, "").await
    }
}
