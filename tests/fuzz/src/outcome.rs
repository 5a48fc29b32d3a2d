//! All that came out of one run.

use std::io::{self, Read};

use zeef_agent::sieve::{Account, Explained, Line, Minimised, Outlet, Refused, Sieve};

/// Records as text, refusals, and the account.
#[derive(Debug, PartialEq, Eq, Default)]
pub struct Outcome {
    /// Each record's line of JSON.
    pub lines: Vec<String>,
    /// Each refusal.
    pub refused: Vec<Refused>,
    /// The sums.
    pub account: Account,
}

impl Outcome {
    /// Runs `sieve` over a stream; with `explains` it also explains each record, which must not change anything.
    ///
    /// # Panics
    /// Where a stream that cannot fail fails.
    #[must_use]
    pub fn of(sieve: &Sieve, mut input: impl Read, explains: bool) -> Self {
        let mut collect = Collect {
            outcome: Self::default(),
            explains,
            explained: 0,
        };
        let account = sieve
            .run(&mut input, &mut collect)
            .expect("neither memory nor the outlet fails");
        if explains {
            assert_eq!(collect.explained, account.read, "each record is explained once");
        }
        collect.outcome.account = account;
        collect.outcome
    }
}

struct Collect {
    outcome: Outcome,
    explains: bool,
    explained: u64,
}

impl Outlet for Collect {
    fn record(&mut self, record: &Minimised<'_>) -> io::Result<()> {
        let line = serde_json::to_string(record).expect("a record can be written");
        let mut written = Vec::new();
        record.write(&mut written).expect("memory does not fail");
        assert_eq!(
            written,
            format!("{line}\n").into_bytes(),
            "a line is not what it serialises to"
        );
        self.outcome.lines.push(line);
        Ok(())
    }

    fn refused(&mut self, refused: &Refused) -> io::Result<()> {
        self.outcome.refused.push(*refused);
        Ok(())
    }

    fn explains(&self) -> bool {
        self.explains
    }

    fn explained(&mut self, explained: &Explained<'_>) -> io::Result<()> {
        self.explained += 1;
        for line in explained.lines {
            if let Line::Unnamed { path } = line {
                assert!(!path.chars().any(char::is_control), "a path holds a control character");
            }
        }
        Ok(())
    }
}
