//! A relay on loopback that counts what a program sends through it.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts bytes from the client to the server, TLS included.
pub(crate) struct Relay {
    pub(crate) address: SocketAddr,
    sent: Arc<AtomicU64>,
}

impl Relay {
    /// Relays connections to `server` until the program ends.
    pub(crate) fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("its address");
        let sent = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&sent);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(server) = TcpStream::connect(server) else {
                    continue;
                };
                let (back_from, back_to) = (server.try_clone(), client.try_clone());
                let counter = Arc::clone(&counter);
                std::thread::spawn(move || pump(client, server, Some(&counter)));
                if let (Ok(from), Ok(to)) = (back_from, back_to) {
                    std::thread::spawn(move || pump(from, to, None));
                }
            }
        });
        Self { address, sent }
    }

    /// Bytes sent by clients so far.
    pub(crate) fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }
}

fn pump(mut from: TcpStream, mut to: TcpStream, counter: Option<&AtomicU64>) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        if let Some(counter) = counter {
            counter.fetch_add(read as u64, Ordering::Relaxed);
        }
        if to.write_all(&buffer[..read]).is_err() {
            break;
        }
    }
    drop(to.shutdown(Shutdown::Write));
}
