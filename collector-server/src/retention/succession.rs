//! What a new policy does to what is held already, said before it is published.

use std::collections::BTreeMap;

use zeef_proto::UnixTime;
use zeef_proto::policy::{DataRow, Policy, Term};

use super::expiry::Expiry;
use super::rules::{Row, Rules, Subscriptions};
use crate::store::{Result, Store};

/// Read in one go.
const PAGE: usize = 1_000;

/// Values of one row of the published policy that the new one lets expire sooner.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sooner {
    /// How many.
    pub values: u64,
    /// Of them, those that are gone as soon as it is published.
    pub at_once: u64,
}

/// Counts, by the row that governs them today, the values that `offered` lets expire sooner. Values that no row of
/// `published` documents any more have expired already.
///
/// # Errors
/// Those of the store.
pub async fn shortened_values(
    store: &dyn Store,
    published: &Policy,
    offered: &Policy,
    now: UnixTime,
) -> Result<BTreeMap<Row, Sooner>> {
    let (today, then) = (Rules::new(published), Rules::new(offered));
    let subscriptions = Subscriptions::read(store).await?;
    let mut sooner = BTreeMap::<Row, Sooner>::new();
    let mut last = None;
    loop {
        let page = store.held(last, PAGE).await?;
        for held in &page {
            let expiry = held.expires_at.map_or(Expiry::WithService, Expiry::At);
            let (Some(governing), true) = (today.decide(&subscriptions, held), expiry > Expiry::At(now))
            else {
                continue;
            };
            let next = then.decide(&subscriptions, held).map(|decided| decided.expiry);
            let next = next.unwrap_or(Expiry::At(now));
            if next < expiry {
                let counted = sooner.entry(governing.row).or_default();
                counted.values += held.values;
                counted.at_once += if next <= Expiry::At(now) { held.values } else { 0 };
            }
        }
        last = page.into_iter().last();
        if last.is_none() {
            return Ok(sooner);
        }
    }
}

/// A row that a law keeps for longer than the new policy does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShortenedMinimum {
    /// The row's id.
    pub row: String,
    /// Calendar months that it is kept at least today.
    pub months: u16,
    /// What the new policy says; `None` where it has no such row.
    pub term: Option<Term>,
}

/// Rows of `published` with a minimum term that `offered` falls short of.
#[must_use]
pub fn shortened_minimums(published: &Policy, offered: &Policy) -> Vec<ShortenedMinimum> {
    let rows = |policy: &Policy| -> Vec<DataRow> {
        policy
            .products
            .iter()
            .flat_map(|product| product.data.clone())
            .collect()
    };
    let offered = rows(offered);
    let shortened = |row: DataRow| {
        let Term::ServiceAtLeastMonths(months) = row.term else {
            return None;
        };
        let term = offered
            .iter()
            .find(|other| other.id == row.id)
            .map(|other| other.term);
        let kept = match term {
            Some(Term::Months(months) | Term::ServiceAtLeastMonths(months)) => months,
            Some(Term::Service) | None => 0,
        };
        (kept < months).then_some(ShortenedMinimum {
            row: row.id,
            months,
            term,
        })
    };
    rows(published).into_iter().filter_map(shortened).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const REFERENCE: &str = include_str!("../../../proto/policies/vokus-1.1.toml");

    fn with_minimum(term: &str) -> Policy {
        let minimum = "term = { service-at-least-months = 6 }";
        assert_eq!(REFERENCE.matches(minimum).count(), 1);
        Policy::parse(&REFERENCE.replace(minimum, term)).unwrap()
    }

    #[test]
    fn a_minimum_may_be_kept_or_raised_and_not_fallen_short_of() {
        let published = Policy::parse(REFERENCE).unwrap();
        for (term, short) in [
            ("term = { service-at-least-months = 6 }", false),
            ("term = { service-at-least-months = 12 }", false),
            ("term = { months = 6 }", false),
            ("term = { service-at-least-months = 5 }", true),
            ("term = { months = 5 }", true),
            ("term = \"service\"", true),
        ] {
            let shortened = shortened_minimums(&published, &with_minimum(term));
            assert_eq!(!shortened.is_empty(), short, "{term}");
        }
        let mut without = published.clone();
        without
            .products
            .retain(|product| product.id.as_str() != "general");
        let shortened = shortened_minimums(&published, &without);
        assert_eq!(
            (shortened.len(), shortened[0].months, shortened[0].term),
            (1, 6, None)
        );
    }
}
