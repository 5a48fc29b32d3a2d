//! From a definition to its compiled form.

use super::tree::{LeafId, PlannedShape};
use super::{Aim, Leaf, Node, NodeId, Pattern, Plan, Rule};
use crate::sieve::definition::{Definition, DefinitionError, Feed, Format, Shape, Step};

/// As many as a word has bits: conditions of a definition, and keys of one object.
const MOST_BITS: usize = 64;

impl Plan {
    /// Compiles a definition that was checked.
    ///
    /// # Errors
    /// [`DefinitionError::TooLarge`] and [`DefinitionError::Path`].
    pub(crate) fn new(definition: &Definition) -> Result<Self, DefinitionError> {
        let mut compiler = Compiler {
            definition,
            plan: Self {
                source: definition.name.to_string(),
                ..Self::default()
            },
            conditions: Vec::new(),
        };
        for (number, shape) in definition.shapes.iter().enumerate() {
            compiler.shape(number, shape)?;
        }
        for page in &definition.pages {
            let node = compiler.node(Format::Json, page)?;
            compiler.plan.nodes[usize::from(node.0)].page = true;
        }
        let fits = compiler.conditions.len() <= MOST_BITS
            && compiler
                .plan
                .nodes
                .iter()
                .all(|node| node.children.len() <= MOST_BITS);
        if fits {
            Ok(compiler.plan)
        } else {
            Err(compiler.too_large())
        }
    }
}

struct Compiler<'a> {
    definition: &'a Definition,
    plan: Plan,
    conditions: Vec<Condition<'a>>,
}

/// What a bit stands for.
#[derive(PartialEq, Eq)]
struct Condition<'a> {
    format: Format,
    path: &'a str,
    /// `None`: that something stands there at all.
    values: Option<&'a [String]>,
}

impl<'a> Compiler<'a> {
    fn shape(&mut self, number: usize, shape: &'a Shape) -> Result<(), DefinitionError> {
        let mut required = 0;
        let mut forbidden = 0;
        for path in &shape.has {
            required |= self.condition(shape.format, path, None)?;
        }
        for path in &shape.lacks {
            forbidden |= self.condition(shape.format, path, None)?;
        }
        for (path, values) in &shape.is {
            required |= self.condition(shape.format, path, Some(values.as_slice()))?;
        }
        self.plan.shapes.push(PlannedShape {
            name: shape.name.clone(),
            format: shape.format,
            required,
            forbidden,
        });
        let fields = shape
            .fields
            .iter()
            .map(|(target, feeds)| (Aim::Field(*target), feeds));
        let links = shape
            .links
            .iter()
            .map(|(name, feeds)| (Aim::Link(name.clone()), feeds));
        for (aim, feeds) in fields.chain(links) {
            for (rank, feed) in (0..).zip(feeds) {
                self.feed(number, shape, &aim, rank, feed)?;
            }
        }
        Ok(())
    }

    fn feed(
        &mut self,
        number: usize,
        shape: &'a Shape,
        aim: &Aim,
        rank: u16,
        feed: &'a Feed,
    ) -> Result<(), DefinitionError> {
        let mut required = 0;
        let mut forbidden = 0;
        for (path, values) in &feed.when {
            required |= self.condition(shape.format, path, Some(values.as_slice()))?;
        }
        for (path, values) in &feed.unless {
            forbidden |= self.condition(shape.format, path, Some(values.as_slice()))?;
        }
        let leaf = self.leaf(shape.format, &feed.path)?;
        self.plan.leaves[usize::from(leaf.0)].rules.push(Rule {
            shape: number,
            aim: aim.clone(),
            rank,
            required,
            forbidden,
        });
        Ok(())
    }

    /// The bit of a condition, which is planted in the tree when it is new.
    fn condition(
        &mut self,
        format: Format,
        path: &'a str,
        values: Option<&'a [String]>,
    ) -> Result<u64, DefinitionError> {
        let condition = Condition { format, path, values };
        if let Some(known) = self.conditions.iter().position(|known| *known == condition) {
            return Ok(1 << known);
        }
        let bit = 1_u64
            .checked_shl(self.conditions.len() as u32)
            .ok_or_else(|| self.too_large())?;
        self.conditions.push(condition);
        match values {
            None => {
                let node = self.node(format, path)?;
                self.plan.nodes[usize::from(node.0)].present |= bit;
            }
            Some(values) => {
                let leaf = self.leaf(format, path)?;
                let patterns = values.iter().map(|value| Pattern::new(value)).collect();
                self.plan.leaves[usize::from(leaf.0)].tests.push((bit, patterns));
                let scope = self.definition.path(format, path)?;
                if !scope.scope().is_empty() {
                    let element = self.descend(format, scope.scope())?;
                    self.plan.nodes[usize::from(element.0)].scoped |= bit;
                }
            }
        }
        Ok(bit)
    }

    fn leaf(&mut self, format: Format, path: &str) -> Result<LeafId, DefinitionError> {
        let node = self.node(format, path)?;
        if let Some(leaf) = self.plan.node(node).leaf {
            return Ok(leaf);
        }
        let id = LeafId(self.index(self.plan.leaves.len())?);
        self.plan.leaves.push(Leaf {
            path: path.to_owned(),
            rules: Vec::new(),
            tests: Vec::new(),
        });
        self.plan.nodes[usize::from(node.0)].leaf = Some(id);
        Ok(id)
    }

    fn node(&mut self, format: Format, path: &str) -> Result<NodeId, DefinitionError> {
        let path = self.definition.path(format, path)?;
        self.descend(format, path.steps())
    }

    fn descend(&mut self, format: Format, steps: &[Step]) -> Result<NodeId, DefinitionError> {
        let mut at = match self.plan.root(format) {
            Some(root) => root,
            None => {
                let root = self.add()?;
                self.plan.roots.push((format, root));
                root
            }
        };
        for step in steps {
            let node = self.plan.node(at);
            let known = match step {
                Step::Key(key) => node.child(key.as_bytes()).map(|(_, child)| child),
                Step::Items => node.items,
                Step::Json => node.json,
            };
            at = match known {
                Some(child) => child,
                None => {
                    let child = self.add()?;
                    let node = &mut self.plan.nodes[usize::from(at.0)];
                    match step {
                        Step::Key(key) => node.children.add(key.as_bytes(), child),
                        Step::Items => node.items = Some(child),
                        Step::Json => node.json = Some(child),
                    }
                    child
                }
            };
        }
        Ok(at)
    }

    fn add(&mut self) -> Result<NodeId, DefinitionError> {
        let id = NodeId(self.index(self.plan.nodes.len())?);
        self.plan.nodes.push(Node::default());
        Ok(id)
    }

    fn index(&self, length: usize) -> Result<u16, DefinitionError> {
        u16::try_from(length).map_err(|_| self.too_large())
    }

    fn too_large(&self) -> DefinitionError {
        DefinitionError::TooLarge {
            name: self.definition.name.to_string(),
        }
    }
}
