//! Which files of a folder are to be read: a function of what was read and of two looks.

use std::collections::BTreeSet;

use crate::intake::digest::Digest;
use crate::intake::piece::Mark;

/// A folder with more files than this is not read.
pub const MOST_FILES: usize = 4096;

/// Read files that are gone are forgotten with the next that is read, so many at a time.
const MOST_GONE: usize = 256;

/// What is known of a folder.
#[derive(Debug, Clone, Default)]
pub struct Watch {
    read: BTreeSet<Digest>,
    seen: BTreeSet<Digest>,
}

/// What a look says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Look {
    /// These have not changed since the look before and were not read.
    Ready(BTreeSet<Digest>),
    /// There are too many to tell.
    TooMany,
}

impl Watch {
    /// A folder of which these files were read.
    #[must_use]
    pub const fn new(read: BTreeSet<Digest>) -> Self {
        Self {
            read,
            seen: BTreeSet::new(),
        }
    }

    /// Takes in which files are there now.
    pub fn look(&mut self, now: BTreeSet<Digest>) -> Look {
        if now.len() > MOST_FILES {
            return Look::TooMany;
        }
        let settled = now.intersection(&self.seen).copied();
        let ready = settled.filter(|file| !self.read.contains(file)).collect();
        self.seen = now;
        Look::Ready(ready)
    }

    /// A file is handed on: what that means once its records are acknowledged.
    pub fn hand_on(&mut self, file: Digest) -> Mark {
        let gone: Vec<Digest> = self
            .read
            .difference(&self.seen)
            .take(MOST_GONE)
            .copied()
            .collect();
        for file in &gone {
            self.read.remove(file);
        }
        self.read.insert(file);
        Mark::File { read: file, gone }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intake::digest::Digester;

    fn files(names: &[&str]) -> BTreeSet<Digest> {
        names.iter().map(|name| file(name)).collect()
    }

    fn file(name: &str) -> Digest {
        Digester::new(&[1; 32]).digest(&[name.as_bytes()])
    }

    #[test]
    fn a_file_is_read_once_and_only_when_two_looks_find_it_alike() {
        let mut watch = Watch::default();
        assert_eq!(watch.look(files(&["growing 1"])), Look::Ready(files(&[])));
        assert_eq!(watch.look(files(&["growing 2"])), Look::Ready(files(&[])));
        assert_eq!(
            watch.look(files(&["growing 2"])),
            Look::Ready(files(&["growing 2"]))
        );
        watch.hand_on(file("growing 2"));
        assert_eq!(watch.look(files(&["growing 2"])), Look::Ready(files(&[])));
        watch.look(files(&["growing 3"]));
        assert_eq!(
            watch.look(files(&["growing 3"])),
            Look::Ready(files(&["growing 3"]))
        );
    }

    #[test]
    fn what_was_read_before_a_restart_is_not_read_again() {
        let mut watch = Watch::new(files(&["old"]));
        watch.look(files(&["old", "new"]));
        assert_eq!(watch.look(files(&["old", "new"])), Look::Ready(files(&["new"])));
    }

    #[test]
    fn files_that_are_gone_are_forgotten_with_the_next_that_is_read() {
        let mut watch = Watch::new(files(&["gone", "there"]));
        watch.look(files(&["new", "there"]));
        let (read, gone) = (file("new"), vec![file("gone")]);
        assert_eq!(watch.hand_on(read), Mark::File { read, gone });
        assert_eq!(
            watch.hand_on(file("x")),
            Mark::File {
                read: file("x"),
                gone: Vec::new()
            }
        );
    }

    #[test]
    fn a_folder_with_too_many_files_is_not_read_and_is_again_once_there_are_fewer() {
        let many: BTreeSet<Digest> = (0..=MOST_FILES).map(|n| file(&n.to_string())).collect();
        let mut watch = Watch::default();
        assert_eq!(watch.look(many), Look::TooMany);
        watch.look(files(&["a"]));
        assert_eq!(watch.look(files(&["a"])), Look::Ready(files(&["a"])));
    }
}
