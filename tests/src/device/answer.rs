//! What a collector answers.

use bytes::Bytes;
use http::HeaderMap;
use serde::de::DeserializeOwned;
use zeef_proto::wire::{Problem, ProblemCode};

/// One answer, read whole.
#[derive(Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: Bytes,
}

impl Answer {
    /// A header as text, empty where there is none.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body of a refusal, which is a problem with the answer's own status.
    ///
    /// # Panics
    /// If the answer is no refusal or not in that form.
    #[track_caller]
    #[must_use]
    pub fn problem(&self) -> Problem {
        assert_eq!(
            self.header("content-type"),
            "application/problem+json",
            "{self:?}"
        );
        let problem: Problem = serde_json::from_slice(&self.body).expect("a problem");
        assert_eq!(problem.status, self.status);
        assert_eq!(problem.code.status(), self.status);
        problem
    }

    /// The code of a refusal.
    ///
    /// # Panics
    /// If the answer is no refusal.
    #[track_caller]
    #[must_use]
    pub fn code(&self) -> ProblemCode {
        self.problem().code
    }

    /// The body as a message of the wire contract, or as any JSON.
    ///
    /// # Panics
    /// If it is none.
    #[track_caller]
    #[must_use]
    pub fn json<T: DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }
}
