//! Runs definitions over records and gathers what comes out.

use std::io::{self, Read};

use serde_json::Value;
use zeef_agent::policy::REFERENCE;
use zeef_agent::sieve::definition::{Definition, embedded_named};
use zeef_agent::sieve::{Account, Explained, Line, Minimised, Outlet, Refusal, Refused, Sieve};
use zeef_proto::policy::Policy;

/// What came out of a run.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Outcome {
    pub(crate) records: Vec<Value>,
    pub(crate) refused: Vec<Refused>,
    pub(crate) account: Account,
}

impl Outcome {
    /// The only record, without what says where it comes from.
    pub(crate) fn only(mut self) -> Value {
        assert_eq!(self.records.len(), 1, "{self:?}");
        self.records.remove(0)
    }

    pub(crate) fn refusals(&self) -> Vec<Refusal> {
        self.refused.iter().map(|refused| refused.refusal).collect()
    }
}

impl Outlet for Outcome {
    fn record(&mut self, record: &Minimised<'_>) -> io::Result<()> {
        let mut value = serde_json::to_value(record)?;
        let mut line = Vec::new();
        record.write(&mut line)?;
        assert_eq!(line, format!("{}\n", serde_json::to_string(record)?).into_bytes());
        for key in ["source", "product", "record"] {
            value.as_object_mut().unwrap().remove(key).unwrap();
        }
        self.records.push(value);
        Ok(())
    }

    fn refused(&mut self, refused: &Refused) -> io::Result<()> {
        self.refused.push(*refused);
        Ok(())
    }
}

pub(crate) fn policy() -> Policy {
    Policy::parse(REFERENCE).unwrap()
}

/// A definition that comes with the agent.
pub(crate) fn source(name: &str) -> Sieve {
    let definition = embedded_named(name).unwrap().expect("a known source");
    Sieve::new(&definition, &policy(), None).unwrap()
}

/// A definition of a test.
pub(crate) fn defined(text: &str) -> Sieve {
    let definition = Definition::parse(text, &policy()).unwrap();
    Sieve::new(&definition, &policy(), None).unwrap()
}

/// A definition for records of JSON that have a key `id`.
pub(crate) fn json(fields: &str) -> Sieve {
    defined(&format!(
        "name = 'test'\nabout = ''\nproduct = 'rmm'\npages = ['page']\n\
         [[shape]]\nname = 'record'\nformat = 'json'\nhas = ['id']\n[shape.fields]\n{fields}\n"
    ))
}

pub(crate) fn run(sieve: &Sieve, input: impl AsRef<[u8]>) -> Outcome {
    read(sieve, &mut input.as_ref())
}

pub(crate) fn read(sieve: &Sieve, input: &mut dyn Read) -> Outcome {
    let mut outcome = Outcome::default();
    outcome.account = sieve.run(input, &mut outcome).unwrap();
    outcome
}

/// Gives a few bytes at a time.
pub(crate) struct Chunks<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) size: usize,
}

impl Read for Chunks<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.size.min(buffer.len());
        self.bytes.read(&mut buffer[..count])
    }
}

/// The explanation of each record, as lines of path and verdict.
pub(crate) fn explain(sieve: &Sieve, input: &str) -> Vec<(String, String)> {
    let mut lines = Explanations(Vec::new());
    sieve.run(&mut input.as_bytes(), &mut lines).unwrap();
    lines.0
}

struct Explanations(Vec<(String, String)>);

impl Outlet for Explanations {
    fn record(&mut self, _: &Minimised<'_>) -> io::Result<()> {
        Ok(())
    }

    fn refused(&mut self, _: &Refused) -> io::Result<()> {
        Ok(())
    }

    fn explains(&self) -> bool {
        true
    }

    fn explained(&mut self, record: &Explained<'_>) -> io::Result<()> {
        for line in record.lines {
            self.0.push(match line {
                Line::Named {
                    path,
                    verdict,
                    passed,
                    ..
                } => {
                    let shown = match (line.reason(), passed) {
                        (Some(reason), _) => format!("{verdict}: {reason}"),
                        (None, passed) => format!("{verdict}: {}", passed.as_deref().unwrap_or_default()),
                    };
                    (path.clone(), shown)
                }
                Line::Unnamed { path } => (path.clone(), "not named".to_owned()),
            });
        }
        Ok(())
    }
}
