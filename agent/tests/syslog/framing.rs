//! Streams of any content, cut anywhere.

use proptest::prelude::*;
use zeef_agent::intake::syslog::{Frame, Frames, MOST_BYTES};

/// The messages of a stream that comes in parts of some size; `None` for one that was too long.
fn frames(stream: &[u8], size: usize) -> (Vec<Option<Vec<u8>>>, bool) {
    let mut frames = Frames::default();
    let mut found = Vec::new();
    for mut part in stream.chunks(size) {
        loop {
            match frames.next(&mut part) {
                Ok(Some(Frame::Message(message))) => found.push(Some(message.to_vec())),
                Ok(Some(Frame::TooLong)) => found.push(None),
                Ok(None) => break,
                Err(_) => return (found, false),
            }
        }
        assert!(part.is_empty());
    }
    (found, true)
}

fn stream() -> impl Strategy<Value = Vec<u8>> {
    let part = prop_oneof![
        Just(b"<14>".to_vec()),
        Just(b"\n".to_vec()),
        Just(b"7 <14>abc".to_vec()),
        Just(b"99999999 <".to_vec()),
        (0_u32..30).prop_map(|length| format!("{length} ").into_bytes()),
        prop::collection::vec(any::<u8>(), 0..20),
    ];
    prop::collection::vec(part, 0..20).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn a_stream_holds_the_same_messages_however_it_is_cut(stream in stream(), size in 1_usize..40) {
        prop_assert_eq!(frames(&stream, size), frames(&stream, stream.len().max(1)));
    }

    #[test]
    fn counted_messages_come_out_as_they_went_in(
        messages in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..60), 1..10),
        size in 1_usize..40,
    ) {
        let messages: Vec<Vec<u8>> = messages
            .into_iter()
            .map(|message| [b"<14>".as_slice(), &message].concat())
            .collect();
        let mut stream = Vec::new();
        for message in &messages {
            stream.extend(format!("{} ", message.len()).into_bytes());
            stream.extend(message);
        }
        let expected: Vec<_> = messages.into_iter().map(Some).collect();
        prop_assert_eq!(frames(&stream, size), (expected, true));
    }
}

#[test]
fn a_line_is_as_long_as_the_bound_and_no_longer() {
    let line = |length| [&vec![b'x'; length][..], b"\n"].concat();
    for size in [1, 1_000, MOST_BYTES, 2 * MOST_BYTES] {
        let (found, _) = frames(&line(MOST_BYTES), size);
        assert_eq!(found.len(), 1);
        assert!(found[0].is_some());
        assert_eq!(frames(&line(MOST_BYTES + 1), size).0, [None]);
    }
}
