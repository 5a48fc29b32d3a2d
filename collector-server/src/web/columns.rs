//! Which columns the list of devices shows, as an address and a cookie say it. Name and state always stand in it.

use std::collections::BTreeSet;

use super::locale::{Phrase, Texts};
use crate::index;

/// A column that can be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Column {
    Organisation,
    User,
    Address,
    PublicAddress,
    Mac,
    LastContact,
}

impl Column {
    /// All, in the order in which they stand.
    pub(super) const ALL: [Self; 6] = [
        Self::Organisation,
        Self::User,
        Self::Address,
        Self::PublicAddress,
        Self::Mac,
        Self::LastContact,
    ];

    /// The stable name: letters alone.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Organisation => "organisation",
            Self::User => "user",
            Self::Address => "address",
            Self::PublicAddress => "public",
            Self::Mac => "mac",
            Self::LastContact => "contact",
        }
    }

    /// By what the list is sorted where its head is pressed.
    pub(super) const fn sorts_by(self) -> Option<index::Column> {
        match self {
            Self::Organisation => Some(index::Column::Organisation),
            Self::User => Some(index::Column::User),
            Self::Address => Some(index::Column::Address),
            Self::PublicAddress => None,
            Self::Mac => Some(index::Column::Mac),
            Self::LastContact => Some(index::Column::LastContact),
        }
    }

    /// What its head says.
    pub(super) const fn title(self, texts: &Texts) -> &Phrase {
        match self.sorts_by() {
            Some(column) => texts.of_column(column),
            None => &texts.column.public_address,
        }
    }
}

/// Some columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Columns(BTreeSet<Column>);

impl Default for Columns {
    /// All but public addresses, which tell little where all devices of an office have the same.
    fn default() -> Self {
        let shown = Column::ALL
            .into_iter()
            .filter(|column| *column != Column::PublicAddress);
        Self(shown.collect())
    }
}

impl Columns {
    /// What stands where there are none.
    const NONE: &'static str = "none";

    /// The columns of which this holds.
    pub(super) fn chosen(is_chosen: impl Fn(Column) -> bool) -> Self {
        Self(
            Column::ALL
                .into_iter()
                .filter(|column| is_chosen(*column))
                .collect(),
        )
    }

    /// Reads the names, with hyphens between them; `None` where there is none that is known.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let named = Self::chosen(|column| text.split('-').any(|name| name == column.name()));
        (!named.0.is_empty() || text == Self::NONE).then_some(named)
    }

    /// The names, as [`Self::parse`] reads them.
    pub(super) fn text(&self) -> String {
        if self.0.is_empty() {
            return Self::NONE.to_owned();
        }
        let names: Vec<_> = self.0.iter().map(|column| column.name()).collect();
        names.join("-")
    }

    /// Whether a column is one of them.
    pub(super) fn has(&self, column: Column) -> bool {
        self.0.contains(&column)
    }

    /// In the order in which they stand.
    pub(super) fn iter(&self) -> impl Iterator<Item = Column> {
        self.0.iter().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_survives_its_text_whatever_it_is() {
        for chosen in [
            Columns::default(),
            Columns::chosen(|_| true),
            Columns::chosen(|_| false),
            Columns::chosen(|column| column == Column::Mac),
        ] {
            assert_eq!(Columns::parse(&chosen.text()), Some(chosen));
        }
        assert_eq!(Columns::default().text(), "organisation-user-address-mac-contact");
    }

    #[test]
    fn what_names_no_column_is_no_choice_and_unknown_names_are_left_out() {
        assert_eq!(Columns::parse(""), None);
        assert_eq!(Columns::parse("serial"), None);
        let read = Columns::parse("mac-serial-user-mac").map(|columns| columns.text());
        assert_eq!(read.as_deref(), Some("user-mac"));
    }
}
