//! Arrays: of values, and of records.

use super::{Halt, Json};
use crate::sieve::Refusal;
use crate::sieve::definition::Format;
use crate::sieve::plan::NodeId;

impl Json<'_, '_> {
    /// An array of which each element is `items`; its bracket was not passed yet.
    pub(super) fn array(&mut self, items: NodeId) -> Result<(), Halt> {
        let plan = self.plan;
        let scoped = plan.node(items).scoped;
        let length = self.trail.len();
        if self.explains {
            self.trail.push_str("[]");
        }
        self.elements(|json| {
            let mark = json.record.mark();
            let outside = json.record.met & scoped;
            json.record.met &= !scoped;
            json.value(items)?;
            json.record.close_element(mark, json.record.met & scoped);
            json.record.met = json.record.met & !scoped | outside;
            Ok(())
        })?;
        self.trail.truncate(length);
        Ok(())
    }

    /// An array of which each element is a record of its own.
    pub(super) fn page(&mut self, root: NodeId) -> Result<(), Halt> {
        let outer = self.record.set_aside();
        let trail = std::mem::take(&mut self.trail);
        self.within_page = true;
        self.elements(|json| {
            if json.need()? != b'{' {
                json.skip_value()?;
                return Ok(json.sink.refuse(Refusal::Format)?);
            }
            json.record.clear();
            json.object(root)?;
            Ok(json.sink.record(json.record, Format::Json)?)
        })?;
        self.within_page = false;
        *self.record = outer;
        self.trail = trail;
        Ok(())
    }

    fn elements(&mut self, mut each: impl FnMut(&mut Self) -> Result<(), Halt>) -> Result<(), Halt> {
        self.window.pass(1);
        self.check_depth(1)?;
        self.depth += 1;
        if self.need()? != b']' {
            loop {
                each(self)?;
                match self.need()? {
                    b',' => self.window.pass(1),
                    b']' => break,
                    _ => return Err(Refusal::Syntax.into()),
                }
            }
        }
        self.window.pass(1);
        self.depth -= 1;
        Ok(())
    }
}
