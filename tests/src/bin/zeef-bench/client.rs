//! Devices as the load makes them: real enrolment, real mutual TLS, reports as bytes.

use std::net::SocketAddr;
use std::sync::Arc;

use data_encoding::BASE64URL_NOPAD;
use rcgen::{CertificateParams, KeyPair};
use rustls::client::Resumption;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use zeef_proto::field::{DeviceName, Parse, PrivateIp, Username};
use zeef_proto::wire::{self, EnrolmentReply, EnrolmentRequest, EnrolmentToken, Platform, Report};

/// One enrolled device.
pub(crate) struct Device {
    number: usize,
    sequence: u64,
    connector: TlsConnector,
}

/// A connection of a device.
pub(crate) struct Connection(TlsStream<TcpStream>);

/// Which reports are sent.
#[derive(Clone, Copy)]
pub(crate) enum Load {
    /// All four fields, one of them changed: as after a restart of the agent.
    Whole,
    /// The one field that changed: what an agent sends.
    Changed,
    /// No field: the daily sign of life.
    Heartbeat,
}

fn connector(
    root: &CertificateDer<'static>,
    identity: Option<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)>,
) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(root.clone()).expect("the installation's root");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .expect("TLS 1.3")
        .with_root_certificates(roots);
    let mut config = match identity {
        Some((chain, key)) => builder
            .with_client_auth_cert(chain, key)
            .expect("the device's certificate"),
        None => builder.with_no_client_auth(),
    };
    // Each new connection pays for its whole handshake.
    config.resumption = Resumption::disabled();
    TlsConnector::from(Arc::new(config))
}

async fn connect(connector: &TlsConnector, address: SocketAddr) -> Connection {
    let stream = TcpStream::connect(address).await.expect("the server listens");
    stream.set_nodelay(true).expect("TCP_NODELAY");
    let name = ServerName::try_from("127.0.0.1").expect("a name");
    Connection(
        connector
            .connect(name, stream)
            .await
            .expect("the handshake succeeds"),
    )
}

impl Connection {
    /// Sends a POST and gives status and body of the answer.
    async fn post(&mut self, path: &str, body: &[u8]) -> (u16, Vec<u8>) {
        let mut request = format!(
            "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        )
        .into_bytes();
        request.extend_from_slice(body);
        self.0.write_all(&request).await.expect("the request is sent");
        let mut answer = Vec::with_capacity(512);
        loop {
            let read = self.0.read_buf(&mut answer).await.expect("the answer is read");
            assert!(read > 0, "the server closed the connection");
            if let Some(whole) = parse(&answer) {
                return whole;
            }
        }
    }
}

/// Status and body, once they are whole.
fn parse(answer: &[u8]) -> Option<(u16, Vec<u8>)> {
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let head = String::from_utf8_lossy(&answer[..end]).to_ascii_lowercase();
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok())
        .unwrap_or(0);
    let body = answer.get(end..end + length)?;
    Some((status, body.to_vec()))
}

/// Enrols a device with the collector.
pub(crate) async fn enrol(
    address: SocketAddr,
    root: &CertificateDer<'static>,
    token: &EnrolmentToken,
    number: usize,
) -> Device {
    let key = KeyPair::generate().expect("a key");
    let request = CertificateParams::default()
        .serialize_request(&key)
        .expect("a request");
    let message = EnrolmentRequest {
        wire: wire::VERSION,
        agent: "0.1.0".parse().expect("a version"),
        platform: Platform::Linux,
        secret: BASE64URL_NOPAD.encode(&token.secret),
        request: BASE64URL_NOPAD.encode(request.der()),
    };
    let body = serde_json::to_vec(&message).expect("JSON");
    let mut connection = connect(&connector(root, None), address).await;
    let (status, answer) = connection.post(wire::path::ENROLMENT, &body).await;
    assert_eq!(status, 200, "enrolment: {}", String::from_utf8_lossy(&answer));
    let reply = EnrolmentReply::read(&answer).expect("an enrolment reply");
    let decode =
        |text: &String| CertificateDer::from(BASE64URL_NOPAD.decode(text.as_bytes()).expect("base64url"));
    let chain = reply.certificate.chain.iter().map(decode).collect();
    let key = PrivatePkcs8KeyDer::from(key.serialize_der()).into();
    Device {
        number,
        sequence: 0,
        connector: connector(root, Some((chain, key))),
    }
}

impl Device {
    pub(crate) async fn connect(&self, address: SocketAddr) -> Connection {
        connect(&self.connector, address).await
    }

    /// Sends the next report; the answer must be one of success.
    pub(crate) async fn report(&mut self, connection: &mut Connection, load: Load) {
        self.sequence += 1;
        let body = self.next(load).to_bytes();
        let (status, answer) = connection.post(wire::path::REPORT, &body).await;
        assert!(
            (200..300).contains(&status),
            "report: {status} {}",
            String::from_utf8_lossy(&answer)
        );
    }

    /// The first report tells all, whatever the load.
    fn next(&self, load: Load) -> Report {
        let heartbeat = Report {
            wire: wire::VERSION,
            sequence: self.sequence,
            policy: 1,
            agent: "0.1.0".parse().expect("a version"),
            device_name: None,
            usernames: None,
            private_ips: None,
            mac_addresses: None,
        };
        let [.., high, low] = self.number.to_be_bytes();
        let address = format!("10.{high}.{low}.{}", self.sequence % 250 + 1);
        let changed = Report {
            private_ips: Some(vec![PrivateIp::parse(&address).expect("an address")]),
            ..heartbeat.clone()
        };
        match load {
            Load::Heartbeat if self.sequence > 1 => heartbeat,
            Load::Changed if self.sequence > 1 => changed,
            _ => self.whole(changed),
        }
    }

    fn whole(&self, changed: Report) -> Report {
        let [.., high, low] = self.number.to_be_bytes();
        let mac = format!("00:1a:2b:3c:{high:02x}:{low:02x}");
        let username = Username::parse(&format!("user{}", self.number)).expect("a name");
        Report {
            device_name: Some(DeviceName::parse(&format!("lap-{}", self.number)).expect("a name")),
            usernames: Some(vec![username]),
            mac_addresses: Some(vec![Parse::parse(&mac).expect("an address")]),
            ..changed
        }
    }

    /// For a server that stores nothing the numbers may start anywhere; for the collector they go on.
    pub(crate) const fn sequence(&self) -> u64 {
        self.sequence
    }

    /// Goes on at a number, after reports to a server that does not count.
    pub(crate) const fn go_on_from(&mut self, sequence: u64) {
        self.sequence = sequence;
    }
}
