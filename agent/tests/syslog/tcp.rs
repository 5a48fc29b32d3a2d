//! Messages in streams.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use zeef_agent::intake::syslog::{MOST_BYTES, Transport};

use crate::listening::{Listening, listen};

async fn connect(listening: &Listening) -> TcpStream {
    let stream = TcpStream::connect(listening.address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

#[tokio::test]
async fn lines_are_taken_however_they_are_cut_into_writes() {
    let mut listening = listen(Transport::Tcp).await;
    let mut stream = connect(&listening).await;
    for byte in b"<14>one\n<14>two\r\n\n2026-03-01T09:30:00Z host app: three\n" {
        stream.write_all(&[*byte]).await.unwrap();
    }
    stream.shutdown().await.unwrap();
    assert_eq!(
        listening.lines(3).await,
        b"<14>one\n<14>two\n2026-03-01T09:30:00Z host app: three\n"
    );
    listening.lost(0).await;
}

#[tokio::test]
async fn a_connection_that_stays_open_hands_on_what_it_has() {
    let mut listening = listen(Transport::Tcp).await;
    let mut stream = connect(&listening).await;
    stream.write_all(b"<14>one\n<14>tw").await.unwrap();
    assert_eq!(listening.lines(1).await, b"<14>one\n");
    stream.write_all(b"o\n").await.unwrap();
    assert_eq!(listening.lines(1).await, b"<14>two\n");
}

#[tokio::test]
async fn counted_messages_are_one_record_each_whatever_they_hold() {
    let mut listening = listen(Transport::Tcp).await;
    let mut stream = connect(&listening).await;
    for part in [
        "1",
        "5 <14>one\n<14>two",
        "9 <14>th",
        "ree8",
        " <14>four\n7 <14>abc",
    ] {
        stream.write_all(part.as_bytes()).await.unwrap();
    }
    stream.shutdown().await.unwrap();
    assert_eq!(
        listening.lines(4).await,
        b"<14>one\0<14>two\n<14>three\n<14>four\n<14>abc\n"
    );
    listening.lost(0).await;
}

#[tokio::test]
async fn a_message_above_the_bound_is_passed_over_and_counted() {
    let long = vec![b'x'; MOST_BYTES + 1];
    let longest = vec![b'y'; MOST_BYTES];
    let mut listening = listen(Transport::Tcp).await;
    let mut stream = connect(&listening).await;
    for part in [b"<14>before\n", &long[..], b"\n", &longest, b"\n<14>after\n"] {
        stream.write_all(part).await.unwrap();
    }
    stream.shutdown().await.unwrap();
    let lines = listening.lines(3).await;
    let lines: Vec<_> = lines.split(|byte| *byte == b'\n').collect();
    assert_eq!(lines, [b"<14>before", &longest[..], b"<14>after", b""]);
    listening.lost(1).await;

    let mut counted = connect(&listening).await;
    let head = format!("{} <14>", long.len());
    for part in [head.as_bytes(), &long[4..], b"9 <14>after"] {
        counted.write_all(part).await.unwrap();
    }
    assert_eq!(listening.lines(1).await, b"<14>after\n");
    listening.lost(2).await;
}

#[tokio::test]
async fn what_a_connection_leaves_unfinished_is_not_taken() {
    let mut listening = listen(Transport::Tcp).await;
    for (count, unfinished) in [(1, &b"<14>one\n<14>dvchost=lap"[..]), (2, b"7 <14>one20 <14>lap")] {
        let mut stream = connect(&listening).await;
        stream.write_all(unfinished).await.unwrap();
        stream.shutdown().await.unwrap();
        assert_eq!(listening.lines(1).await, b"<14>one\n");
        listening.lost(count).await;
    }
}

#[tokio::test]
async fn a_stream_whose_counts_are_wrong_is_closed_and_that_is_said() {
    let mut listening = listen(Transport::Tcp).await;
    let mut stream = connect(&listening).await;
    stream
        .write_all(b"7 <14>one7 <14>twothree <14>four")
        .await
        .unwrap();
    assert_eq!(stream.read(&mut [0]).await.unwrap_or(0), 0);
    assert_eq!(listening.lines(2).await, b"<14>one\n<14>two\n");
    listening.lost(1).await;
    assert!(listening.health.state().trouble.unwrap().contains("RFC 6587"));
}

#[tokio::test]
async fn a_seventeenth_sender_waits_until_one_of_sixteen_leaves() {
    let mut listening = listen(Transport::Tcp).await;
    let mut connections = Vec::new();
    for _ in 0..16 {
        let mut stream = connect(&listening).await;
        stream.write_all(b"<14>here\n").await.unwrap();
        connections.push(stream);
    }
    listening.lines(16).await;
    let mut another = connect(&listening).await;
    another.write_all(b"<14>seventeenth\n").await.unwrap();
    another.shutdown().await.unwrap();
    let mut leaving = connections.remove(7);
    leaving.write_all(b"<14>leaving\n").await.unwrap();
    leaving.shutdown().await.unwrap();
    assert_eq!(
        listening.lines(2).await,
        b"<14>leaving\n<14>seventeenth\n",
        "it was not read before there was room"
    );
}

#[tokio::test]
async fn a_sender_waits_while_there_is_no_room_and_nothing_is_lost() {
    const LINES: usize = 4_000;
    let mut listening = listen(Transport::Tcp).await;
    let mut stream = connect(&listening).await;
    let line = [&[b'x'; 4_095][..], b"\n"].concat();
    let mut writing = tokio::spawn(async move {
        for _ in 0..LINES {
            stream.write_all(&line).await.unwrap();
        }
    });
    // Sixteen megabytes are more than all buffers on the way.
    let early = timeout(Duration::from_millis(1), &mut writing).await;
    assert!(early.is_err());
    let lines = listening.lines(LINES).await;
    assert_eq!(lines.len(), LINES * 4_096);
    writing.await.unwrap();
    listening.lost(0).await;
}
