//! Lines on standard output, and refused records on standard error.

use std::io::{self, BufWriter, Write};

use serde_json::json;

use crate::sieve::{Explained, Line, Minimised, Outlet, Refused, Verdict};

/// Refused records that are told one by one; the summary counts them all.
const MOST_TOLD: u64 = 10;

/// One JSON object a line for each record, or the explanation of each.
pub(super) struct Lines<'a> {
    out: BufWriter<&'a mut dyn Write>,
    explains: bool,
    json: bool,
    refused: u64,
}

impl<'a> Lines<'a> {
    pub(super) fn new(out: &'a mut dyn Write, explains: bool, json: bool) -> Self {
        Self {
            out: BufWriter::with_capacity(1 << 16, out),
            explains,
            json,
            refused: 0,
        }
    }

    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    /// Says how many refused records were not told one by one.
    pub(super) fn finish(self) {
        if self.refused > MOST_TOLD {
            drop(writeln!(
                io::stderr(),
                "zeef-agent: {} more records were refused",
                self.refused - MOST_TOLD
            ));
        }
    }
}

impl Outlet for Lines<'_> {
    fn record(&mut self, record: &Minimised<'_>) -> io::Result<()> {
        if self.explains {
            return Ok(());
        }
        record.write(&mut self.out)
    }

    fn refused(&mut self, refused: &Refused) -> io::Result<()> {
        self.refused += 1;
        if self.refused <= MOST_TOLD && !self.explains {
            drop(writeln!(
                io::stderr(),
                "zeef-agent: record {} (line {}, byte {}) was refused: {}",
                refused.record,
                refused.line,
                refused.offset,
                refused.refusal
            ));
        }
        Ok(())
    }

    fn explains(&self) -> bool {
        self.explains
    }

    fn explained(&mut self, record: &Explained<'_>) -> io::Result<()> {
        if self.json {
            serde_json::to_writer(&mut self.out, &as_json(record))?;
            return self.out.write_all(b"\n");
        }
        as_text(record, &mut self.out)
    }
}

fn as_text(record: &Explained<'_>, out: &mut dyn Write) -> io::Result<()> {
    let head = match (&record.refused, record.shape) {
        (Some(refused), _) => format!("refused: {}", refused.refusal),
        (None, shape) => shape.unwrap_or_default().to_owned(),
    };
    writeln!(out, "record {} (line {}): {head}", record.record, record.line)?;
    for line in record.lines {
        let (path, verdict, rule) = match line {
            Line::Named {
                path,
                subject,
                verdict,
                passed,
            } => {
                let rule = match (verdict, passed) {
                    (Verdict::Dropped(reason), _) => format!("{subject}: {reason}"),
                    (_, Some(passed)) => format!("{subject}: {passed}"),
                    (_, None) => subject.to_string(),
                };
                (path, verdict.to_string(), rule)
            }
            Line::Unnamed { path } => (
                path,
                "dropped".to_owned(),
                "not named by the definition".to_owned(),
            ),
        };
        writeln!(out, "  {path:<32}  {verdict:<9}  {rule}")?;
    }
    Ok(())
}

fn as_json(record: &Explained<'_>) -> serde_json::Value {
    let paths: Vec<_> = record
        .lines
        .iter()
        .map(|line| match line {
            Line::Named {
                path,
                subject,
                verdict,
                passed,
            } => json!({
                "path": path,
                "feeds": subject,
                "verdict": verdict,
                "reason": line.reason(),
                "passed": passed,
            }),
            Line::Unnamed { path } => json!({ "path": path, "verdict": "dropped", "reason": "not named" }),
        })
        .collect();
    json!({
        "record": record.record,
        "line": record.line,
        "shape": record.shape,
        "refused": record.refused.map(|refused| refused.refusal),
        "paths": paths,
    })
}
