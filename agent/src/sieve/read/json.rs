//! JSON (RFC 8259), read along the plan.

use super::simple;
use super::skip::in_number;
use super::text::Text;
use super::{Framing, Halt, Sink};
use crate::sieve::bytes::Window;
use crate::sieve::definition::Format;
use crate::sieve::plan::{Node, NodeId, Plan};
use crate::sieve::record::{Kind, MOST_VALUE_BYTES, Record};
use crate::sieve::{Reason, Refusal};
use zeef_proto::field::Rejection;

/// A key of a definition is shorter.
pub(super) const MOST_KEY_BYTES: usize = 255;

/// Reads one value.
pub(in crate::sieve) struct Json<'a, 'w> {
    pub(super) window: &'a mut Window<'w>,
    pub(super) plan: &'a Plan,
    pub(super) record: &'a mut Record,
    pub(super) framing: &'a mut Framing,
    pub(super) sink: &'a mut dyn Sink,
    pub(super) text: &'a mut Text,
    pub(super) depth: u32,
    /// Whether this is already a record within a page.
    pub(super) within_page: bool,
    /// Whether the value turned out to be a page of records.
    pub(super) paged: bool,
    pub(super) explains: bool,
    /// The path so far, for explanations.
    pub(super) trail: String,
}

/// What was passed of the member that is no longer simple.
enum Passed {
    Nothing,
    /// Its key with the colon, and what the key is named as.
    Key(Option<(u32, NodeId)>),
    /// All of it; it was the last, or there is space before the comma.
    Member,
}

impl<'a, 'w> Json<'a, 'w> {
    pub(in crate::sieve) fn new(
        window: &'a mut Window<'w>,
        plan: &'a Plan,
        record: &'a mut Record,
        framing: &'a mut Framing,
        sink: &'a mut dyn Sink,
        text: &'a mut Text,
    ) -> Self {
        let explains = sink.explains();
        Self {
            window,
            plan,
            record,
            framing,
            sink,
            text,
            depth: 0,
            within_page: false,
            paged: false,
            explains,
            trail: String::new(),
        }
    }

    /// Reads a whole value: an object that is a record, a page of records, or an array of records, of which each
    /// element is given to the sink. True where the record is left to be given.
    pub(in crate::sieve) fn top(&mut self, root: NodeId) -> Result<bool, Halt> {
        match self.need()? {
            b'{' => {
                self.object(root)?;
                Ok(!self.paged)
            }
            b'[' => {
                self.page(root)?;
                Ok(false)
            }
            _ => Err(Refusal::Format.into()),
        }
    }

    /// An object whose brace was not passed yet.
    pub(super) fn object(&mut self, id: NodeId) -> Result<(), Halt> {
        self.window.pass(1);
        self.check_depth(1)?;
        self.depth += 1;
        let plan = self.plan;
        let node = plan.node(id);
        let mut seen = 0_u64;
        if self.need()? == b'}' {
            self.window.pass(1);
            self.depth -= 1;
            return Ok(());
        }
        loop {
            let passed = if self.explains {
                Passed::Nothing
            } else {
                self.pass_simple_members(node, &mut seen)?
            };
            let named = match passed {
                Passed::Nothing => {
                    self.expect(b'"')?;
                    let named = self.key(|key| node.child(key))?;
                    self.expect(b':')?;
                    Some(named)
                }
                Passed::Key(named) => Some(named),
                Passed::Member => None,
            };
            match named {
                None => {}
                Some(None) => {
                    if self.explains {
                        self.sink
                            .unnamed(&self.trail, self.text.get().unwrap_or_default());
                    }
                    if !self.pass_simple_value() {
                        self.skip_value()?;
                    }
                }
                Some(Some((place, child))) => {
                    if seen & 1 << place != 0 {
                        return Err(Refusal::DuplicateKey.into());
                    }
                    seen |= 1 << place;
                    let length = self.trail.len();
                    if self.explains {
                        self.step_into(id, place);
                    }
                    self.value(child)?;
                    self.trail.truncate(length);
                }
            }
            match self.need()? {
                b',' => self.pass_comma(),
                b'}' => break,
                _ => return Err(Refusal::Syntax.into()),
            }
        }
        self.window.pass(1);
        self.depth -= 1;
        Ok(())
    }

    /// Passes members as long as they are simple, and takes those of them that are named: what [`Self::object`] does
    /// with each, in one go.
    fn pass_simple_members(&mut self, node: &Node, seen: &mut u64) -> Result<Passed, Refusal> {
        let (mut marks, mut at) = self.window.marks();
        let passed = loop {
            let Some((key, value)) = simple::key(&mut marks, at) else {
                break Ok(Passed::Nothing);
            };
            let named = node.child(&marks.bytes()[key]);
            let end = match named {
                None => simple::value(&mut marks, value),
                Some((place, child)) => {
                    let child = self.plan.node(child);
                    let bit = 1 << place;
                    let fits = child.json.is_none() && *seen & bit == 0;
                    let text = simple::text(&mut marks, value, MOST_VALUE_BYTES).filter(|_| fits);
                    if let Some(text) = text.clone() {
                        *seen |= bit;
                        self.record.met |= child.present;
                        let leaf = child.leaf.map(|id| (id, self.plan.leaf(id)));
                        let taken = leaf.map_or(Ok(()), |(id, leaf)| {
                            self.record.take_bytes(id, leaf, &marks.bytes()[text])
                        });
                        if let Err(refusal) = taken {
                            break Err(refusal);
                        }
                    }
                    text.map(|text| text.end + 1)
                }
            };
            let Some(end) = end else {
                at = value;
                break Ok(Passed::Key(named));
            };
            match simple::comma(&marks, end) {
                Some(next) => at = next,
                None => {
                    at = end;
                    break Ok(Passed::Member);
                }
            }
        };
        let block = marks.block();
        self.window.pass_to(at, block);
        passed
    }

    /// A comma that stands ahead, and the space that many write behind it.
    #[inline]
    pub(super) fn pass_comma(&mut self) {
        let space = self.window.ahead().get(1) == Some(&b' ');
        self.window.pass(1 + usize::from(space));
    }

    /// What `find` says of a key whose opening quote was passed. Explanations find the key in `self.text`.
    fn key<T>(&mut self, find: impl FnOnce(&[u8]) -> Option<T>) -> Result<Option<T>, Halt> {
        let plain = self.window.plain(0, MOST_KEY_BYTES);
        let ahead = self.window.ahead();
        if ahead.get(plain) == Some(&b'"') {
            let key = &ahead[..plain];
            let found = find(key);
            if self.explains {
                self.text.clear();
                self.text.push(key);
            }
            self.window.pass(plain + 1);
            return Ok(found);
        }
        self.decode_string()?;
        Ok(self.text.get().ok().and_then(find))
    }

    pub(super) fn value(&mut self, id: NodeId) -> Result<(), Halt> {
        let plan = self.plan;
        let node = plan.node(id);
        let leaf = node.leaf.map(|id| (id, plan.leaf(id)));
        let first = self.need()?;
        if self.explains && node.is_bare() {
            self.sink.only_tells(&self.trail);
        }
        if first != b'n' {
            self.record.met |= node.present;
        }
        match first {
            b'"' => {
                self.window.pass(1);
                match (node.json, leaf) {
                    (Some(json), _) => self.inner(json),
                    (None, Some((id, leaf))) => self.take_string(id, leaf),
                    (None, None) => self.skip_string(),
                }
            }
            b'{' if node.has_children() => self.object(id),
            b'[' if node.page && !self.within_page => {
                self.paged = true;
                let root = self.plan.root(Format::Json).ok_or(Refusal::Format)?;
                self.page(root)
            }
            b'[' if node.items.is_some() => self.array(node.items.unwrap_or(id)),
            b'{' | b'[' => {
                if let Some((id, leaf)) = leaf {
                    let reason = Reason::Rejected(Rejection::WrongType);
                    self.record.drop(id, leaf, Kind::Nested, reason)?;
                }
                self.skip_value()
            }
            b'n' => self.literal(b"null"),
            b't' | b'f' => {
                let word: &[u8] = if first == b't' { b"true" } else { b"false" };
                self.literal(word)?;
                leaf.map_or(Ok(()), |(id, leaf)| {
                    Ok(self.record.take(id, leaf, Kind::Bool, word)?)
                })
            }
            b'-' | b'0'..=b'9' if leaf.is_none() => self.skip_number(),
            b'-' | b'0'..=b'9' => {
                self.text.clear();
                while let Some(byte) = self.window.peek()?.filter(|byte| in_number(*byte)) {
                    self.text.push(&[byte]);
                    self.window.pass(1);
                }
                match (leaf, self.text.get()) {
                    (Some((id, leaf)), Ok(value)) => self.record.take(id, leaf, Kind::Number, value)?,
                    (Some((id, leaf)), Err(reason)) => self.record.drop(id, leaf, Kind::Number, reason)?,
                    (None, _) => {}
                }
                Ok(())
            }
            _ => Err(Refusal::Syntax.into()),
        }
    }

    /// The next byte that is no space, not passed.
    #[inline]
    pub(super) fn need(&mut self) -> Result<u8, Halt> {
        match *self.window.ahead() {
            [byte, ..] if byte > b' ' => Ok(byte),
            [b' ', byte, ..] if byte > b' ' => {
                self.window.pass(1);
                Ok(byte)
            }
            _ => self.need_after_space(),
        }
    }

    #[cold]
    fn need_after_space(&mut self) -> Result<u8, Halt> {
        loop {
            match self.window.peek()? {
                Some(b' ' | b'\t' | b'\r') => self.window.pass(1),
                Some(b'\n') => {
                    self.framing.break_inside()?;
                    self.window.pass(1);
                }
                Some(byte) => return Ok(byte),
                None => return Err(Refusal::CutOff.into()),
            }
        }
    }

    #[inline]
    pub(super) fn expect(&mut self, wanted: u8) -> Result<(), Halt> {
        if self.need()? == wanted {
            self.window.pass(1);
            Ok(())
        } else {
            Err(Refusal::Syntax.into())
        }
    }

    pub(super) fn literal(&mut self, word: &[u8]) -> Result<(), Halt> {
        let ahead = self.window.look(word.len())?;
        if ahead.starts_with(word) {
            self.window.pass(word.len());
            Ok(())
        } else if word.starts_with(ahead) {
            Err(Refusal::CutOff.into())
        } else {
            Err(Refusal::Syntax.into())
        }
    }

    fn step_into(&mut self, parent: NodeId, place: u32) {
        if !self.trail.is_empty() {
            self.trail.push('.');
        }
        let key = self.plan.node(parent).key(place);
        self.trail.push_str(&String::from_utf8_lossy(key));
    }
}
