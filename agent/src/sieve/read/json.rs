//! JSON (RFC 8259), read along the plan.

use super::skip::in_number;
use super::text::Text;
use super::unescape::Unescape;
use super::{Framing, Halt, Sink};
use crate::sieve::bytes::{Window, plain_prefix};
use crate::sieve::definition::Format;
use crate::sieve::plan::{Node, NodeId, Plan};
use crate::sieve::record::{Kind, Record};
use crate::sieve::{Reason, Refusal};
use zeef_proto::field::Rejection;

/// A key of a definition is shorter.
const MOST_KEY_BYTES: usize = 255;
const INNER_WINDOW: usize = 512;

/// Reads one value.
pub(in crate::sieve) struct Json<'a, 'w> {
    pub(super) window: &'a mut Window<'w>,
    plan: &'a Plan,
    pub(super) record: &'a mut Record,
    pub(super) framing: &'a mut Framing,
    sink: &'a mut dyn Sink,
    pub(super) text: &'a mut Text,
    pub(super) depth: u32,
    /// Whether this is already a record within a page.
    within_page: bool,
    /// Whether the value turned out to be a page of records.
    paged: bool,
    explains: bool,
    /// The path so far, for explanations.
    trail: String,
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
    fn object(&mut self, id: NodeId) -> Result<(), Halt> {
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
            if !self.explains && self.pass_member(node) {
                continue;
            }
            self.expect(b'"')?;
            let named = self.key(|key| node.child(key))?;
            self.expect(b':')?;
            match named {
                None => {
                    if self.explains {
                        self.sink
                            .unnamed(&self.trail, self.text.get().unwrap_or_default());
                    }
                    self.skip_value()?;
                }
                Some((place, child)) => {
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
                b',' => self.window.pass(1),
                b'}' => break,
                _ => return Err(Refusal::Syntax.into()),
            }
        }
        self.window.pass(1);
        self.depth -= 1;
        Ok(())
    }

    /// Passes an unnamed member and the comma behind it, where all of it is in sight and as simple as most: a
    /// plain key, and a plain string, a number or a literal. The fields of a record are mostly that.
    #[inline]
    fn pass_member(&mut self, node: &Node) -> bool {
        let length = simple_member(self.window.ahead(), |key| node.child(key).is_some());
        match length {
            Some(length) => {
                self.window.pass(length);
                true
            }
            None => false,
        }
    }

    /// What `find` says of a key whose opening quote was passed. Explanations find the key in `self.text`.
    fn key<T>(&mut self, find: impl FnOnce(&[u8]) -> Option<T>) -> Result<Option<T>, Halt> {
        let ahead = self.window.ahead();
        let plain = plain_prefix(&ahead[..ahead.len().min(MOST_KEY_BYTES)]);
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

    fn value(&mut self, id: NodeId) -> Result<(), Halt> {
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

    /// An array of which each element is `items`; its bracket was not passed yet.
    fn array(&mut self, items: NodeId) -> Result<(), Halt> {
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
    fn page(&mut self, root: NodeId) -> Result<(), Halt> {
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

    /// The JSON in a string whose opening quote was passed. Where it is malformed, nothing of it is taken.
    fn inner(&mut self, json: NodeId) -> Result<(), Halt> {
        let plan = self.plan;
        let mark = self.record.mark();
        let met = self.record.met;
        let mut record = self.record.set_aside();
        let mut framing = Self::inner_framing();
        let (depth, within_page) = (self.depth + 1, self.within_page);
        let trail = format!("{}(json)", self.trail);
        self.check_depth(1)?;
        let mut content = Unescape::new(self);
        let mut window = Window::new(&mut content, INNER_WINDOW);
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

    /// The next byte that is no space, not passed.
    #[inline]
    pub(super) fn need(&mut self) -> Result<u8, Halt> {
        match self.window.ahead().first() {
            Some(byte) if *byte > b' ' => Ok(*byte),
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

/// How long a member `"key":value,` is, where it is simple and not named. Whatever this takes, the long way would
/// take as well.
#[inline]
pub(super) fn simple_member(bytes: &[u8], named: impl FnOnce(&[u8]) -> bool) -> Option<usize> {
    let rest = bytes.strip_prefix(b"\"")?;
    let plain = plain_prefix(rest);
    let (key, rest) = rest.split_at(plain);
    let rest = rest.strip_prefix(b"\":")?;
    if named(key) {
        return None;
    }
    let rest = match rest.first()? {
        b'"' => {
            let plain = plain_prefix(&rest[1..]);
            rest[1 + plain..].strip_prefix(b"\"")?
        }
        b'-' | b'0'..=b'9' => {
            let digits = rest.iter().take_while(|byte| in_number(**byte)).count();
            &rest[digits..]
        }
        b't' => rest.strip_prefix(b"true")?,
        b'f' => rest.strip_prefix(b"false")?,
        b'n' => rest.strip_prefix(b"null")?,
        _ => return None,
    };
    let rest = rest.strip_prefix(b",")?;
    Some(bytes.len() - rest.len())
}

/// Inside a string there are no records.
struct Deaf;

impl Sink for Deaf {
    fn at(&mut self, _: u64, _: u64) {}

    fn record(&mut self, _: &Record, _: Format) -> std::io::Result<()> {
        Ok(())
    }

    fn refuse(&mut self, _: Refusal) -> std::io::Result<()> {
        Ok(())
    }
}
