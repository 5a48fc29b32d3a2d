//! One try of one request, over a connection of its own as an agent makes it; and trying again.

use std::sync::Arc;
use std::time::Duration;

use http::Method;
use tokio::time::{Instant, sleep_until, timeout_at};
use zeef_agent::{random, run::wait_for};
use zeef_proto::wire::{Problem, ProblemCode};

use super::counted::Counted;
use super::run::Run;
use crate::device::{Answer, Connection, Dial};

/// As long as an agent waits.
const PATIENCE: Duration = Duration::from_secs(30);

/// Why a request was not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failure {
    /// The run ended first.
    Over,
    /// No TCP connection.
    Unreachable(std::io::ErrorKind),
    /// TLS was not agreed on.
    Handshake,
    /// The connection ended before the answer.
    Broken,
    /// No answer in time.
    TimedOut,
    /// The collector said no.
    Refused {
        code: ProblemCode,
        retry_after: Option<u32>,
    },
    /// An answer that is none of the contract's, with its status.
    Nonsense(u16),
}

impl Failure {
    /// The kind under which it is counted.
    pub(super) fn kind(self) -> String {
        match self {
            Self::Over => "run over".to_owned(),
            Self::Unreachable(reason) => format!("connect: {reason}"),
            Self::Handshake => "handshake".to_owned(),
            Self::Broken => "connection broke".to_owned(),
            Self::TimedOut => "no answer in time".to_owned(),
            Self::Refused { code, .. } => code.to_string(),
            Self::Nonsense(status) => format!("not the contract's, status {status}"),
        }
    }

    /// Whether the same request may go well later.
    const fn passes(self) -> bool {
        use ProblemCode as P;
        match self {
            Self::Unreachable(_) | Self::Handshake | Self::Broken | Self::TimedOut => true,
            Self::Refused { code, .. } => matches!(code, P::TooManyRequests | P::Unavailable | P::Internal),
            Self::Over | Self::Nonsense(_) => false,
        }
    }

    const fn retry_after(self) -> Option<u32> {
        match self {
            Self::Refused { retry_after, .. } => retry_after,
            _ => None,
        }
    }
}

/// A request.
#[derive(Clone)]
pub(super) struct Request {
    pub(super) method: Method,
    pub(super) path: &'static str,
    pub(super) body: Vec<u8>,
}

impl Request {
    pub(super) const fn post(path: &'static str, body: Vec<u8>) -> Self {
        Self {
            method: Method::POST,
            path,
            body,
        }
    }
}

impl Run {
    /// Asks until it is done or refused for good, and waits between two tries as an agent does. `dial` gives the way
    /// for each try.
    pub(super) async fn until_done(
        &self,
        dial: impl Fn() -> Dial,
        request: &Request,
    ) -> Result<Answer, Failure> {
        for failures in 1.. {
            let failure = match self.ask(&dial, request).await {
                Ok(answer) => return Ok(answer),
                Err(Failure::Over) => break,
                Err(failure) => failure,
            };
            self.tally.failed(failure);
            if !failure.passes() {
                return Err(failure);
            }
            let seconds = wait_for(failure.retry_after(), failures, random::number());
            // An agent's clock ticks seconds, each one's at a moment of its own.
            let spread = Duration::from_millis(random::number() % 1_000);
            let pause = Duration::from_secs(seconds.unsigned_abs()) + spread;
            let end = Instant::now() + pause;
            sleep_until(end.min(self.until)).await;
        }
        Err(Failure::Over)
    }

    /// One try, when there is a slot for it.
    pub(super) async fn ask(&self, dial: impl Fn() -> Dial, request: &Request) -> Result<Answer, Failure> {
        let slot = timeout_at(self.until, self.slots.acquire()).await;
        let Ok(Ok(_slot)) = slot else {
            return Err(Failure::Over);
        };
        let begun = Instant::now();
        let bound = self.until.min(begun + PATIENCE);
        let answer = match timeout_at(bound, self.exchange(&dial(), request)).await {
            Ok(answer) => answer?,
            Err(_) if bound == self.until => return Err(Failure::Over),
            Err(_) => return Err(Failure::TimedOut),
        };
        let answer = accepted(answer)?;
        self.tally.exchanged(begun.elapsed());
        Ok(answer)
    }

    async fn exchange(&self, dial: &Dial, request: &Request) -> Result<Answer, Failure> {
        let Request { method, path, body } = request.clone();
        let tcp = dial
            .tcp()
            .await
            .map_err(|error| Failure::Unreachable(error.kind()))?;
        let stream = dial
            .tls_over(Counted::new(tcp, &Arc::clone(&self.tally.traffic)))
            .await
            .map_err(|_| Failure::Handshake)?;
        let mut connection = Connection::over(stream).await.map_err(|_| Failure::Broken)?;
        let headers = [("host", self.name.as_str()), ("content-type", "application/json")];
        connection
            .ask_with(method, path, &headers, body)
            .await
            .map_err(|_| Failure::Broken)
    }
}

/// An answer of success, or the refusal that it is; something in between may have answered as well.
fn accepted(answer: Answer) -> Result<Answer, Failure> {
    let code = match (answer.status, serde_json::from_slice::<Problem>(&answer.body)) {
        (200..=299, _) => return Ok(answer),
        (_, Ok(problem)) => problem.code,
        (429, _) => ProblemCode::TooManyRequests,
        (500..=599, _) => ProblemCode::Unavailable,
        (status, _) => return Err(Failure::Nonsense(status)),
    };
    Err(Failure::Refused {
        code,
        retry_after: answer.header("retry-after").trim().parse().ok(),
    })
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;

    fn answer(status: u16, body: &str) -> Answer {
        let mut headers = HeaderMap::new();
        headers.insert("retry-after", "7".parse().unwrap());
        Answer {
            status,
            headers,
            body: body.to_owned().into(),
        }
    }

    #[test]
    fn a_refusal_is_known_by_its_code_and_where_it_has_none_by_its_status() {
        let refused = |status, body: &str| accepted(answer(status, body)).map(|_| ()).unwrap_err();
        let because = |code| Failure::Refused {
            code,
            retry_after: Some(7),
        };
        let problem = serde_json::to_string(&Problem::new(ProblemCode::SequenceFork, None)).unwrap();
        assert_eq!(refused(409, &problem), because(ProblemCode::SequenceFork));
        assert_eq!(refused(429, ""), because(ProblemCode::TooManyRequests));
        assert_eq!(refused(502, "<html>"), because(ProblemCode::Unavailable));
        assert_eq!(refused(404, ""), Failure::Nonsense(404));
        assert!(accepted(answer(204, "")).is_ok());
    }

    #[test]
    fn only_what_may_pass_is_tried_again() {
        let refused = |code| Failure::Refused {
            code,
            retry_after: None,
        };
        let passing = [
            ProblemCode::TooManyRequests,
            ProblemCode::Unavailable,
            ProblemCode::Internal,
        ];
        for code in ProblemCode::ALL {
            assert_eq!(refused(*code).passes(), passing.contains(code), "{code}");
        }
        assert!(Failure::Broken.passes() && Failure::Handshake.passes() && Failure::TimedOut.passes());
        assert!(!Failure::Over.passes() && !Failure::Nonsense(200).passes());
    }
}
