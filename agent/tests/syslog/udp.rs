//! Messages in datagrams.

use tokio::net::UdpSocket;
use zeef_agent::intake::syslog::{MOST_BYTES, Transport};

use crate::harness::{Outcome, json, run, source};
use crate::listening::{Listening, listen};

async fn sender(listening: &Listening) -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    socket.connect(listening.address).await.unwrap();
    socket
}

/// The pieces of some datagrams.
async fn sent(datagrams: &[&[u8]]) -> Vec<u8> {
    let mut listening = listen(Transport::Udp).await;
    let socket = sender(&listening).await;
    for datagram in datagrams {
        socket.send(datagram).await.unwrap();
    }
    let lines = listening.lines(datagrams.len()).await;
    assert_eq!(listening.health.state().lost, 0);
    assert!(listening.health.state().last_read.is_some());
    lines
}

fn names(outcome: &Outcome) -> Vec<&str> {
    outcome
        .records
        .iter()
        .filter_map(|record| record["device_name"].as_str())
        .collect()
}

#[tokio::test]
async fn each_datagram_is_a_line_and_what_is_odd_in_it_is_left_to_the_sieve() {
    let lines = sent(&[b"<14>one", b"<14>two\r\n", b"<14>\0\xff\xfe three"]).await;
    assert_eq!(lines, b"<14>one\n<14>two\n<14>\0\xff\xfe three\n");
}

#[tokio::test]
async fn a_line_break_in_a_datagram_smuggles_no_second_record() {
    let head = "CEF:0|ESET|Protect|12|1|Event|5|";
    let smuggled = format!("<14>{head}dvchost=lap-17 msg=x\n{head}dvchost=evil");
    let outcome = run(&source("eset-protect"), sent(&[smuggled.as_bytes()]).await);
    assert_eq!(names(&outcome), ["lap-17"]);

    let sieve = json("device_name = ['host']");
    let two = b"{\"id\":1,\"host\":\"lap-17\"}\n{\"id\":2,\"host\":\"evil\"}";
    let outcome = run(&sieve, sent(&[two, b"{\"id\":3,\"host\":\"lap-18\"}"]).await);
    assert_eq!(names(&outcome), ["lap-18"]);
    assert_eq!(outcome.refused.len(), 1);
}

#[tokio::test]
async fn no_datagram_decides_how_the_others_are_read() {
    let sieve = json("device_name = ['host']");
    let sound: &[u8] = b"{\"id\":1,\"host\":\"lap-17\"}";
    let firsts = [
        &b"{\"id\":1,\"host\":"[..],
        b" {\"id\":1,",
        b"[",
        b"\x1f\x8b\x08\0\0\0\0\0",
        b"\xff\xfe{\0",
        b"\0\0\xfe\xff",
        b"\xef\xbb\xbf{\"id\":",
    ];
    let together = firsts.map(|first| {
        (
            first,
            tokio::spawn(async move { sent(&[first, sound, sound]).await }),
        )
    });
    for (first, sent) in together {
        let outcome = run(&sieve, sent.await.unwrap());
        assert_eq!(names(&outcome), ["lap-17", "lap-17"], "{first:?}");
    }
}

#[tokio::test]
async fn a_flood_without_room_is_lost_and_counted_and_what_comes_after_it_is_taken() {
    let mut listening = listen(Transport::Udp).await;
    let socket = sender(&listening).await;
    let datagram = [b'x'; 4_000];
    let mut datagrams = 0;
    while listening.health.state().lost == 0 {
        datagrams += 1;
        assert!(datagrams < 100_000, "nothing was lost");
        socket.send(&datagram).await.unwrap();
        tokio::task::yield_now().await;
    }
    // One piece in the channel, one that waits.
    let most = MOST_BYTES / datagram.len();
    assert!(datagrams > most);
    let first = listening.piece().await;
    let second = listening.piece().await;
    for piece in [&first, &second] {
        assert!(piece.len() <= MOST_BYTES + 64);
    }
    socket.send(b"<14>after").await.unwrap();
    let mut last = second;
    while !last.ends_with(b"<14>after\n") {
        last = listening.piece().await;
    }
}
