//! A text in parts, whatever it is written down as.

use serde::Serialize;
use zeef_proto::policy::Policy;

use crate::web::locale::Language;

/// A text about a policy. Serialized, it is the JSON form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Document {
    /// The tag of its language.
    pub(crate) language: &'static str,
    pub(crate) title: String,
    /// Which policy, of which day.
    pub(crate) subtitle: String,
    pub(crate) policy: About,
    pub(crate) blocks: Vec<Block>,
}

/// Which policy a text is about, for programs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct About {
    title: String,
    version: u64,
    adopted: String,
}

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Block {
    Heading(String),
    Subheading(String),
    Paragraph(String),
    List(Vec<String>),
    Table(Table),
}

/// A table. The first cell of a row says what the row is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Table {
    pub(crate) columns: Vec<String>,
    /// As many cells as there are columns.
    pub(crate) rows: Vec<Vec<String>>,
}

impl Document {
    /// Nothing but its head.
    pub(crate) fn new(policy: &Policy, language: Language, title: String) -> Self {
        let texts = language.texts();
        Self {
            language: language.tag(),
            title,
            subtitle: texts
                .notice
                .subtitle
                .with("policy", &policy.title)
                .with("version", policy.version)
                .with("date", texts.civil_date(&policy.adopted))
                .to_string(),
            policy: About {
                title: policy.title.clone(),
                version: policy.version,
                adopted: policy.adopted.clone(),
            },
            blocks: Vec::new(),
        }
    }

    pub(crate) fn heading(&mut self, text: impl Into<String>) {
        self.blocks.push(Block::Heading(text.into()));
    }

    pub(crate) fn subheading(&mut self, text: impl Into<String>) {
        self.blocks.push(Block::Subheading(text.into()));
    }

    pub(crate) fn say(&mut self, text: impl Into<String>) {
        self.blocks.push(Block::Paragraph(text.into()));
    }

    /// A list; nothing where it is empty.
    pub(crate) fn list(&mut self, items: impl IntoIterator<Item = String>) {
        let items: Vec<_> = items.into_iter().collect();
        if !items.is_empty() {
            self.blocks.push(Block::List(items));
        }
    }

    /// A table; nothing where it has no rows.
    pub(crate) fn table<const N: usize>(
        &mut self,
        columns: [&dyn ToString; N],
        rows: impl IntoIterator<Item = [String; N]>,
    ) {
        let rows: Vec<_> = rows.into_iter().map(Vec::from).collect();
        if !rows.is_empty() {
            let columns = columns.map(|column| column.to_string()).to_vec();
            self.blocks.push(Block::Table(Table { columns, rows }));
        }
    }
}
