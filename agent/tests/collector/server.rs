//! A small HTTPS server on loopback: TLS 1.3, client certificates where they are offered, one answer a request.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};
use zeef_proto::wire::{Problem, ProblemCode};

use crate::authority::{Authority, ServerIdentity};

/// A request, as far as the tests look at it.
#[derive(Clone)]
pub(crate) struct Request {
    /// Method and path, such as `POST /v1/report`.
    pub(crate) line: String,
    /// The header, each name in lower case.
    pub(crate) head: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// Whether the client showed a certificate of the authority.
    pub(crate) certified: bool,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.head.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Further lines of the header. With one on the length or the end of the body, the connection ends behind it.
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json<T: serde::Serialize>(message: &T) -> Self {
        Self {
            status: 200,
            head: String::new(),
            body: serde_json::to_vec(message).unwrap(),
        }
    }

    pub(crate) fn problem(code: ProblemCode) -> Self {
        Self {
            status: code.status(),
            ..Self::json(&Problem::new(code, None))
        }
    }

    pub(crate) fn with_head(mut self, head: &str) -> Self {
        self.head = format!("{head}\r\n");
        self
    }
}

type Handler = dyn Fn(&Request) -> Answer + Send + Sync;

/// A running server; stops when it is dropped.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
    stopping: Arc<AtomicBool>,
}

impl Server {
    pub(crate) fn start(
        authority: &Authority,
        identity: ServerIdentity,
        handler: impl Fn(&Request) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let server = Self {
            address: listener.local_addr().unwrap(),
            requests: Arc::default(),
            stopping: Arc::default(),
        };
        let configuration = configuration(authority, identity);
        let (requests, stopping) = (server.requests.clone(), server.stopping.clone());
        let handler: Arc<Handler> = Arc::new(handler);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if stopping.load(Ordering::SeqCst) {
                    return;
                }
                let (configuration, requests, handler) =
                    (configuration.clone(), requests.clone(), handler.clone());
                std::thread::spawn(move || serve(stream, configuration, &requests, &*handler));
            }
        });
        server
    }

    pub(crate) fn url(&self) -> String {
        format!("https://localhost:{}", self.address.port())
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::SeqCst);
        // Wakes the loop that accepts.
        drop(TcpStream::connect(self.address));
    }
}

fn configuration(authority: &Authority, identity: ServerIdentity) -> Arc<ServerConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(authority.root().into()).unwrap();
    let clients = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone())
        .allow_unauthenticated()
        .build()
        .unwrap();
    let configuration = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_client_cert_verifier(clients)
        .with_single_cert(identity.chain, identity.key)
        .unwrap();
    Arc::new(configuration)
}

/// One connection: requests until the client has no more, or the handshake fails.
fn serve(
    stream: TcpStream,
    configuration: Arc<ServerConfig>,
    requests: &Mutex<Vec<Request>>,
    handler: &Handler,
) {
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let mut stream = StreamOwned::new(ServerConnection::new(configuration).unwrap(), stream);
    while let Some(request) = read_request(&mut stream) {
        let request = Request {
            certified: stream.conn.peer_certificates().is_some(),
            ..request
        };
        requests.lock().unwrap().push(request.clone());
        let answer = handler(&request);
        let ends = answer.head.contains("content-length:") || answer.head.contains("connection: close");
        let length = if ends {
            String::new()
        } else {
            format!("content-length: {}\r\n", answer.body.len())
        };
        let head = format!("HTTP/1.1 {} X\r\n{length}{}\r\n", answer.status, answer.head);
        if stream.write_all(head.as_bytes()).is_err() || stream.write_all(&answer.body).is_err() {
            return;
        }
        drop(stream.flush());
        if ends {
            return;
        }
    }
}

/// A request; whether it shows a certificate is not for its bytes to say.
pub(crate) fn read_request(stream: &mut impl Read) -> Option<Request> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).ok()?;
    let line = head.lines().next()?.trim_end_matches(" HTTP/1.1").to_owned();
    let head: Vec<(String, String)> = head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let mut request = Request {
        line,
        head,
        body: Vec::new(),
        certified: false,
    };
    let length = request
        .header("content-length")
        .and_then(|length| length.parse().ok());
    request.body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut request.body).ok()?;
    Some(request)
}
