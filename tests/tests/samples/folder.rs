//! The samples, where they are there.

use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::expectation::{Form, Sample};

/// The folder of samples. Where it is missing, the test's output says so, also when the test runner keeps what
/// tests print to itself.
pub(crate) fn find() -> Option<PathBuf> {
    let named = std::env::var_os("ZEEF_SAMPLES").map(PathBuf::from);
    if let Some(folder) = &named {
        assert!(folder.is_dir(), "ZEEF_SAMPLES names no folder");
    }
    let found = named
        .or_else(|| Some(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/samples")))
        .filter(|folder| folder.is_dir());
    if found.is_none() {
        let said = writeln!(
            std::io::stderr(),
            "samples: there is no folder of samples here (ZEEF_SAMPLES), so no record was compared"
        );
        drop(said);
    }
    found
}

/// A file of samples as it is fed, and its records one by one.
pub(crate) struct Records {
    pub(crate) input: String,
    pub(crate) each: Vec<String>,
}

impl Records {
    pub(crate) fn read(folder: &Path, sample: &Sample) -> Self {
        let text = std::fs::read_to_string(folder.join(&sample.file)).unwrap();
        let each: Vec<String> = match sample.form {
            Form::Document => vec![text.clone()],
            Form::Lines => text.lines().map(str::to_owned).collect(),
            Form::Records => text.lines().map(unwrapped).collect(),
        };
        let input = match sample.form {
            Form::Records => each.iter().map(|record| format!("{record}\n")).collect(),
            Form::Lines | Form::Document => text,
        };
        Self { input, each }
    }
}

fn unwrapped(line: &str) -> String {
    let mut line: Value = serde_json::from_str(line).unwrap();
    line["record"].take().to_string()
}
