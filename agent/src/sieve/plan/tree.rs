//! The compiled form.

use zeef_proto::field::Field;

use super::{Children, Pattern};
use crate::sieve::definition::{Format, Name, Target};

/// Index of a [`Node`] in its [`Plan`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NodeId(pub(super) u16);

/// Index of a [`Leaf`] in its [`Plan`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LeafId(pub(super) u16);

/// A compiled definition. Conditions are bits, at most 64: a record gathers those that are met.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub(super) roots: Vec<(Format, NodeId)>,
    pub(super) nodes: Vec<Node>,
    pub(super) leaves: Vec<Leaf>,
    pub(super) shapes: Vec<PlannedShape>,
    pub(crate) source: String,
}

/// A place in a record that lies on the way to something named.
#[derive(Debug, Default)]
pub(crate) struct Node {
    pub(super) children: Children,
    /// The elements, where an array stands here.
    pub(crate) items: Option<NodeId>,
    /// The JSON that stands in a string here.
    pub(crate) json: Option<NodeId>,
    /// What to take, where a value stands here.
    pub(crate) leaf: Option<LeafId>,
    /// Whether elements of an array here are records of their own.
    pub(crate) page: bool,
    /// Conditions that are met by something standing here.
    pub(crate) present: u64,
    /// Conditions that count within one element of an array only: this node is that element.
    pub(crate) scoped: u64,
}

/// A named value.
#[derive(Debug)]
pub(crate) struct Leaf {
    /// The path, as the definition writes it.
    pub(crate) path: String,
    /// What it feeds.
    pub(crate) rules: Vec<Rule>,
    /// Which conditions it meets.
    pub(super) tests: Vec<(u64, Vec<Pattern>)>,
}

/// What a value feeds in records of one shape.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) shape: usize,
    pub(crate) aim: Aim,
    /// Place in the definition's order of preference; the lowest first.
    pub(crate) rank: u16,
    pub(super) required: u64,
    pub(super) forbidden: u64,
}

/// A documented field or a link token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Aim {
    Field(Target),
    Link(Name),
}

#[derive(Debug)]
pub(super) struct PlannedShape {
    pub(super) name: String,
    pub(super) format: Format,
    pub(super) required: u64,
    pub(super) forbidden: u64,
}

impl Plan {
    /// Where reading a record of `format` begins; `None` where the definition has no such shape.
    pub(crate) fn root(&self, format: Format) -> Option<NodeId> {
        let root = self.roots.iter().find(|(of, _)| *of == format);
        root.map(|(_, root)| *root)
    }

    pub(crate) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[usize::from(id.0)]
    }

    pub(crate) fn leaf(&self, id: LeafId) -> &Leaf {
        &self.leaves[usize::from(id.0)]
    }

    /// The documented fields that some path feeds; one may come several times.
    pub(crate) fn fields(&self) -> impl Iterator<Item = Field> {
        let rules = self.leaves.iter().flat_map(|leaf| &leaf.rules);
        rules.flat_map(|rule| match rule.aim {
            Aim::Field(target) => target.fields().iter().copied(),
            Aim::Link(_) => [].iter().copied(),
        })
    }

    /// All leaves under a node.
    pub(crate) fn leaves_below(&self, id: NodeId) -> Vec<LeafId> {
        let node = self.node(id);
        let below = node
            .children
            .ids()
            .chain(node.items)
            .chain(node.json)
            .flat_map(|child| self.leaves_below(child));
        node.leaf.into_iter().chain(below).collect()
    }

    /// The shape of a record of `format` that met the conditions `met`.
    pub(crate) fn shape(&self, format: Format, met: u64) -> Option<usize> {
        self.shapes
            .iter()
            .position(|shape| shape.format == format && allowed(met, shape.required, shape.forbidden))
    }

    /// Whether a table with a header that meets `present` can hold records of some shape.
    pub(crate) fn fits_header(&self, present: u64) -> bool {
        let all = self.nodes.iter().fold(0, |all, node| all | node.present);
        self.shapes.iter().any(|shape| {
            shape.format == Format::Csv && allowed(present, shape.required & all, shape.forbidden & all)
        })
    }

    pub(crate) fn shape_name(&self, shape: usize) -> &str {
        &self.shapes[shape].name
    }
}

impl Node {
    /// The child of this key, and its place among the children.
    #[inline]
    pub(crate) fn child(&self, key: &[u8]) -> Option<(u32, NodeId)> {
        self.children.find(key)
    }

    /// The key of the child at `place`.
    pub(crate) fn key(&self, place: u32) -> &[u8] {
        self.children.key(place)
    }

    /// Whether nothing is taken here or below.
    pub(crate) fn is_bare(&self) -> bool {
        self.children.is_empty() && self.leaf.is_none() && self.items.is_none() && self.json.is_none()
    }

    pub(crate) fn has_children(&self) -> bool {
        !self.children.is_empty()
    }
}

impl Leaf {
    /// The conditions that `value` meets.
    pub(crate) fn met_by(&self, value: &[u8]) -> u64 {
        let met = self
            .tests
            .iter()
            .filter(|(_, patterns)| patterns.iter().any(|p| p.fits(value)));
        met.fold(0, |bits, (bit, _)| bits | bit)
    }

    pub(crate) fn is_tested(&self) -> bool {
        !self.tests.is_empty()
    }
}

impl Rule {
    /// Whether the rule holds in a record, or an element, that met the conditions `met`.
    pub(crate) const fn holds(&self, met: u64) -> bool {
        allowed(met, self.required, self.forbidden)
    }
}

const fn allowed(met: u64, required: u64, forbidden: u64) -> bool {
    met & required == required && met & forbidden == 0
}
