//! The whole: bytes in, minimised records out.

use std::io::{self, Read};
use std::sync::Arc;

use zeef_proto::field::Field;
use zeef_proto::policy::{Permits, Policy, ProductId, Source, Treatment};

use super::bytes::{Expanding, Window};
use super::decide::{Decider, Outcome, Parts, Treatments};
use super::definition::{Definition, DefinitionError, Format};
use super::explain::note_unnamed;
use super::memo::Memo;
use super::plan::{Leaf, Plan};
use super::read::{Sink, Stream};
use super::record::Record;
use super::{Account, Explained, Line, Outlet, Refusal, Refused, Verdict};

use crate::pseudonym::Key;

pub use super::bytes::MAX_RATIO;

/// What can be seen of the stream at once; records may be longer.
const WINDOW_BYTES: usize = 32 << 10;

/// A definition under a policy, ready to be run over any number of streams.
pub struct Sieve {
    plan: Plan,
    product: ProductId,
    treatments: Treatments,
    key: Option<Arc<Key>>,
    most_ratio: u32,
}

impl Sieve {
    /// Compiles `definition`. What `policy` does not document for its product is dropped, even where the
    /// definition names it. Without a key nothing is hashed: what would be is dropped.
    ///
    /// # Errors
    /// Where the definition is larger than the engine takes.
    pub fn new(
        definition: &Definition,
        policy: &Policy,
        key: Option<Arc<Key>>,
    ) -> Result<Self, DefinitionError> {
        let permits =
            [Source::Agent, Source::Site].map(|source| Permits::new(policy, [&definition.product], source));
        let treatments = Treatments::new(|field| {
            let documented = permits.iter().filter(|permits| permits.documents(field));
            documented
                .map(|permits| permits.treatment(field))
                .max_by_key(Treatment::strictness)
                .unwrap_or(Treatment::Drop)
        });
        Ok(Self {
            plan: Plan::new(definition)?,
            product: definition.product.clone(),
            treatments,
            key,
            most_ratio: MAX_RATIO,
        })
    }

    /// A field that the policy lets pass as a keyed hash alone, which the definition feeds, while no key was given.
    #[must_use]
    pub fn field_without_key(&self) -> Option<Field> {
        let hashed = |field: &Field| self.treatments.of(*field) == Treatment::Pseudonymise;
        let without = self.key.is_none();
        self.plan.fields().find(hashed).filter(|_| without)
    }

    /// Refuses gzip that grows to more than `ratio` times its size.
    #[must_use]
    pub const fn with_most_ratio(mut self, ratio: u32) -> Self {
        self.most_ratio = ratio;
        self
    }

    /// Minimises a stream. Memory does not depend on its length, nor on that of its records.
    ///
    /// # Errors
    /// Those of reading it, and of the outlet. What was given to the outlet by then is complete.
    pub fn run(&self, input: &mut dyn Read, outlet: &mut dyn Outlet) -> io::Result<Account> {
        let mut run = Run {
            decider: Decider {
                plan: &self.plan,
                treatments: &self.treatments,
                key: self.key.as_deref(),
                explains: outlet.explains(),
            },
            outlet,
            account: Account::default(),
            parts: Parts::default(),
            memo: Memo::new(&self.plan.source, &self.product),
            unnamed: Vec::new(),
            line: 1,
            offset: 0,
        };
        let mut expanding = Expanding::new(input, self.most_ratio)?;
        let mut window = Window::new(&mut expanding, WINDOW_BYTES);
        Stream::new(&mut window, &self.plan, &mut run).read()?;
        Ok(run.account)
    }
}

struct Run<'a> {
    decider: Decider<'a>,
    outlet: &'a mut dyn Outlet,
    account: Account,
    parts: Parts,
    memo: Memo<'a>,
    unnamed: Vec<Line>,
    line: u64,
    offset: u64,
}

impl Sink for Run<'_> {
    fn at(&mut self, line: u64, offset: u64) {
        self.line = line;
        self.offset = offset;
    }

    fn record(&mut self, record: &Record, format: Format) -> io::Result<()> {
        let Some(shape) = self.decider.plan.shape(format, record.met) else {
            return self.refuse_with(Refusal::Unrecognised, Some(record));
        };
        self.account.read += 1;
        let (decider, parts) = (&self.decider, &mut self.parts);
        let decision = self
            .memo
            .recall(record, |decision| decider.decide(record, shape, parts, decision));
        for outcome in &decision.outcomes {
            self.account.value(outcome.subject, outcome.verdict);
        }
        let empty = decision.minimised.is_empty();
        if empty {
            self.account.empty += 1;
        } else {
            self.account.passed += 1;
            decision.minimised.record = self.account.read;
            self.outlet.record(&decision.minimised)?;
        }
        if self.decider.explains {
            let passed = decision.passed.iter().cloned();
            let outcomes: Vec<_> = decision.outcomes.iter().copied().zip(passed).collect();
            self.explain(Some(shape), &outcomes, None, Some(record))?;
        }
        Ok(())
    }

    fn refuse(&mut self, refusal: Refusal) -> io::Result<()> {
        self.refuse_with(refusal, None)
    }

    fn explains(&self) -> bool {
        self.decider.explains
    }

    fn unnamed(&mut self, within: &str, key: &[u8]) {
        note_unnamed(&mut self.unnamed, within, key);
    }

    fn only_tells(&mut self, path: &str) {
        self.unnamed.push(Line::Unnamed {
            path: path.to_owned(),
        });
    }
}

impl Run<'_> {
    fn refuse_with(&mut self, refusal: Refusal, record: Option<&Record>) -> io::Result<()> {
        self.account.refuse(refusal);
        let refused = Refused {
            record: self.account.read,
            line: self.line,
            offset: self.offset,
            refusal,
        };
        if self.decider.explains {
            self.explain(None, &[], Some(refused), record)?;
        }
        self.outlet.refused(&refused)
    }

    fn explain(
        &mut self,
        shape: Option<usize>,
        outcomes: &[(Outcome, Option<String>)],
        refused: Option<Refused>,
        record: Option<&Record>,
    ) -> io::Result<()> {
        let plan = self.decider.plan;
        let feeds = |leaf: &Leaf| leaf.rules.iter().any(|rule| Some(rule.shape) == shape);
        let taken = record
            .into_iter()
            .flat_map(Record::taken)
            .map(|taken| plan.leaf(taken.leaf));
        for leaf in taken.filter(|leaf| !feeds(leaf)) {
            self.unnamed.push(Line::Unnamed {
                path: leaf.path.clone(),
            });
        }
        let named = outcomes.iter().map(|(outcome, passed)| Line::Named {
            path: plan.leaf(outcome.leaf).path.clone(),
            subject: outcome.subject,
            verdict: outcome.verdict,
            passed: passed
                .clone()
                .filter(|_| !matches!(outcome.verdict, Verdict::Dropped(_))),
        });
        let mut lines: Vec<Line> = named.collect();
        lines.append(&mut self.unnamed);
        self.outlet.explained(&Explained {
            record: self.account.read,
            line: self.line,
            shape: shape.map(|shape| plan.shape_name(shape)),
            refused,
            lines: &lines,
        })
    }
}
