//! Access packages that an administrator makes on a running collector: readable, whole to the collector and to another
//! program, and to neither once a byte of one has changed.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot go on says where"
)]

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use zeef_tests::device::{Fields, RawDevice};
use zeef_tests::{Installation, Outcome, command};

/// Debian's own Python, for which Debian has the modules.
fn python(arguments: &[&str]) -> Outcome {
    let mut python = Command::new("/usr/bin/python3");
    python.arg("-B").args(arguments);
    command::run(python)
}

/// The verifier that is not Zeef.
fn verified_elsewhere(files: &[PathBuf], key: &str) -> Outcome {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("verifier/package_verify.py");
    let key = format!("--key={key}");
    let files = files.iter().map(|file| text(file));
    let arguments: Vec<_> = [text(&script), &key].into_iter().chain(files).collect();
    python(&arguments)
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Reads the package with libraries of its own: ZIP, JSON Schema and CSV.
const READ: &str = r#"
import csv, io, json, sys, zipfile
from jsonschema import Draft202012Validator
package = zipfile.ZipFile(sys.argv[1])
assert package.testzip() is None
data = json.loads(package.read("data.json"))
schema = json.loads(package.read("data.schema.json"))
Draft202012Validator.check_schema(schema)
Draft202012Validator(schema).validate(data)
rows = list(csv.DictReader(io.StringIO(package.read("data.csv").decode("utf-8-sig"), newline="")))
assert rows and all(len(row) == 13 and None not in row for row in rows)
held = {value["value"] for device in data["devices"] for value in device["values"]}
written = {row["Waarde"] for row in rows}
assert held <= written, held - written
for row in rows:
    for cell in row.values():
        assert not cell or cell[0] not in "=+-@\t\r", cell
print(data["counts"]["devices"], sorted(package.namelist()))
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_package_is_read_and_checked_by_programs_that_are_not_zeef_and_every_changed_byte_shows() {
    let collector = Installation::started();
    let token = collector.customer("Bakkerij Jansen", 2);
    for number in 1..=2 {
        let mut device = RawDevice::enrol(&collector.contact(), &token).await;
        device.report(1, &Fields::numbered(number)).await;
    }
    let directory = tempfile::tempdir().unwrap();
    let package = directory.path().join("package.zip");
    let access = [
        "access",
        "--organisation",
        "Bakkerij Jansen",
        "--out",
        text(&package),
    ];
    drop(collector.run(&access).done());
    let mode = std::fs::metadata(&package).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    // Never written over.
    assert_eq!(collector.run(&access).code, Some(2));
    let said = python(&["-c", READ, text(&package)]).done();
    assert!(said.starts_with("2 ['LEESMIJ.txt', 'data.csv'"), "{said}");

    let head = collector.run(&["ledger", "head"]).json();
    let key = head["key"].as_str().unwrap();
    let verify = |file: &Path, key: &str| {
        let key = format!("--key={key}");
        collector.run(&["package", "verify", text(file), &key])
    };
    drop(verify(&package, key).done());
    let said = verified_elsewhere(std::slice::from_ref(&package), key).done();
    assert!(said.contains(": whole: 2 devices"), "{said}");
    let other = "A".repeat(43);
    assert_eq!(verify(&package, &other).code, Some(1));
    assert_eq!(
        verified_elsewhere(std::slice::from_ref(&package), &other).code,
        Some(1)
    );

    let whole = std::fs::read(&package).unwrap();
    let mut files = Vec::new();
    for at in 0..whole.len() {
        let mut changed = whole.clone();
        changed[at] ^= 1 << (at % 8);
        let path = directory.path().join(format!("changed-{at}"));
        std::fs::write(&path, &changed).unwrap();
        files.push(path);
    }
    // A few at a time: a line each, and an argument each.
    for files in files.chunks(500) {
        let said = verified_elsewhere(files, key);
        let lines = said.stdout.lines().count();
        assert_eq!((said.code, lines), (Some(1), files.len()), "{said:?}");
        assert!(!said.stdout.contains(": whole: "), "{}", said.stdout);
    }
    // The store's tests ask this program of every byte; a process for each would take minutes.
    for file in files.iter().step_by(997) {
        assert_eq!(verify(file, key).code, Some(1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_persons_name_is_taken_from_standard_input_and_stands_in_no_file_name_and_no_log() {
    let collector = Installation::started();
    let token = collector.customer("Bakkerij Jansen", 1);
    let mut device = RawDevice::enrol(&collector.contact(), &token).await;
    device.report(1, &Fields::numbered(1)).await;
    let shown = collector.device(&device.id.to_string());
    let user = shown.values("username")[0].to_owned();
    let directory = tempfile::tempdir().unwrap();
    let package = directory.path().join("package.zip");
    let access = collector.command(&[
        "access",
        "--organisation",
        "Bakkerij Jansen",
        "--username",
        "-",
        "--language",
        "en",
        "--out",
        text(&package),
    ]);
    let said = command::run_with_input(access, &user).done();
    assert!(!said.contains(&user));
    let bytes = std::fs::read(&package).unwrap();
    assert!(!bytes.windows(user.len()).any(|window| window == user.as_bytes()));
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1);
    assert!(!collector.process().stderr().contains(&user));
}
