//! The access package: what is held of an organisation, a device or a person at one instant, as one archive that whoever
//! asked can read, open in a spreadsheet, give to a program, and check without the collector.
//!
//! * [`Order`], [`make`]: what is asked for, and making it; [`verify`]: checking it;
//! * `record`, `looked`: what it tells; `json`, `table`, `overview`: in which forms;
//! * [`Facts`], [`Manifest`]: what it tells of itself, under the ledger's signature; `part`, `zip`: the archive.
//!
//! `docs/access.md` has the form to the byte, for whoever checks with a program of their own.

mod facts;
mod json;
mod looked;
mod make;
mod manifest;
mod overview;
mod part;
mod record;
mod table;
mod verify;
mod zip;

pub use facts::{Archive, Asked, Counts, Facts, FileFacts, PolicyFacts};
pub use make::{Made, Order, PackageError, Scope, make};
pub use manifest::{Manifest, ManifestError};
pub use verify::{VerifyError, verify};

use crate::web::Language;

/// The files in the order in which they stand, before the manifest: each with its name in each language.
const FILES: [[&str; 2]; 5] = [
    ["LEESMIJ.txt", "README.txt"],
    ["data.json", "data.json"],
    ["data.schema.json", "data.schema.json"],
    ["data.csv", "data.csv"],
    ["overzicht.html", "overview.html"],
];
const MANIFEST: &str = "manifest.json";

/// Which of the names is that of a language.
const fn named(language: Language) -> usize {
    match language {
        Language::Dutch => 0,
        Language::English => 1,
    }
}
