//! A text as HTML: on a page of ours, or as a page of its own to be put on the provider's site.

use askama::Template;

use super::document::{Block, Document};

#[derive(Template)]
#[template(path = "document.html")]
struct Standalone<'a> {
    document: &'a Document,
}

/// The text as an HTML page without style or script.
///
/// # Errors
/// Those of the template engine.
pub(crate) fn page(document: &Document) -> askama::Result<String> {
    Standalone { document }.render()
}
