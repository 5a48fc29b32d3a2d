//! Receipts of erasures that a running collector's administrator is given: each is whole to the collector and to another
//! program, and to neither once any byte of it has changed; and a device that was erased is told so.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot go on says where"
)]

use std::path::{Path, PathBuf};
use std::process::Command;

use zeef_proto::wire::ProblemCode;
use zeef_tests::device::{Fields, RawDevice};
use zeef_tests::{Installation, Outcome, command};

/// The verifier that is not Zeef.
fn verified_elsewhere(files: &[PathBuf], key: Option<&str>) -> Outcome {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("verifier/receipt_verify.py");
    // Debian's own, for which Debian has the module.
    let mut verifier = Command::new("/usr/bin/python3");
    verifier.arg("-B").arg(script).args(files);
    if let Some(key) = key {
        verifier.arg(format!("--key={key}"));
    }
    command::run(verifier)
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn receipts_of_every_kind_verify_here_and_elsewhere_after_the_organisation_is_gone() {
    let collector = Installation::started();
    let token = collector.customer("Bakkerij Jansen", 2);
    let mut first = RawDevice::enrol(&collector.contact(), &token).await;
    let mut second = RawDevice::enrol(&collector.contact(), &token).await;
    first.report(1, &Fields::numbered(1)).await;
    second.report(1, &Fields::numbered(2)).await;
    let shown = collector.device(&first.id.to_string());
    let user = shown.values("username")[0].to_owned();
    let of = ["--organisation", "Bakkerij Jansen"];
    let receipts = [
        collector.erase(&[&["person", user.as_str()], &of[..]].concat()),
        collector.erase(&["device", &first.id.to_string()]),
        collector.erase(&["organisation", "Bakkerij Jansen"]),
    ];
    let head = collector.run(&["ledger", "head"]).json();
    let key = head["key"].as_str().unwrap();
    for receipt in &receipts {
        drop(
            collector
                .run(&["receipt", "verify", text(receipt), "--key", key])
                .done(),
        );
        let bytes = std::fs::read_to_string(receipt).unwrap();
        assert!(!bytes.contains(&user) && !bytes.contains("Jansen"));
    }
    let said = verified_elsewhere(&receipts, Some(key)).done();
    assert_eq!(said.matches(": whole: ").count(), 3, "{said}");
    let other = verified_elsewhere(&receipts, Some(&"A".repeat(43))).code;
    assert_eq!(other, Some(1));
    for device in [&mut first, &mut second] {
        let answer = device.send(Fields::default().report(2)).await.unwrap();
        assert_eq!(answer.code(), ProblemCode::Gone);
    }
    let scanned = collector.process().stderr();
    assert!(!scanned.contains(&user));
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_program_takes_a_receipt_of_which_any_byte_was_changed_or_cut_off() {
    let collector = Installation::started();
    collector.organisation("Bakkerij Jansen");
    let receipt = collector.erase(&["person", "j.jansen", "--organisation", "Bakkerij Jansen"]);
    let whole = std::fs::read(&receipt).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    let mut write = |name: String, bytes: &[u8]| {
        let path = directory.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        files.push(path);
    };
    for at in 0..whole.len() {
        let mut changed = whole.clone();
        changed[at] ^= 1 << (at % 7);
        write(format!("changed-{at}"), &changed);
        write(format!("cut-{at}"), &whole[..at]);
    }
    write("longer".to_owned(), &[&whole[..], b"\n"].concat());
    let spaced = String::from_utf8(whole.clone()).unwrap().replacen(':', ": ", 1);
    write("spaced".to_owned(), spaced.as_bytes());
    // A few at a time: a line each, and an argument each.
    for files in files.chunks(500) {
        let said = verified_elsewhere(files, None);
        assert_eq!(
            (said.code, said.stdout.lines().count()),
            (Some(1), files.len()),
            "{said:?}"
        );
        assert!(!said.stdout.contains(": whole: "), "{}", said.stdout);
    }
    // The other program is asked of every byte by its own tests; a process for each would take minutes.
    for file in files.iter().step_by(97) {
        let refused = collector.run(&["receipt", "verify", text(file)]);
        assert_eq!(refused.code, Some(1), "{refused:?}");
    }
    assert_eq!(verified_elsewhere(&[receipt], None).code, Some(0));
}
