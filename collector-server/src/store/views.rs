//! Views of the inventory that people save.

use async_trait::async_trait;
use zeef_proto::id::UserId;

use super::Result;

/// Views that an account may have.
pub const MOST_VIEWS: usize = 50;

/// A view: what a list is narrowed to, how it is sorted and which columns it has; never what was searched for.
#[derive(Clone, PartialEq, Eq)]
pub struct SavedView {
    /// What its owner calls it; each of an account's views has a name of its own.
    pub name: String,
    /// The query of its address, without a search term.
    pub asked: String,
}

/// What people do with their views. They go with their account.
#[async_trait]
pub trait ViewStore: Send + Sync {
    /// An account's views, by name.
    async fn views(&self, user: UserId) -> Result<Vec<SavedView>>;

    /// Saves a view, in the place of one of the same name; `false` where the account has [`MOST_VIEWS`] others.
    async fn save_view(&self, user: UserId, view: SavedView) -> Result<bool>;

    /// Deletes a view; `false` where there is none of that name.
    async fn forget_view(&self, user: UserId, name: String) -> Result<bool>;
}
