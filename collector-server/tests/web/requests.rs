//! Requests on pages: intake, the queue, and the steps of one.

use http::StatusCode;
use zeef_collector::access::{Reach, Role};
use zeef_collector::ledger::Entry;
use zeef_collector::requests::{Line, Officer};
use zeef_collector::store::ledger::LedgerStore;
use zeef_collector::store::requests::{Correction, RequestStore};
use zeef_proto::OrganisationId;
use zeef_proto::field::Field;
use zeef_proto::id::RequestId;

use crate::browser::{Answer, Browser};
use crate::installation::{Installation, MadeUp};

async fn officer(installation: &Installation, name: &str) -> Browser {
    let role = Role::PrivacyOfficer;
    let person = installation.person_as(name, role, Reach::All).await;
    Browser::signed_in(installation, person).await
}

/// Somebody's request for erasure at an organisation, and its address.
async fn asked(installation: &Installation) -> (OrganisationId, RequestId, String) {
    let organisation = installation.organisation("Bakkerij Jansen", &["antivirus"]).await;
    let id = RequestId::from_random([7; 16]);
    installation.request(organisation, id).await;
    (organisation, id, format!("/requests/{organisation}/{id}"))
}

/// Takes a step on the page as it stands.
async fn step(browser: &mut Browser, address: &str, fields: &[(&str, &str)]) -> Answer {
    let page = browser.get(address).await;
    let seen = page.body.split("name=\"seen\" value=\"").nth(1).unwrap();
    let seen = seen.split('"').next().unwrap().to_owned();
    let secret = page.form_secret();
    let own = [("form", secret.as_str()), ("seen", &seen)];
    browser.post(address, &[fields, &own].concat()).await
}

async fn steps(browser: &mut Browser, address: &str, steps: &[&[(&str, &str)]]) {
    for fields in steps {
        let answer = step(browser, address, fields).await;
        assert_eq!(
            answer.status,
            StatusCode::SEE_OTHER,
            "{fields:?}: {}",
            answer.text()
        );
    }
}

#[tokio::test]
async fn a_technician_opens_a_request_and_an_officer_finds_it_in_the_queue() {
    let installation = Installation::new().await;
    let organisation = installation.organisation("Bakkerij Jansen", &["antivirus"]).await;
    let anna = installation.person_as("anna", Role::Technician, Reach::All).await;
    let mut browser = Browser::signed_in(&installation, anna).await;
    let first = browser.get("/inventory").await.body;
    assert!(first.contains("href=\"/requests/new\"") && !first.contains("href=\"/requests\""));
    let secret = browser.get("/requests/new").await.form_secret();
    let organisation = organisation.to_string();
    let typed = [
        ("form", secret.as_str()),
        ("organisation", &organisation),
        ("kind", "access"),
        ("received", ""),
        ("name", "Jan Smit"),
        ("contact", "jan@example.test"),
        ("asked", "what is held?"),
    ];
    let answer = browser.post("/requests/new", &typed).await;
    assert_eq!(answer.location(), "/requests/new?opened=yes");
    assert!(browser.get(answer.location()).await.text().contains("was opened"));
    let mut officer = officer(&installation, "bram").await;
    let queue = officer.get("/requests").await;
    assert!(queue.text().contains("Bakkerij Jansen") && queue.text().contains("Access"));
    assert!(
        !queue.text().contains("Jan Smit"),
        "the queue names nobody who asks"
    );
    let address = queue.addresses();
    let address = address.iter().find(|one| one.contains(&organisation)).unwrap();
    let page = officer.get(address).await;
    assert!(page.text().contains("Jan Smit") && page.text().contains("what is held?"));
}

#[tokio::test]
async fn an_intake_that_cannot_be_keeps_what_was_typed_and_says_so_at_the_field() {
    let installation = Installation::new().await;
    installation.organisation("Bakkerij Jansen", &["antivirus"]).await;
    let mut browser = officer(&installation, "bram").await;
    let secret = browser.get("/requests/new").await.form_secret();
    let foreign = OrganisationId::from_bytes([9; 16]).to_string();
    let typed = [
        ("form", secret.as_str()),
        ("kind", "erasure"),
        ("received", "2999-01-01"),
        ("name", "\"><script>alert(1)</script>"),
        ("contact", ""),
        ("asked", "all of it"),
    ];
    for organisation in ["", &foreign] {
        let fields = [&typed[..], &[("organisation", organisation)]].concat();
        let answer = browser.post("/requests/new", &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        for field in ["organisation", "received", "contact"] {
            assert!(
                answer.body.contains(&format!("id=\"{field}-mistake\"")),
                "{field}"
            );
        }
        assert!(!answer.body.contains("id=\"name-mistake\"") && answer.text().contains("all of it"));
        assert!(answer.body.contains("value=\"erasure\" selected"));
        assert!(!answer.body.contains("<script>alert"));
    }
    assert!(
        installation
            .store
            .requests(None, installation.now())
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn somebody_limited_to_one_organisation_opens_and_sees_nothing_of_another() {
    let installation = Installation::new().await;
    let (_, _, address) = asked(&installation).await;
    let own = installation.organisation("Garage De Vries", &["antivirus"]).await;
    let role = Role::PrivacyOfficer;
    let person = installation.person_as("cees", role, Reach::of([own])).await;
    let mut browser = Browser::signed_in(&installation, person).await;
    assert_eq!(browser.get(&address).await.status, StatusCode::NOT_FOUND);
    let queue = browser.get("/requests").await;
    assert!(queue.text().contains("No requests"));
    let page = browser.get("/requests/new").await;
    assert!(!page.text().contains("Bakkerij Jansen"));
    let foreign = address.split('/').nth(2).unwrap();
    let secret = page.form_secret();
    let typed = [
        ("form", secret.as_str()),
        ("organisation", foreign),
        ("kind", "access"),
        ("name", "a"),
        ("contact", "b"),
    ];
    let answer = browser.post("/requests/new", &typed).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("organisation-mistake"));
}

#[tokio::test]
async fn a_request_is_worked_off_on_its_page_and_a_second_person_agrees() {
    let installation = Installation::new().await;
    let (organisation, id, address) = asked(&installation).await;
    let made_up = MadeUp {
        name: "LAP-17",
        users: &["j.jansen"],
        ..MadeUp::default()
    };
    let device = installation.device(organisation, made_up).await;
    let mut anna = officer(&installation, "anna").await;
    let page = anna.get(&address).await;
    assert!(!page.body.contains("<b>all</b>"), "what was typed is text");
    steps(
        &mut anna,
        &address,
        &[
            &[("step", "check-role"), ("responsibility", "both")],
            &[
                ("step", "verify"),
                ("method", "call-back"),
                ("established", "yes"),
            ],
        ],
    )
    .await;
    let typed = [
        ("step", "scope"),
        ("devices", "no-such-device"),
        ("usernames", "p.smit"),
    ];
    let answer = step(&mut anna, &address, &typed).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("id=\"devices-mistake\"") && answer.text().contains("p.smit"));
    steps(
        &mut anna,
        &address,
        &[
            &[
                ("step", "scope"),
                ("devices", "lap-17"),
                ("usernames", ""),
                ("product-antivirus", "yes"),
            ],
            &[("step", "restrict")],
            &[("step", "execute")],
            &[("step", "finish"), ("task", "1")],
            &[("step", "inform")],
        ],
    )
    .await;
    let held = zeef_collector::store::InventoryStore::device(
        installation.store.as_ref(),
        organisation,
        device,
        installation.now(),
    );
    assert!(held.await.unwrap().is_none(), "the task has erased");
    for task in ["2", "3", "4", "5"] {
        steps(&mut anna, &address, &[&[("step", "acknowledge"), ("task", task)]]).await;
    }
    let delivered = [
        ("step", "propose"),
        ("answer", "delivered"),
        ("ground", ""),
        ("explanation", ""),
    ];
    steps(&mut anna, &address, &[&delivered]).await;
    let review = format!("{address}/review");
    let secret = anna.get(&address).await.form_secret();
    let approve = [("form", secret.as_str()), ("seen", "12"), ("step", "approve")];
    let refused = anna.post(&review, &approve).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text().contains("Somebody else has to look at it"));
    let mut bram = officer(&installation, "bram").await;
    let secret = bram.get(&address).await.form_secret();
    let approve = [("form", secret.as_str()), ("seen", "12"), ("step", "approve")];
    assert_eq!(bram.post(&review, &approve).await.status, StatusCode::SEE_OTHER);
    steps(&mut bram, &address, &[&[("step", "close")]]).await;
    let page = bram.get(&address).await;
    assert!(page.text().contains("Closed") && page.text().contains("Done in full"));
    let cases = installation
        .store
        .requests(None, installation.now())
        .await
        .unwrap();
    assert_eq!((cases[0].id, cases[0].is_open()), (id, false));
}

#[tokio::test]
async fn of_two_officers_the_second_is_told_and_keeps_what_was_typed() {
    let installation = Installation::new().await;
    let (_, _, address) = asked(&installation).await;
    let (mut anna, mut bram) = (
        officer(&installation, "anna").await,
        officer(&installation, "bram").await,
    );
    let secret = bram.get(&address).await.form_secret();
    steps(
        &mut anna,
        &address,
        &[&[("step", "check-role"), ("responsibility", "both")]],
    )
    .await;
    let late = [
        ("form", secret.as_str()),
        ("seen", "0"),
        ("step", "propose"),
        ("answer", "refused"),
        ("ground", "unfounded"),
        ("explanation", "as agreed by telephone"),
    ];
    let answer = bram.post(&address, &late).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.text().contains("Somebody else has just taken a step"));
    assert!(answer.text().contains("as agreed by telephone"));
}

#[tokio::test]
async fn the_page_shows_when_time_runs_out_and_leaves_a_trace_of_who_looked() {
    let installation = Installation::new().await;
    let (_, _, address) = asked(&installation).await;
    installation.hours_pass(24 * 40);
    let mut browser = officer(&installation, "anna").await;
    assert!(browser.get("/requests").await.text().contains("too late"));
    assert!(browser.get(&address).await.text().contains("too late"));
    let entries = installation.store.ledger_from(0, 500).await.unwrap();
    let entries = entries
        .iter()
        .filter_map(|one| Entry::from_bytes(&one.bytes).ok());
    let shown = entries.filter(|entry| entry.event.name() == "request_read");
    assert_eq!(shown.count(), 1);
    browser.language = "nl";
    let dutch = browser.get(&address).await;
    assert!(dutch.text().contains("Wissing") && dutch.text().contains("te laat"));
}

#[tokio::test]
async fn a_restricted_device_is_hidden_from_technicians_until_the_request_is_closed() {
    let installation = Installation::new().await;
    let (organisation, _, address) = asked(&installation).await;
    let made_up = MadeUp {
        name: "LAP-17",
        users: &["j.jansen"],
        ..MadeUp::default()
    };
    let device = installation.device(organisation, made_up).await;
    let page = format!("/devices/{organisation}/{device}");
    let technician = installation.person_as("tess", Role::Technician, Reach::All).await;
    let mut technician = Browser::signed_in(&installation, technician).await;
    assert_eq!(technician.get("/inventory").await.listed(), ["LAP-17"]);
    let mut anna = officer(&installation, "anna").await;
    steps(
        &mut anna,
        &address,
        &[
            &[("step", "check-role"), ("responsibility", "both")],
            &[
                ("step", "verify"),
                ("method", "call-back"),
                ("established", "yes"),
            ],
            &[("step", "scope"), ("devices", "lap-17")],
            &[("step", "restrict")],
        ],
    )
    .await;
    assert!(technician.get("/inventory").await.listed().is_empty());
    assert_eq!(technician.get(&page).await.status, StatusCode::NOT_FOUND);
    let seen = anna.get(&page).await;
    assert!(seen.text().contains("technicians do not see this device"));
    steps(&mut anna, &address, &[&[("step", "withdraw")]]).await;
    assert_eq!(technician.get("/inventory").await.listed(), ["LAP-17"]);
    assert_eq!(technician.get(&page).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_corrected_value_is_shown_with_what_the_agent_says_beside_it() {
    let installation = Installation::new().await;
    let (organisation, id, _) = asked(&installation).await;
    let made_up = MadeUp {
        name: "LAP-17",
        users: &["j.jansen"],
        ..MadeUp::default()
    };
    let device = installation.device(organisation, made_up).await;
    let line = |text| Line::parse(text).unwrap();
    let correction = Correction {
        field: Field::Username,
        said: line("j.jansen"),
        corrected: line("j.janssen"),
        request: id,
        since: installation.now(),
    };
    let now = installation.now();
    let by = Officer::CommandLine;
    let correct = installation
        .store
        .correct_value(organisation, device, correction, by, now);
    correct.await.unwrap();
    let mut anna = officer(&installation, "anna").await;
    let page = anna
        .get(&format!("/devices/{organisation}/{device}"))
        .await
        .text();
    assert!(
        page.contains("j.janssen") && page.contains("the agent says: j.jansen"),
        "{page}"
    );
}

#[tokio::test]
async fn a_text_for_the_person_stands_ready_in_both_languages_as_the_request_goes() {
    let installation = Installation::new().await;
    let (_, _, address) = asked(&installation).await;
    let mut anna = officer(&installation, "anna").await;
    let menu = anna.get("/requests").await.body;
    assert!(menu.contains("href=\"/requests\" aria-current"));
    let page = anna.get(&address).await.text();
    assert!(page.contains("We have received your request") && page.contains("uw verzoek ontvangen"));
    let extended = [("step", "extend"), ("extension", "complexity")];
    steps(&mut anna, &address, &[&extended]).await;
    let page = anna.get(&address).await.text();
    assert!(page.contains("We need more time") && !page.contains("We have received your request"));
    steps(&mut anna, &address, &[&[("step", "withdraw")]]).await;
    let page = anna.get(&address).await;
    assert!(!page.body.contains("class=\"letter\""));
}

#[tokio::test]
async fn a_contact_asks_on_the_portal_and_the_officer_finds_it_there_from_that_moment() {
    let installation = Installation::new().await;
    let own = installation.organisation("Bakkerij Jansen", &["antivirus"]).await;
    let foreign = installation.organisation("Garage De Vries", &["antivirus"]).await;
    let role = Role::CustomerContact;
    let person = installation.person_as("jansen", role, Reach::of([own])).await;
    let mut browser = Browser::signed_in(&installation, person).await;
    let page = browser.get("/portal/requests/new").await;
    assert!(!page.body.contains("name=\"received\"") && !page.text().contains("Garage De Vries"));
    let secret = page.form_secret();
    let asks = |organisation: OrganisationId| {
        [
            ("form", secret.clone()),
            ("organisation", organisation.to_string()),
            ("kind", "erasure".to_owned()),
            ("received", "2020-01-01".to_owned()),
            ("name", "Jan Smit".to_owned()),
            ("contact", "jan@example.test".to_owned()),
            ("asked", "my old laptop".to_owned()),
        ]
    };
    for (organisation, status) in [
        (foreign, StatusCode::UNPROCESSABLE_ENTITY),
        (own, StatusCode::SEE_OTHER),
    ] {
        let typed = asks(organisation);
        let typed: Vec<_> = typed
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let answer = browser.post("/portal/requests/new", &typed).await;
        assert_eq!(answer.status, status);
    }
    let opened = browser.get("/portal/requests/new?opened=yes").await;
    assert!(opened.text().contains("Your request has come in"));
    let now = installation.now();
    let cases = installation.store.requests(None, now).await.unwrap();
    assert_eq!(cases.len(), 1);
    assert_eq!((cases[0].organisation, cases[0].received), (own, now));
    let mut anna = officer(&installation, "anna").await;
    assert!(anna.get("/requests").await.text().contains("Bakkerij Jansen"));
}
