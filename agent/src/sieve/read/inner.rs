//! The JSON that some products put into strings.

use std::io;

use super::text::Text;
use super::unescape::Unescape;
use super::{Framing, Halt, Json, Mode, Sink};
use crate::sieve::bytes::Window;
use crate::sieve::definition::Format;
use crate::sieve::plan::NodeId;
use crate::sieve::record::{Kind, Record};
use crate::sieve::{Reason, Refusal};
use zeef_proto::field::Rejection;

const WINDOW_BYTES: usize = 512;

impl Json<'_, '_> {
    /// The JSON in a string whose opening quote was passed. Where it is malformed, nothing of it is taken.
    pub(super) fn inner(&mut self, json: NodeId) -> Result<(), Halt> {
        let plan = self.plan;
        let mark = self.record.mark();
        let met = self.record.met;
        let mut record = self.record.set_aside();
        let mut framing = Framing::new(Mode::Document);
        let (depth, within_page) = (self.depth + 1, self.within_page);
        let trail = format!("{}(json)", self.trail);
        self.check_depth(1)?;
        let mut content = Unescape::new(self);
        let mut window = Window::new(&mut content, WINDOW_BYTES);
        let mut nothing = Deaf;
        let mut text = Text::default();
        let mut inner = Json {
            depth,
            within_page,
            trail,
            ..Json::new(
                &mut window,
                plan,
                &mut record,
                &mut framing,
                &mut nothing,
                &mut text,
            )
        };
        let read = match inner.peek_value() {
            Ok(false) => Ok(()),
            Ok(true) => inner.value(json).and_then(|()| inner.end()),
            Err(halt) => Err(halt),
        };
        drop(inner);
        drop(window);
        let finished = content.finish();
        *self.record = record;
        finished?;
        match read {
            Ok(()) => Ok(()),
            Err(halt @ Halt::Io(_)) => Err(halt),
            Err(Halt::Broken(_)) => {
                self.record.back_to(mark);
                self.record.met = met;
                for id in plan.leaves_below(json) {
                    let reason = Reason::Rejected(Rejection::Malformed);
                    self.record.drop(id, plan.leaf(id), Kind::Text, reason)?;
                }
                Ok(())
            }
        }
    }

    /// Whether there is anything but space.
    fn peek_value(&mut self) -> Result<bool, Halt> {
        match self.need() {
            Ok(_) => Ok(true),
            Err(Halt::Broken(Refusal::CutOff)) => Ok(false),
            Err(halt) => Err(halt),
        }
    }

    /// Nothing but space may follow.
    fn end(&mut self) -> Result<(), Halt> {
        if self.peek_value()? {
            Err(Refusal::TrailingText.into())
        } else {
            Ok(())
        }
    }
}

/// Inside a string there are no records.
struct Deaf;

impl Sink for Deaf {
    fn at(&mut self, _: u64, _: u64) {}

    fn record(&mut self, _: &Record, _: Format) -> io::Result<()> {
        Ok(())
    }

    fn refuse(&mut self, _: Refusal) -> io::Result<()> {
        Ok(())
    }
}
