//! Letting devices in from the pages.

use http::StatusCode;
use ring::digest::{SHA256, digest};
use zeef_collector::access::{Reach, Role};
use zeef_collector::store::records::Enrolment;
use zeef_collector::store::{AdministrationStore, AgentStore};
use zeef_proto::wire::{EnrolmentToken, Platform};
use zeef_proto::{DeviceId, OrganisationId};

use crate::browser::{Answer, Browser};
use crate::installation::Installation;

async fn technician() -> (Installation, OrganisationId, Browser) {
    let installation = Installation::new().await;
    let bakery = installation
        .organisation("Bakkerij Jansen", &["antivirus", "wifi"])
        .await;
    let person = installation
        .person_as("tech", Role::Technician, Reach::of([bakery]))
        .await;
    let browser = Browser::signed_in(&installation, person).await;
    (installation, bakery, browser)
}

async fn make(browser: &mut Browser, organisation: OrganisationId, fields: &[(&str, &str)]) -> Answer {
    let address = format!("/enrol/{organisation}");
    let secret = browser.get(&address).await.form_secret();
    let fields: Vec<_> = fields
        .iter()
        .copied()
        .chain([("form", secret.as_str())])
        .collect();
    browser.post(&address, &fields).await
}

fn token(page: &Answer) -> String {
    let code = page.body.split("<code class=\"copied\">").nth(1).unwrap();
    code.split('<').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_token_is_shown_once_with_the_commands_of_each_system_and_lets_a_device_in() {
    let (installation, bakery, mut browser) = technician().await;
    // With one organisation there is nothing to choose.
    let start = browser.get("/enrol").await;
    assert_eq!(start.location(), format!("/enrol/{bakery}"));
    let page = browser.get(start.location()).await.text();
    for said in [
        "Enrol devices of Bakkerij Jansen",
        "Antivirus",
        "User name",
        "Wi-Fi",
        "nothing by the agent",
        "There is no token",
    ] {
        assert!(page.contains(said), "{said}\n{page}");
    }
    let fields = [("system", "debian"), ("uses", "2"), ("days", "7")];
    let made = make(&mut browser, bakery, &fields).await;
    assert_eq!(made.status, StatusCode::OK);
    assert_eq!(made.header("cache-control"), "no-store");
    let token = token(&made);
    let text = made.text();
    for said in [
        "it is not shown again. It lets in 2 device(s) until 12 Aug 12:00",
        &format!("-x64.msi /qn COLLECTOR_URL=https://zeef.example:8443 ENROLL_TOKEN={token}"),
        "sudo apt install ./zeef-agent_",
        "sudo zeef-agent enroll --url https://zeef.example:8443 --token-file -",
    ] {
        assert!(text.contains(said), "{said}\n{text}");
    }
    // The system that was chosen comes first.
    let first = made.body.split("<details").nth(1).unwrap();
    assert!(first.contains("open") && first.contains("Debian"));

    let known: EnrolmentToken = token.parse().unwrap();
    let enrolment = |key: u8| Enrolment {
        secret_hash: digest(&SHA256, &known.secret).as_ref().try_into().unwrap(),
        key_hash: [key; 32],
        device: DeviceId::from_bytes([key; 16]),
        platform: Platform::Linux,
        agent: "0.1.0".parse().unwrap(),
        now: installation.now(),
    };
    let enrolled = installation.store.enrol(enrolment(1)).await.unwrap().unwrap();
    assert_eq!(enrolled.organisation, bakery);

    let page = browser.get(&format!("/enrol/{bakery}")).await;
    assert!(page.text().contains("1 of 2"), "{}", page.text());
    assert!(!page.body.contains(&token));
    let id = installation.store.tokens(bakery).await.unwrap()[0].id;
    let revoke = format!("/enrol/{bakery}/tokens/{id}/revoke");
    let answer = browser.post(&revoke, &[("form", &page.form_secret())]).await;
    let after = browser.get(answer.location()).await.text();
    assert!(after.contains("The token was revoked") && after.contains("There is no token"));
    assert!(installation.store.enrol(enrolment(2)).await.unwrap().is_none());
}

#[tokio::test]
async fn what_does_not_fit_is_said_at_its_field_and_what_was_chosen_stays() {
    let (installation, bakery, mut browser) = technician().await;
    for uses in ["0", "100001", "many", ""] {
        let fields = [("system", "rpm"), ("uses", uses), ("days", "30")];
        let page = make(&mut browser, bakery, &fields).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{uses}");
        assert!(page.text().contains("A token lets in 1 to 100000 devices"));
        for kept in ["value=\"rpm\" selected", "value=\"30\" selected", "aria-invalid"] {
            assert!(page.body.contains(kept), "{kept}");
        }
    }
    for fields in [
        [("system", "amiga"), ("uses", "1"), ("days", "7")],
        [("system", "rpm"), ("uses", "1"), ("days", "365")],
    ] {
        let page = make(&mut browser, bakery, &fields).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST);
    }
    assert!(installation.store.tokens(bakery).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_token_of_another_organisation_cannot_be_revoked() {
    let (installation, bakery, mut browser) = technician().await;
    let garage = installation.organisation("Garage De Vries", &[]).await;
    let anna = installation.person("anna").await;
    let mut administrator = Browser::signed_in(&installation, anna).await;
    let fields = [("system", "macos"), ("uses", "1"), ("days", "1")];
    make(&mut administrator, garage, &fields).await;
    let id = installation.store.tokens(garage).await.unwrap()[0].id;
    let secret = browser.get(&format!("/enrol/{bakery}")).await.form_secret();
    let address = format!("/enrol/{bakery}/tokens/{id}/revoke");
    let answer = browser.post(&address, &[("form", &secret)]).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert!(installation.store.tokens(garage).await.unwrap()[0].is_good_at(installation.now()));
    // Where there are several, one chooses first.
    let start = administrator.get("/enrol").await;
    assert!(start.text().contains("Garage De Vries") && start.text().contains("Bakkerij Jansen"));
    let chosen = administrator.get(&format!("/enrol?organisation={garage}")).await;
    assert_eq!(chosen.location(), format!("/enrol/{garage}"));
}
