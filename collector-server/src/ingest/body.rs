//! Reading a request's body: bounded in size and time.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::Body;
use zeef_proto::wire::{MAX_BODY, ProblemCode};

use super::answer::Refused;

/// A body that is a little too large is read to its end, so that its sender hears why it was refused; one that is
/// far too large is not.
const READ_AT_MOST: usize = 4 * MAX_BODY;

/// Reads the body whole.
pub(super) async fn read<B>(body: B, timeout: Duration) -> Result<Bytes, Refused>
where
    B: Body<Data = Bytes> + Unpin,
{
    let too_large = || Refused::new(ProblemCode::TooLarge).and_close();
    if body.size_hint().lower() > READ_AT_MOST as u64 {
        return Err(too_large());
    }
    match tokio::time::timeout(timeout, collect(body)).await {
        Ok(Some(bytes)) if bytes.len() <= MAX_BODY => Ok(bytes),
        Ok(Some(_)) => Err(too_large()),
        Ok(None) => {
            Err(Refused::because(ProblemCode::InvalidMessage, "the message ends too early").and_close())
        }
        Err(_) => {
            Err(Refused::because(ProblemCode::InvalidMessage, "the message came too slowly").and_close())
        }
    }
}

/// `None` where the connection broke. Gives up, with more than is allowed, beyond the bound.
async fn collect<B>(mut body: B) -> Option<Bytes>
where
    B: Body<Data = Bytes> + Unpin,
{
    let mut first: Option<Bytes> = None;
    let mut whole = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.ok()?.into_data() else {
            continue;
        };
        // Most bodies are one frame, and are not copied.
        match first.take() {
            None if whole.is_empty() => first = Some(data),
            None => whole.extend_from_slice(&data),
            Some(before) => {
                whole.extend_from_slice(&before);
                whole.extend_from_slice(&data);
            }
        }
        if whole.len() > READ_AT_MOST {
            break;
        }
    }
    Some(first.unwrap_or_else(|| whole.freeze()))
}
