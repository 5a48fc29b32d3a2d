//! A small HTTP proxy on loopback that takes CONNECT, or refuses it.

use std::io::{Write, copy};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use crate::server::read_request;

/// A running proxy. Its thread ends with the test's process.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    /// Sends every tunnel to `target`, whatever its name; none where there is no target.
    pub(crate) fn start(target: Option<SocketAddr>) -> Self {
        Self::refusing(
            target,
            "HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n".to_owned(),
        )
    }

    /// The same, with what it answers where there is no target.
    pub(crate) fn refusing(target: Option<SocketAddr>, refusal: String) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let proxy = Self {
            address: listener.local_addr().unwrap(),
            lines: Arc::default(),
        };
        let lines = proxy.lines.clone();
        std::thread::spawn(move || {
            for mut client in listener.incoming().flatten() {
                let Some(request) = read_request(&mut client) else {
                    continue;
                };
                lines.lock().unwrap().push(request.line);
                match target {
                    Some(target) => tunnel(client, TcpStream::connect(target).unwrap()),
                    None => drop(client.write_all(refusal.as_bytes())),
                }
            }
        });
        proxy
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }
}

fn tunnel(mut client: TcpStream, mut server: TcpStream) {
    client
        .write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")
        .unwrap();
    let (mut client_again, mut server_again) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    std::thread::spawn(move || {
        drop(copy(&mut client, &mut server));
        drop(server.shutdown(Shutdown::Write));
    });
    std::thread::spawn(move || {
        drop(copy(&mut server_again, &mut client_again));
        drop(client_again.shutdown(Shutdown::Write));
    });
}
