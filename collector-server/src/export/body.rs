//! The pieces of a file as the body of an answer.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame};
use tokio::sync::mpsc::Receiver;

use crate::store::{Result, StoreError};

/// Gives out pieces as they are made.
pub struct Chunks(Receiver<Result<Bytes>>);

impl Chunks {
    pub(super) const fn new(from: Receiver<Result<Bytes>>) -> Self {
        Self(from)
    }

    /// The next piece; `None` after the last.
    pub async fn next(&mut self) -> Option<Result<Bytes>> {
        self.0.recv().await
    }
}

impl Body for Chunks {
    type Data = Bytes;
    type Error = StoreError;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>>>> {
        self.0
            .poll_recv(context)
            .map(|piece| piece.map(|piece| piece.map(Frame::data)))
    }
}
