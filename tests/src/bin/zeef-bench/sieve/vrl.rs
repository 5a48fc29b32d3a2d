//! The same records through a VRL program, where `make bench` has built what runs it.

use std::path::PathBuf;
use std::process::Command;

/// Seconds that the VRL program of a source needs for `lines`, once for each round; `None` where it is not built.
pub(crate) fn seconds(source: &str, lines: &[u8], rounds: usize) -> Option<Vec<f64>> {
    let program = program();
    if !program.exists() {
        eprintln!("bench: {} is not built, vrl is left out", program.display());
        return None;
    }
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("records.jsonl");
    std::fs::write(&file, lines).expect("the records can be written");
    let output = Command::new(program)
        .arg(source)
        .arg(&file)
        .arg(rounds.to_string())
        .output()
        .expect("the comparison runs");
    assert!(
        output.status.success(),
        "the comparison fails: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8_lossy(&output.stdout);
    Some(text.lines().filter_map(|line| line.parse().ok()).collect())
}

fn program() -> PathBuf {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    root.join("vrl-comparison/target/release/zeef-vrl-comparison")
}
