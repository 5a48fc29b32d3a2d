//! What operators and browsers see, over plain HTTP on loopback.

use std::net::{IpAddr, SocketAddr};

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
        get(self.port(OPERATIONS), path, "").await
    }

    /// Asks for a page as somebody who has not signed in.
    ///
    /// # Errors
    /// [`Broken`], also where nobody listens.
    pub async fn page_unsigned(&self, path: &str) -> Result<Answer, Broken> {
        get(self.port(WEB), path, "").await
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

    /// Tries to sign in with a password; gives the status.
    ///
    /// # Errors
    /// [`Broken`], also where nobody listens.
    pub async fn try_password(&self, name: &str, password: &str) -> Result<u16, Broken> {
        let address = self.port(WEB);
        let (host, origin) = (address.to_string(), format!("http://{address}"));
        let headers = [
            ("host", host.as_str()),
            ("origin", origin.as_str()),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        let form = format!("name={name}&password={password}");
        let mut connection = Connection::over(TcpStream::connect(address).await?).await?;
        let answer = connection
            .ask_with(Method::POST, "/sign-in", &headers, form)
            .await?;
        Ok(answer.status)
    }

    /// Makes an account and signs in with its one-time link.
    ///
    /// # Panics
    /// If the link does not sign in.
    pub async fn signed_in(&self, name: &str) -> Browser {
        self.signed_in_at(self.address, name).await
    }

    /// The same at the collector of the installation that has this address.
    ///
    /// # Panics
    /// If the link does not sign in.
    pub async fn signed_in_at(&self, address: IpAddr, name: &str) -> Browser {
        let made = self
            .run(&["user", "add", name, "--role", "administrator", "--json"])
            .json();
        let link = made["link"].as_str().expect("a link");
        let path = link.find("/sign-in/").map(|at| &link[at..]).expect("a path");
        self.secrets.add(&path["/sign-in/".len()..]);
        let address = SocketAddr::new(address, WEB);
        let (host, origin) = (address.to_string(), format!("http://{address}"));
        let headers = [
            ("host", host.as_str()),
            ("origin", origin.as_str()),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        let stream = TcpStream::connect(address).await.expect("pages");
        let mut connection = Connection::over(stream).await.expect("HTTP");
        let answer = connection
            .ask_with(Method::POST, path, &headers, "")
            .await
            .expect("an answer");
        assert_eq!(answer.status, 303, "{answer:?}");
        let cookie = answer.header("set-cookie").split(';').next().unwrap_or_default();
        let secret = cookie.split('=').next_back().unwrap_or_default();
        self.secrets.add(secret);
        Browser {
            address,
            cookie: cookie.to_owned(),
        }
    }
}

/// A person who is signed in.
pub struct Browser {
    address: SocketAddr,
    cookie: String,
}

impl Browser {
    /// The same person, who goes on at another collector.
    #[must_use]
    pub fn at(&self, address: IpAddr) -> Self {
        Self {
            address: SocketAddr::new(address, WEB),
            cookie: self.cookie.clone(),
        }
    }

    /// Asks for a page.
    ///
    /// # Errors
    /// [`Broken`], also where nobody listens.
    pub async fn open(&self, path: &str) -> Result<Answer, Broken> {
        get(self.address, path, &self.cookie).await
    }

    /// Opens a page.
    ///
    /// # Panics
    /// If it cannot be had.
    pub async fn page(&self, path: &str) -> String {
        let answer = self.open(path).await.expect("an answer");
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        answer.text()
    }
}

async fn get(address: SocketAddr, path: &str, cookie: &str) -> Result<Answer, Broken> {
    let mut connection = Connection::over(TcpStream::connect(address).await?).await?;
    let host = address.to_string();
    let mut headers = vec![("host", host.as_str())];
    if !cookie.is_empty() {
        headers.push(("cookie", cookie));
    }
    connection.ask_with(Method::GET, path, &headers, "").await
}
