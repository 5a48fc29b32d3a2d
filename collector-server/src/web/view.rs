//! Which part of the inventory is looked at, as an address: filters in the clear, the search term sealed.

use serde::Deserialize;
use zeef_proto::OrganisationId;
use zeef_proto::policy::ProductId;

use super::columns::Columns;
use super::sealed_term::TermKey;
use crate::access::Reach;
use crate::index::{Column, Kind, Query, Sort, Term};

/// Devices on a page.
pub(super) const PER_PAGE: usize = 50;

/// A view as the query of an address or the fields of the search form say it. What does not fit is left out.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Asked {
    organisation: String,
    product: String,
    state: String,
    sort: String,
    reversed: String,
    columns: String,
    page: String,
    /// The sealed search term, in an address.
    q: String,
    /// The search term, in a form.
    term: String,
}

/// A view of the inventory.
#[derive(Clone, Default)]
pub(super) struct View {
    pub(super) organisation: Option<OrganisationId>,
    pub(super) product: Option<ProductId>,
    pub(super) kind: Option<Kind>,
    pub(super) sort: Sort,
    /// Where the address says which.
    pub(super) columns: Option<Columns>,
    /// From 0.
    pub(super) page: usize,
    /// What was typed.
    pub(super) typed: Option<String>,
    /// The same, sealed.
    sealed: Option<String>,
    /// The address held a term that this session cannot open.
    pub(super) lost_search: bool,
}

impl View {
    /// From an address.
    pub(super) fn from_address(asked: &Asked, key: &TermKey) -> Self {
        let mut view = Self::filters(asked);
        view.page = asked.page.parse::<usize>().unwrap_or(1).saturating_sub(1);
        if !asked.q.is_empty() {
            view.typed = key.open(&asked.q);
            view.lost_search = view.typed.is_none();
            view.sealed = view.typed.is_some().then(|| asked.q.clone());
        }
        view
    }

    /// From the search form.
    pub(super) fn from_form(asked: &Asked, key: &TermKey) -> Self {
        let mut view = Self::filters(asked);
        if Term::parse(&asked.term).is_some() {
            let typed: String = asked
                .term
                .trim()
                .chars()
                .take(crate::index::term::MOST_CHARACTERS)
                .collect();
            view.sealed = Some(key.seal(&typed));
            view.typed = Some(typed);
        }
        view
    }

    fn filters(asked: &Asked) -> Self {
        Self {
            organisation: asked.organisation.parse().ok(),
            product: asked.product.parse().ok(),
            kind: Kind::named(&asked.state),
            sort: Sort {
                column: Column::named(&asked.sort).unwrap_or_default(),
                reversed: asked.reversed == "yes",
            },
            columns: Columns::parse(&asked.columns),
            ..Self::default()
        }
    }

    /// What to ask of the index, on behalf of an account with this reach.
    pub(super) fn query(&self, reach: &Reach) -> Query {
        Query {
            reach: reach.clone(),
            organisation: self.organisation,
            product: self.product.clone(),
            kind: self.kind,
            term: self.term(),
            sort: self.sort,
            page: self.page,
            per_page: PER_PAGE,
        }
    }

    /// What is searched for.
    pub(super) fn term(&self) -> Option<Term> {
        Term::parse(self.typed.as_deref()?)
    }

    /// Whether it shows a part only.
    pub(super) const fn is_filtered(&self) -> bool {
        self.organisation.is_some() || self.product.is_some() || self.kind.is_some() || self.typed.is_some()
    }

    /// The same view sorted by a column; the other way round if it is already.
    pub(super) fn sorted_by(&self, column: Column) -> Self {
        let reversed = self.sort.column == column && !self.sort.reversed;
        Self {
            sort: Sort { column, reversed },
            page: 0,
            ..self.clone()
        }
    }

    /// Another page of the same view, from 0.
    pub(super) fn on_page(&self, page: usize) -> Self {
        Self { page, ..self.clone() }
    }

    /// The first page of the same view with these columns.
    pub(super) fn with_columns(&self, columns: Columns) -> Self {
        Self {
            columns: Some(columns),
            page: 0,
            ..self.clone()
        }
    }

    /// The first page of the same view of all that is not searched for.
    pub(super) fn without_search(&self) -> Self {
        Self {
            typed: None,
            sealed: None,
            lost_search: false,
            page: 0,
            ..self.clone()
        }
    }

    /// The address.
    pub(super) fn address(&self) -> String {
        self.under("/inventory")
    }

    /// The address of all of it as a file.
    pub(super) fn file(&self, form: &str) -> String {
        self.on_page(0).under(&format!("/inventory/export.{form}"))
    }

    fn under(&self, path: &str) -> String {
        match self.asked() {
            asked if asked.is_empty() => path.to_owned(),
            asked => format!("{path}?{asked}"),
        }
    }

    /// The query of its address. Every part is of letters, digits, hyphens and underscores.
    pub(super) fn asked(&self) -> String {
        let mut parts = Vec::new();
        let mut add = |name: &str, value: Option<String>| {
            parts.extend(value.map(|value| format!("{name}={value}")));
        };
        add("organisation", self.organisation.map(|id| id.to_string()));
        add("product", self.product.as_ref().map(ToString::to_string));
        add("state", self.kind.map(|kind| kind.name().to_owned()));
        add("q", self.sealed.clone());
        let sort = self.sort.column;
        add(
            "sort",
            (sort != Column::default()).then(|| sort.name().to_owned()),
        );
        add("reversed", self.sort.reversed.then(|| "yes".to_owned()));
        add("columns", self.columns.as_ref().map(Columns::text));
        add("page", (self.page > 0).then(|| (self.page + 1).to_string()));
        parts.join("&")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::session::{Way, begin};
    use zeef_proto::UnixTime;
    use zeef_proto::id::UserId;

    fn key() -> TermKey {
        TermKey::new(&begin(UserId::from_bytes([1; 16]), Way::Here, UnixTime(0)).0)
    }

    #[test]
    fn a_search_survives_its_address_without_standing_in_it() {
        let key = key();
        let asked = Asked {
            term: " J.Jansen ".to_owned(),
            state: "silent".to_owned(),
            product: "no such product!".to_owned(),
            ..Asked::default()
        };
        let address = View::from_form(&asked, &key).on_page(2).address();
        assert!(!address.to_lowercase().contains("jansen"));
        let q = address.split("q=").nth(1).unwrap().split('&').next().unwrap();
        let read = View::from_address(
            &Asked {
                q: q.to_owned(),
                page: "3".to_owned(),
                ..Asked::default()
            },
            &key,
        );
        assert_eq!(read.typed.as_deref(), Some("J.Jansen"));
        assert_eq!(read.page, 2);
        let other = View::from_address(
            &Asked {
                q: q.to_owned(),
                ..Asked::default()
            },
            &self::key(),
        );
        assert!(other.lost_search && other.typed.is_none());
    }

    #[test]
    fn the_plain_view_has_the_plain_address_and_a_second_press_turns_the_order_round() {
        let view = View::default();
        assert_eq!(view.address(), "/inventory");
        assert_eq!(view.sorted_by(Column::Name).address(), "/inventory?reversed=yes");
        let by_user = view.sorted_by(Column::User);
        assert_eq!(by_user.address(), "/inventory?sort=user");
        assert_eq!(
            by_user.sorted_by(Column::User).address(),
            "/inventory?sort=user&reversed=yes"
        );
    }
}
