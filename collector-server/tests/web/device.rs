//! The device's page and the policy's.

use http::StatusCode;
use zeef_collector::store::AdministrationStore;
use zeef_proto::{DeviceId, OrganisationId};

use crate::browser::Browser;
use crate::installation::{Installation, MadeUp, POLICY, signing_key};

fn address(organisation: OrganisationId, device: DeviceId) -> String {
    format!("/devices/{organisation}/{device}")
}

#[tokio::test]
async fn each_value_is_shown_with_its_products_purpose_ground_and_term() {
    let installation = Installation::new().await;
    let bakery = installation
        .organisation("Bakkerij Jansen", &["antivirus", "rmm", "wifi"])
        .await;
    let laptop = MadeUp {
        name: "LAP-17",
        users: &["j.jansen"],
        macs: &["02:1a:2b:3c:4d:5e"],
        ..MadeUp::default()
    };
    let device = installation.device(bakery, laptop).await;
    let anna = installation.person("anna").await;
    let mut browser = Browser::signed_in(&installation, anna).await;
    let page = browser.get(&address(bakery, device)).await;
    assert_eq!(page.status, StatusCode::OK);
    let text = page.text();
    for expected in [
        "j.jansen",
        "02:1a:2b:3c:4d:5e randomised address",
        "since 5 Aug · while the service runs",
        "Antivirus Protecting the device against malicious software and matching alerts to the right device contract \
         customer, provider while the service runs",
        "RMM Managing and supporting the device remotely",
        "valid from 5 Aug to 3 Nov",
        "agent 0.1.0 on Windows",
        "last report: number 1",
        "Admitting enrolled devices only",
        "Times in Europe/Amsterdam",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
    // Wi-Fi has no agent: its row allows nothing that this device reports.
    assert!(!text.contains("wireless network"));

    browser.language = "nl";
    let dutch = browser.get(&address(bakery, device)).await.text();
    for expected in [
        "Gebruikersnaam",
        "overeenkomst",
        "klant, leverancier",
        "zolang de dienst loopt",
        "sinds 5 aug",
    ] {
        assert!(dutch.contains(expected), "{expected}");
    }
}

#[tokio::test]
async fn a_value_is_shown_once_with_all_who_said_it_and_the_rows_under_which_they_did() {
    let installation = Installation::new().await;
    let bakery = installation
        .organisation("Bakkerij Jansen", &["rmm", "wifi"])
        .await;
    let laptop = MadeUp {
        name: "LAP-17",
        private: &["10.0.3.17"],
        ..MadeUp::default()
    };
    let device = installation.device(bakery, laptop).await;
    let seen = r#"{"source":"unifi","product":"wifi","about":"site-device","device_name":"lap-17","private_ips":["10.0.3.17"]}"#;
    installation.tell(bakery, device, &[seen]).await;
    let anna = installation.person("anna").await;
    let mut browser = Browser::signed_in(&installation, anna).await;
    let page = browser.get(&address(bakery, device)).await.text();
    for expected in [
        "LAP-17 Agent · since 5 Aug · while the service runs UniFi, for Wi-Fi · since 5 Aug · until 5 Feb 2027",
        "RMM Managing and supporting the device remotely",
        "Wi-Fi Delivering the wireless network and resolving faults contract customer, provider 6 months",
        "Other devicesmay tell of other devices of its site",
    ] {
        assert!(page.contains(expected), "{expected}\n{page}");
    }
    assert!(!page.contains("lap-17") && !page.contains("May be the same device"));
    browser.language = "nl";
    let dutch = browser.get(&address(bakery, device)).await.text();
    assert!(dutch.contains("UniFi, voor Wifi · sinds 5 aug"), "{dutch}");
}

#[tokio::test]
async fn a_device_without_an_agent_says_so_and_names_those_that_could_be_the_same() {
    let installation = Installation::new().await;
    let bakery = installation
        .organisation("Bakkerij Jansen", &["rmm", "wifi", "voip"])
        .await;
    let laptop = MadeUp {
        name: "LAP-17",
        users: &["j.jansen"],
        macs: &["00:1a:2b:3c:4d:5e"],
        ..MadeUp::default()
    };
    let device = installation.device(bakery, laptop).await;
    let named = r#"{"source":"unifi","product":"wifi","about":"site-device","device_name":"lap-17"}"#;
    installation.tell(bakery, device, &[named]).await;
    let other = installation.spoken_of(bakery).await[0];
    let anna = installation.person("anna").await;
    let mut browser = Browser::signed_in(&installation, anna).await;
    let page = browser.get(&address(bakery, other)).await;
    let text = page.text();
    for expected in [
        "No agent runs on this device.",
        "lap-17 UniFi, for Wi-Fi · since 5 Aug",
        &format!(
            "May be the same device These devices of the organisation have a value in common with this one. Zeef joins records only where they can be about one device alone. {device} the same: Device name"
        ),
        "First record5 Aug",
        "Last contact, to the hour 5 Aug 12:00",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
    // Nothing of the other device is told but what is seen here already, and no protocol is spoken of.
    for absent in [
        "jansen",
        "1a:2b",
        "agent 0.1.0",
        "valid from",
        "last report",
        "may tell of other",
    ] {
        assert!(!text.contains(absent), "{absent}\n{text}");
    }
    assert!(page.addresses().contains(&address(bakery, device)));
    let back = browser.get(&address(bakery, device)).await;
    assert!(back.addresses().contains(&address(bakery, other)));
    browser.language = "nl";
    let dutch = browser.get(&address(bakery, other)).await.text();
    assert!(
        dutch.contains("Mogelijk hetzelfde apparaat") && dutch.contains("gelijk: Apparaatnaam"),
        "{dutch}"
    );
}

#[tokio::test]
async fn a_device_of_another_organisation_or_of_none_is_not_found() {
    let installation = Installation::new().await;
    let bakery = installation.organisation("Bakkerij Jansen", &["rmm"]).await;
    let notary = installation.organisation("Notariskantoor De Wit", &["rmm"]).await;
    let device = installation.device(bakery, MadeUp::default()).await;
    let anna = installation.person("anna").await;
    let mut browser = Browser::signed_in(&installation, anna).await;
    for path in [
        address(notary, device),
        "/devices/a/b".to_owned(),
        "/devices/a".to_owned(),
        "/nothing".to_owned(),
    ] {
        let page = browser.get(&path).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
        assert!(page.text().contains("There is nothing at this address"));
    }
    assert_eq!(browser.get(&address(bakery, device)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_policy_is_shown_whole() {
    let installation = Installation::new().await;
    let anna = installation.person("anna").await;
    let mut browser = Browser::signed_in(&installation, anna).await;
    let text = browser.get("/policy").await.text();
    for expected in [
        "Vokus privacybeleid 1.1",
        "version 1, adopted on 11 May 2023",
        "Wi-Fi (public network)",
        "contract, task in the public interest",
        "6 months",
        "Acronis",
        "info@vokus-ict.nl",
    ] {
        assert!(text.contains(expected), "{expected}");
    }
}

#[tokio::test]
async fn a_policy_by_another_key_is_not_shown_and_the_page_says_that_something_is_wrong() {
    let installation = Installation::new().await;
    let document = POLICY.replace("version = 1", "version = 2");
    let foreign = signing_key().sign(&document).unwrap();
    installation
        .store
        .publish_policy(foreign, installation.now())
        .await
        .unwrap();
    let anna = installation.person("anna").await;
    let mut browser = Browser::signed_in(&installation, anna).await;
    let page = browser.get("/policy").await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(page.text().contains("Nothing was changed"));
}
