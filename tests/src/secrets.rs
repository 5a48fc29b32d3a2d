//! Values that no log may hold, as one installation and its agents come to know them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The list; shared by all programs of one test.
#[derive(Clone, Default)]
pub struct Secrets(Arc<Mutex<List>>);

#[derive(Default)]
struct List {
    values: Vec<String>,
    /// Lists whose values count as well, such as those of the machines that report to a collector.
    others: Vec<Secrets>,
}

impl Secrets {
    /// From here on, and in what was written before, this value must not be in a log.
    pub fn add(&self, value: &str) {
        let mut list = self.list();
        if !list.values.iter().any(|known| known == value) {
            list.values.push(value.to_owned());
        }
    }

    /// All values of this list, those to come too, belong to `other` as well.
    pub fn share_with(&self, other: &Self) {
        other.list().others.push(self.clone());
    }

    /// Those of the values that are in `text`.
    #[must_use]
    pub fn found_in(&self, text: &str) -> Vec<String> {
        let list = self.list();
        let own = list
            .values
            .iter()
            .filter(|value| text.contains(value.as_str()))
            .cloned();
        let others = list.others.iter().flat_map(|other| other.found_in(text));
        own.chain(others).collect()
    }

    fn list(&self) -> MutexGuard<'_, List> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
