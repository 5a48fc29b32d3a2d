//! Bundles: the organisation's key reaches its devices and nobody else, and a bad one changes nothing.

use crate::commands::{Site, error_of};

#[test]
fn a_bundle_brings_the_organisations_key_which_never_goes_to_the_collector() {
    use std::os::unix::fs::PermissionsExt;
    let site = Site::new();
    let path = |name: &str| site.directory.path().join(name).display().to_string();
    let (key, bundle) = (path("organisation.key"), path("devices.bundle"));
    site.run(&["key", "new", "--scope", "organisation", "--out", &key]);
    let url = site.server.url();
    let with_key = ["--organisation-key", &*key, "--out", &*bundle];
    let made = site.run(&[&["bundle", "--url", &*url][..], &with_key].concat());
    assert_eq!(made.status.code(), Some(0), "{made:?}");
    let again = site.run(&[&["bundle", "--url", &*url][..], &with_key].concat());
    assert_eq!(again.status.code(), Some(2), "a bundle is never written over");
    error_of(&again);
    let mode = std::fs::metadata(&bundle).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0, "nobody else reads it");

    let enrolled = site
        .command(&["enroll", "--bundle", &bundle])
        .env_remove("ZEEF_ENROLL_TOKEN")
        .output()
        .unwrap();
    assert_eq!(enrolled.status.code(), Some(0), "{enrolled:?}");
    let held = site.state().join("organisation.key");
    assert_eq!(std::fs::read(&held).unwrap(), std::fs::read(&key).unwrap());

    site.run(&["key", "rotate", &key]);
    let rotated = path("rotated.bundle");
    site.run(&[
        "bundle",
        "--url",
        &url,
        "--organisation-key",
        &key,
        "--out",
        &rotated,
    ]);
    let taken = site.run(&["enroll", "--bundle", &rotated]);
    assert_eq!(taken.status.code(), Some(0), "{taken:?}");
    assert_eq!(std::fs::read(&held).unwrap(), std::fs::read(&key).unwrap());

    let secrets = std::fs::read_to_string(&key).unwrap();
    let secrets: Vec<&str> = secrets
        .lines()
        .filter_map(|line| line.strip_prefix("epoch ")?.split(' ').nth(2))
        .collect();
    assert_eq!(secrets.len(), 2);
    for request in site.server.requests() {
        let body = String::from_utf8(request.body).unwrap();
        assert!(secrets.iter().all(|secret| !body.contains(secret)));
    }
    assert_eq!(site.run(&["unenroll"]).status.code(), Some(0));
    assert!(!held.exists());
}

#[test]
fn a_bundle_that_was_cut_short_or_holds_another_key_changes_nothing() {
    let site = Site::new();
    let path = |name: &str| site.directory.path().join(name);
    let bundle = path("devices.bundle");
    let out = bundle.display().to_string();
    site.run(&["bundle", "--url", &site.server.url(), "--out", &out]);
    let whole = std::fs::read_to_string(&bundle).unwrap();
    let token = whole.find("zeef1.").unwrap();
    for length in [0, 1, token - 12, token, token + 20, whole.len() - 3] {
        std::fs::write(path("cut"), &whole[..length]).unwrap();
        let refused = site.run(&["enroll", "--bundle", &path("cut").display().to_string()]);
        assert_eq!(refused.status.code(), Some(2), "{length}: {refused:?}");
        let said = error_of(&refused);
        assert!(said.contains("bundle"), "{said}");
        assert!(!said.contains(&whole[token..token + 20]), "{said}");
    }
    let key = path("device.key").display().to_string();
    site.run(&["key", "new", "--scope", "device", "--out", &key]);
    let other = path("other.bundle").display().to_string();
    let url = site.server.url();
    let refused = site.run(&[
        "bundle",
        "--url",
        &url,
        "--organisation-key",
        &key,
        "--out",
        &other,
    ]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(error_of(&refused).contains("scope organisation"));
    assert!(!path("other.bundle").exists());
    assert!(site.server.requests().is_empty());
    assert!(site.files().is_empty());
}
