//! A definition compiled for reading: a tree of the paths that it names, so that everything else is passed over
//! by scanning.

mod children;
mod compile;
mod pattern;
mod tree;

use children::Children;
pub(crate) use pattern::Pattern;
pub(crate) use tree::{Aim, Leaf, LeafId, Node, NodeId, Plan, Rule};
