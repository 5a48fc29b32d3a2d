//! What the privacy officer sees: notice and register, changes of the policy, retention, the ledger and the report.

use http::StatusCode;
use serde_json::Value;
use zeef_collector::access::{Reach, Role};
use zeef_collector::store::AdministrationStore;
use zeef_collector::store::people::PeopleStore;
use zeef_collector::store::retention::RetentionStore;
use zeef_proto::time::DAY;

use crate::browser::Browser;
use crate::installation::{Installation, MadeUp, POLICY};

const LAPTOP: MadeUp<'_> = MadeUp {
    name: "LAP-17",
    users: &["j.jansen"],
    private: &["10.0.3.17"],
    macs: &[],
    public: Some("203.0.113.7"),
};

async fn officer(installation: &Installation) -> Browser {
    let officer = installation
        .person_as("olga", Role::PrivacyOfficer, Reach::All)
        .await;
    Browser::signed_in(installation, officer).await
}

/// So many days, multiples of six, in steps after which the clock is believed.
async fn days_pass(installation: &Installation, days: i64) {
    for _ in 0..days / 6 {
        installation.clock.move_by(6 * DAY);
        installation.store.observe_time(installation.now()).await.unwrap();
    }
}

async fn publish(installation: &Installation, document: &str) {
    let signed = installation.signing.sign(document).unwrap();
    installation
        .store
        .publish_policy(signed, installation.now())
        .await
        .unwrap();
}

/// The reference policy, with wifi clients held for three months and a name that could be markup.
fn second() -> String {
    let wifi =
        "fields = [\"private_ip\", \"public_ip\", \"device_name\"]\nsource = \"site\"\nterm = { months = 6 }";
    POLICY
        .replacen("version = 1\n", "version = 2\n", 1)
        .replacen(wifi, &wifi.replace("months = 6", "months = 3"), 1)
        .replacen("en = \"Printing\"", "en = \"<script>alert(1)</script>\"", 1)
}

#[tokio::test]
async fn notice_and_register_are_there_as_page_markdown_and_json_in_the_visitors_language() {
    let installation = Installation::new().await;
    let mut browser = officer(&installation).await;
    for (kind, title, dutch) in [
        ("notice", "Privacy notice", "Privacyverklaring"),
        (
            "register",
            "Register of processing activities",
            "Register van verwerkingsactiviteiten",
        ),
    ] {
        let page = browser.get(&format!("/policy/{kind}")).await;
        assert!(page.text().contains(title) && page.body.contains("KvK 84965258"));
        let markdown = browser.get(&format!("/policy/{kind}.md")).await;
        assert_eq!(markdown.header("content-type"), "text/markdown; charset=utf-8");
        assert!(markdown.body.starts_with(&format!("# {title}\n")));
        let json = browser.get(&format!("/policy/{kind}.json")).await;
        let json: Value = serde_json::from_str(&json.body).unwrap();
        assert_eq!(
            (&json["title"], &json["policy"]["version"]),
            (&title.into(), &1.into())
        );
        browser.language = "nl";
        assert!(
            browser
                .get(&format!("/policy/{kind}"))
                .await
                .text()
                .contains(dutch)
        );
        browser.language = "en";
    }
}

#[tokio::test]
async fn the_newest_policy_is_compared_with_the_one_before_it_and_any_two_where_asked() {
    let installation = Installation::new().await;
    let mut browser = officer(&installation).await;
    let page = browser.get("/policy/changes").await;
    assert!(page.text().contains("Only one version has been published so far"));
    publish(&installation, &second()).await;
    let page = browser.get("/policy/changes").await;
    let text = page.text();
    assert!(text.contains("From version 1 to version 2"), "{text}");
    assert!(
        text.contains("Term (row wifi-client) 6 months 3 months"),
        "{text}"
    );
    let back = browser.get("/policy/changes?from=2&to=1").await;
    assert!(back.text().contains("Term (row wifi-client) 3 months 6 months"));
    let same = browser.get("/policy/changes?from=2&to=2").await;
    assert!(same.text().contains("These versions say the same."));
    let nonsense = browser.get("/policy/changes?from=x&to=99").await;
    assert!(nonsense.text().contains("From version 1 to version 2"));
}

#[tokio::test]
async fn markup_in_a_policy_is_text_on_every_page_about_it() {
    let installation = Installation::new().await;
    publish(&installation, &second()).await;
    let mut browser = officer(&installation).await;
    for path in ["/policy", "/policy/notice", "/policy/register", "/policy/changes"] {
        let page = browser.get(path).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(!page.body.contains("<script>alert"), "{path}");
        assert!(
            page.body.contains("alert(1)") || path == "/policy/register",
            "{path}"
        );
    }
    assert!(!browser.get("/policy/notice.md").await.body.contains("<script>"));
}

#[tokio::test]
async fn retention_tells_what_falls_due_each_week_in_a_chart_and_the_same_in_a_table() {
    let installation = Installation::new().await;
    let bakery = installation
        .organisation("Bakkerij Jansen", &["rmm", "wifi"])
        .await;
    let olga = installation
        .person_as("olga", Role::PrivacyOfficer, Reach::All)
        .await;
    let mut browser = Browser::signed_in(&installation, olga).await;
    let empty = browser.get("/retention").await;
    assert!(empty.text().contains("Nothing falls due"));
    let device = installation.device(bakery, LAPTOP).await;
    let guest = r#"{"source":"unifi","product":"wifi","about":"site-device","device_name":"telefoon","private_ips":["10.0.3.99"]}"#;
    installation.tell(bakery, device, &[guest]).await;
    // Six months go from 5 August to 5 February; a month later that is in the twenty-second week.
    days_pass(&installation, 30).await;
    let mut browser = Browser::signed_in(&installation, olga).await;
    let page = browser.get("/retention").await;
    let parts = page.body.matches("<rect class=\"c0\" x=").count();
    assert_eq!(parts, 1, "{}", page.text());
    let text = page.text();
    assert!(text.contains("1 Feb 2027 2 2"), "{text}");
    assert!(text.contains("What is past its term was deleted in time."));
    assert!(text.contains("Last purge none yet"));
    // Nothing in the image or elsewhere is styled in place, which the policy of the browser would drop.
    assert!(!page.body.contains("style="));
}

#[tokio::test]
async fn what_should_be_gone_and_is_not_raises_the_alarm_and_the_report_says_so() {
    let installation = Installation::new().await;
    let bakery = installation
        .organisation("Bakkerij Jansen", &["rmm", "wifi"])
        .await;
    let device = installation.device(bakery, LAPTOP).await;
    let guest = r#"{"source":"unifi","product":"wifi","about":"site-device","device_name":"telefoon","private_ips":["10.0.3.99"]}"#;
    installation.tell(bakery, device, &[guest]).await;
    let officer = installation
        .person_as("olga", Role::PrivacyOfficer, Reach::All)
        .await;
    days_pass(&installation, 192).await;
    let mut browser = Browser::signed_in(&installation, officer).await;
    let page = browser.get("/retention").await;
    assert!(page.body.contains("role=\"alert\""), "{}", page.text());
    assert!(
        page.text().contains("that should have been gone since 5 Feb"),
        "{}",
        page.text()
    );
    let report = browser.get("/report").await;
    assert!(
        report.text().contains("Overdue, now since 5 Feb"),
        "{}",
        report.text()
    );
}

#[tokio::test]
async fn the_ledger_shows_the_newest_first_with_the_names_of_those_who_are_still_there() {
    let installation = Installation::new().await;
    let bakery = installation.organisation("Bakkerij Jansen", &["rmm"]).await;
    let device = installation.device(bakery, LAPTOP).await;
    let piet = installation.person("piet").await;
    let mut other = Browser::signed_in(&installation, piet).await;
    other.get(&format!("/devices/{bakery}/{device}")).await;
    let mut browser = officer(&installation).await;
    let text = browser.get("/ledger").await.text();
    let read = text.find("Device looked at piet Bakkerij Jansen").unwrap();
    let enrolled = text.find("Device enrolled device Bakkerij Jansen").unwrap();
    assert!(read < enrolled);
    installation
        .store
        .remove_user(piet, installation.now())
        .await
        .unwrap();
    let text = browser.get("/ledger").await.text();
    assert!(text.contains("Device looked at (account that is gone) Bakkerij Jansen"));
}

#[tokio::test]
async fn entries_are_found_by_organisation_kind_person_device_and_day() {
    let installation = Installation::new().await;
    let bakery = installation.organisation("Bakkerij Jansen", &["rmm"]).await;
    let notary = installation.organisation("Notaris De Wit", &["rmm"]).await;
    let device = installation.device(bakery, LAPTOP).await;
    installation.device(notary, LAPTOP).await;
    installation.clock.move_by(2 * DAY);
    let mut browser = officer(&installation).await;
    browser.get(&format!("/devices/{bakery}/{device}")).await;
    let of = |answer: crate::browser::Answer| answer.listed().len();
    let all = of(browser.get("/ledger").await);
    let of_bakery = of(browser.get(&format!("/ledger?organisation={bakery}")).await);
    let of_notary = of(browser.get(&format!("/ledger?organisation={notary}")).await);
    assert!(of_bakery == of_notary + 1 && of_bakery + of_notary < all);
    assert_eq!(of(browser.get("/ledger?theme=looks").await), 1);
    assert_eq!(of(browser.get(&format!("/ledger?device={device}")).await), 2);
    assert_eq!(of(browser.get("/ledger?actor=device").await), 2);
    let before = of(browser.get("/ledger?until=2026-08-06").await);
    let after = of(browser.get("/ledger?from=2026-08-07").await);
    assert!(before + after == all && after > 0);
    let none = browser.get("/ledger?from=2027-01-01").await;
    assert!(none.text().contains("No entry fits this choice."));
    let unknown = "/ledger?device=6f1b0c7e-0d4f-4a7e-9b62-1d8f0a3c5e21";
    assert_eq!(of(browser.get(unknown).await), 0);
}

#[tokio::test]
async fn older_entries_follow_page_by_page_and_none_is_left_out_or_shown_twice() {
    let installation = Installation::new().await;
    for number in 0..70 {
        installation
            .organisation(&format!("Klant {number}"), &["rmm"])
            .await;
    }
    let mut browser = officer(&installation).await;
    let (mut seen, mut path) = (Vec::new(), "/ledger".to_owned());
    loop {
        let page = browser.get(&path).await;
        seen.extend(page.listed());
        let next = page
            .addresses()
            .into_iter()
            .find(|address| address.contains("before="));
        match next {
            Some(next) => path = next,
            None => break,
        }
    }
    let numbers: Vec<u64> = seen.iter().map(|number| number.parse().unwrap()).collect();
    assert!(numbers.len() > 140);
    let expected: Vec<u64> = (0..numbers.len() as u64).rev().collect();
    assert_eq!(numbers, expected);
}

#[tokio::test]
async fn an_officer_of_one_organisation_sees_its_entries_and_nothing_else() {
    let installation = Installation::new().await;
    let bakery = installation.organisation("Bakkerij Jansen", &["rmm"]).await;
    let notary = installation.organisation("Notaris De Wit", &["rmm"]).await;
    let foreign = installation.device(notary, LAPTOP).await;
    let person = installation
        .person_as("olga", Role::PrivacyOfficer, Reach::of([bakery]))
        .await;
    let mut browser = Browser::signed_in(&installation, person).await;
    for path in [
        "/ledger".to_owned(),
        format!("/ledger?organisation={notary}"),
        format!("/ledger?device={foreign}"),
        format!("/ledger?organisation={notary}&device={foreign}"),
        "/report".to_owned(),
        "/report?month=2026-08".to_owned(),
        "/retention".to_owned(),
    ] {
        let page = browser.get(&path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        let text = page.text();
        assert!(
            !text.contains("Notaris De Wit") && !text.contains("Policy published"),
            "{path}"
        );
        if path.contains(&notary.to_string()) || path.contains(&foreign.to_string()) {
            assert!(page.listed().is_empty(), "{path}");
        }
    }
    installation.person("piet").await;
    assert!(!browser.get("/ledger").await.body.contains(">piet<"));
    let report = browser.get("/report?month=2026-08").await.text();
    assert!(report.contains("Organisations, now 1") && report.contains("Enrolled in this month 0"));
    assert!(!report.contains("Sign-ins"));
}

#[tokio::test]
async fn the_ledger_is_checked_at_the_press_of_a_button_and_what_is_wrong_is_said() {
    let installation = Installation::new().await;
    let mut browser = officer(&installation).await;
    let page = browser.get("/ledger").await;
    let secret = page.form_secret();
    let form = [("form", secret.as_str())];
    let checked = browser.post("/ledger/verify", &form).await;
    assert!(
        checked
            .text()
            .contains("entries are as they were written, under the root")
    );
    assert!(checked.body.contains("role=\"status\""));
    let head = browser.get("/ledger/head.json").await;
    assert!(
        head.header("content-disposition")
            .starts_with("attachment; filename=\"ledger-head-")
    );
    let head: Value = serde_json::from_str(&head.body).unwrap();
    assert!(checked.body.contains(head["root"].as_str().unwrap()));
    let without = browser.post("/ledger/verify", &[]).await;
    assert_eq!(without.status, StatusCode::FORBIDDEN);
    installation.spoil_ledger();
    let checked = browser.post("/ledger/verify", &form).await;
    assert!(
        checked
            .text()
            .contains("the newest head is not signed with this ledger's key.")
    );
    browser.language = "nl";
    let checked = browser.post("/ledger/verify", &form).await;
    assert!(
        checked
            .text()
            .contains("niet met de sleutel van dit logboek ondertekend")
    );
}

#[tokio::test]
async fn the_report_counts_what_was_done_in_its_month_and_in_no_other() {
    let installation = Installation::new().await;
    let bakery = installation.organisation("Bakkerij Jansen", &["rmm"]).await;
    installation.device(bakery, LAPTOP).await;
    installation.clock.move_by(40 * DAY);
    let mut browser = officer(&installation).await;
    installation.device(bakery, LAPTOP).await;
    browser.get("/inventory").await;
    // The month before this one, where none is asked for.
    let august = browser.get("/report").await.text();
    assert!(august.contains("August 2026, Vokus"), "{august}");
    assert!(august.contains("Enrolled in this month 1") && august.contains("Lists looked at 0"));
    assert!(august.contains("Published in this month: version 1"));
    let september = browser.get("/report?month=2026-09").await.text();
    assert!(september.contains("Enrolled in this month 1") && september.contains("Lists looked at 1"));
    assert!(september.contains("Published in this month: version none"));
    assert!(september.contains("Sign-ins 1") && september.contains("Overdue, now nothing"));
    assert!(september.contains("Devices, now 2"));
    assert!(september.contains("entries are as they were written, under the root"));
    let july = browser.get("/report?month=2026-07").await.text();
    assert!(july.contains("Enrolled in this month 0"));
    assert!(
        browser
            .get("/report?month=nonsense")
            .await
            .text()
            .contains("August 2026")
    );
}

#[tokio::test]
async fn a_technician_is_told_that_the_officers_pages_are_not_for_this_account() {
    let installation = Installation::new().await;
    let person = installation.person_as("tom", Role::Technician, Reach::All).await;
    let mut browser = Browser::signed_in(&installation, person).await;
    for path in ["/retention", "/ledger", "/report", "/ledger/head.json"] {
        assert_eq!(browser.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    let menu = browser.get("/policy/notice").await;
    assert!(!menu.body.contains("href=\"/ledger\""));
}
