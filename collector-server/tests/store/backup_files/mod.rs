//! What backups, restores and another key do to the files of the embedded engine: what a cut-off leaves, and what is put
//! back by hand.

mod cut_off;
mod older;
mod rotation;
