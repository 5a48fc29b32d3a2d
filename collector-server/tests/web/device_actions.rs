//! What is done to a device from its page: each deed says first what will happen, and is in the ledger under who did it.

use http::StatusCode;
use zeef_collector::access::{Reach, Role};
use zeef_collector::erasure::Receipt;
use zeef_collector::ledger::{Actor, Entry};
use zeef_collector::retention::{LegalHold, Reason};
use zeef_collector::store::InventoryStore;
use zeef_collector::store::ledger::LedgerStore;
use zeef_collector::store::people::PeopleStore;
use zeef_collector::store::retention::RetentionStore;
use zeef_proto::id::HoldId;
use zeef_proto::time::DAY;
use zeef_proto::{DeviceId, OrganisationId};

use crate::browser::{Answer, Browser};
use crate::installation::{Installation, MadeUp};

const LAPTOP: MadeUp<'_> = MadeUp {
    name: "LAP-17",
    users: &["j.jansen"],
    private: &["10.0.3.17"],
    macs: &[],
    public: None,
};

struct Case {
    installation: Installation,
    organisation: OrganisationId,
    device: DeviceId,
    browser: Browser,
}

impl Case {
    async fn of(role: Role) -> Self {
        let installation = Installation::new().await;
        let organisation = installation.organisation("Bakkerij Jansen", &["rmm"]).await;
        let device = installation.device(organisation, LAPTOP).await;
        let person = installation.person_as("anna", role, Reach::All).await;
        let browser = Browser::signed_in(&installation, person).await;
        Self {
            installation,
            organisation,
            device,
            browser,
        }
    }

    fn address(&self, deed: &str) -> String {
        format!("/devices/{}/{}{deed}", self.organisation, self.device)
    }

    async fn page(&mut self, deed: &str) -> Answer {
        let address = self.address(deed);
        self.browser.get(&address).await
    }

    /// Presses the button of a page that was opened before.
    async fn press(&mut self, deed: &str, page: &Answer) -> Answer {
        let (address, secret) = (self.address(deed), page.form_secret());
        self.browser.post(&address, &[("form", &secret)]).await
    }

    /// What people who are signed in did, oldest first, without their looks.
    async fn done(&self) -> Vec<&'static str> {
        let stored = self.installation.store.ledger_from(0, 1_000).await.unwrap();
        let entries = stored
            .iter()
            .map(|stored| Entry::from_bytes(&stored.bytes).unwrap());
        entries
            .filter(|entry| matches!(entry.actor, Actor::User(_)))
            .map(|entry| entry.event.name())
            .filter(|name| !["signed_in", "device_read", "devices_listed"].contains(name))
            .collect()
    }
}

#[tokio::test]
async fn a_technician_revokes_a_device_after_reading_what_will_happen() {
    let mut case = Case::of(Role::Technician).await;
    let before = case.page("").await;
    assert!(before.addresses().contains(&case.address("/revoke")));
    // To erase is not for a technician.
    assert!(!before.addresses().contains(&case.address("/erase")));
    let page = case.page("/revoke").await;
    for said in [
        "LAP-17",
        "Bakkerij Jansen",
        "refuses this device from its next request on",
        "Cancel",
    ] {
        assert!(page.text().contains(said), "{said}\n{}", page.text());
    }
    let agent = |device: zeef_collector::store::records::Device| device.agent.unwrap();
    let look = async |case: &Case| {
        let now = case.installation.now();
        let found = case
            .installation
            .store
            .device(case.organisation, case.device, now);
        agent(found.await.unwrap().unwrap())
    };
    assert!(!look(&case).await.revoked, "looking does nothing");
    let answer = case.press("/revoke", &page).await;
    assert_eq!(answer.location(), case.address("?done=yes"));
    assert!(look(&case).await.revoked);
    let after = case.page("?done=yes").await;
    assert!(after.text().contains("It was done, and is in the ledger."));
    assert!(!after.addresses().contains(&case.address("/revoke")));
    // A second press, from another window, leads back and does nothing more.
    assert_eq!(case.press("/revoke", &page).await.location(), case.address(""));
    assert_eq!(case.done().await, ["device_revoked"]);
}

#[tokio::test]
async fn a_device_is_allowed_to_speak_for_its_site_and_no_longer() {
    let mut case = Case::of(Role::Technician).await;
    for (deed, other) in [("/site/allow", "/site/deny"), ("/site/deny", "/site/allow")] {
        let page = case.page(deed).await;
        assert!(page.text().contains("other devices"), "{deed}");
        case.press(deed, &page).await;
        let shown = case.page("").await.addresses();
        assert!(shown.contains(&case.address(other)) && !shown.contains(&case.address(deed)));
    }
    assert_eq!(case.done().await, ["site_allowed", "site_denied"]);
}

#[tokio::test]
async fn somebody_answers_for_a_silent_device() {
    let mut case = Case::of(Role::Technician).await;
    assert_eq!(
        case.page("/keep").await.location(),
        case.address(""),
        "it reports"
    );
    case.installation.clock.move_by(60 * DAY);
    let now = case.installation.now();
    let store = &case.installation.store;
    store
        .ask_about(case.organisation, vec![case.device], now)
        .await
        .unwrap();
    case.browser = Browser::signed_in(&case.installation, case.installation.person("bart").await).await;
    let shown = case.page("").await;
    assert!(shown.text().contains("Silent – still there?"));
    let page = case.page("/keep").await;
    case.press("/keep", &page).await;
    assert!(!case.page("").await.text().contains("still there?"));
    assert_eq!(case.done().await, ["device_kept"]);
}

#[tokio::test]
async fn an_officer_erases_a_device_and_gets_a_receipt_that_can_be_checked() {
    let mut case = Case::of(Role::PrivacyOfficer).await;
    let page = case.page("/erase").await;
    for said in [
        "values of: Device name1",
        "values of: User name1",
        "devices1",
        "This cannot be undone",
        "Erase for good",
    ] {
        assert!(page.text().contains(said), "{said}\n{}", page.text());
    }
    let answer = case.press("/erase", &page).await;
    let receipt = answer.location().to_owned();
    assert!(
        receipt.starts_with(&format!("/receipts/{}/", case.organisation)),
        "{receipt}"
    );
    assert_eq!(case.page("").await.status, StatusCode::NOT_FOUND);
    let shown = case.browser.get(&receipt).await;
    let id = receipt.rsplit('/').next().unwrap();
    for said in [
        id,
        "The device was erased",
        "values of: User name1",
        "Download the receipt",
    ] {
        assert!(shown.text().contains(said), "{said}\n{}", shown.text());
    }
    assert!(!shown.body.contains("LAP-17") && !shown.body.contains("j.jansen"));
    let file = case.browser.get(&format!("{receipt}/file")).await;
    assert_eq!(
        file.header("content-disposition"),
        format!("attachment; filename=\"zeef-receipt-{id}.json\"")
    );
    let known = case.installation.store.ledger_identity().await.unwrap().key;
    let read = Receipt::verify(file.body.as_bytes(), Some(known)).unwrap();
    assert_eq!((read.facts.counts.devices, read.facts.counts.values()), (1, 3));
    assert_eq!(case.done().await, ["device_ended", "erased"]);
}

#[tokio::test]
async fn a_receipt_is_shown_under_its_own_organisation_alone() {
    let mut case = Case::of(Role::PrivacyOfficer).await;
    let page = case.page("/erase").await;
    let receipt = case.press("/erase", &page).await.location().to_owned();
    let other = case.installation.organisation("Garage De Vries", &[]).await;
    let elsewhere = receipt.replace(&case.organisation.to_string(), &other.to_string());
    for path in [
        elsewhere.clone(),
        format!("{elsewhere}/file"),
        receipt.replace('-', ""),
    ] {
        assert_eq!(
            case.browser.get(&path).await.status,
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_device_that_was_erased_while_its_page_was_open_is_said_to_be_gone() {
    let mut case = Case::of(Role::Administrator).await;
    let (open, erase) = (case.page("/revoke").await, case.page("/erase").await);
    case.press("/erase", &erase).await;
    for deed in ["/revoke", "/erase", "/keep", "/site/allow"] {
        for answer in [case.press(deed, &open).await, case.page(deed).await] {
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{deed}");
            let text = answer.text();
            assert!(
                text.contains("The device is not there any more"),
                "{deed}: {text}"
            );
            assert!(text.contains("Nothing was changed") && text.contains("To the first page"));
        }
    }
}

#[tokio::test]
async fn a_legal_hold_keeps_a_device_from_being_erased() {
    let mut case = Case::of(Role::PrivacyOfficer).await;
    let now = case.installation.now();
    let hold = LegalHold {
        id: HoldId::from_bytes([9; 16]),
        organisation: case.organisation,
        device: Some(case.device),
        reason: Reason::parse("a case before the court").unwrap(),
        starts: now,
        ends: now.plus(DAY),
    };
    case.installation.store.add_hold(hold).await.unwrap();
    let page = case.page("/erase").await;
    let answer = case.press("/erase", &page).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(answer.text().contains("A legal hold keeps what is held"));
    assert_eq!(case.page("").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_devices_page_tells_what_happened_and_who_looked() {
    let mut case = Case::of(Role::Technician).await;
    let gone = case.installation.person("bart").await;
    let mut other = Browser::signed_in(&case.installation, gone).await;
    assert_eq!(other.get(&case.address("")).await.status, StatusCode::OK);
    let (store, now) = (&case.installation.store, case.installation.now());
    store.remove_user(gone, Actor::Administrator, now).await.unwrap();
    let page = case.page("/site/allow").await;
    case.press("/site/allow", &page).await;
    let text = case.page("").await.text();
    let told = text.split("What happened, and who looked").nth(1).unwrap();
    let told = told.split("What the protocol").next().unwrap();
    assert!(
        told.contains(
            "5 Aug 12:00 This page was looked at anna 5 Aug 12:00 The device was let speak for its site anna \
             5 Aug 12:00 This page was looked at anna 5 Aug 12:00 This page was looked at an account that was removed \
             5 Aug 12:00 The device enrolled the device itself"
        ),
        "{told}"
    );
    assert!(!told.contains("There is more"));
    for _ in 0..20 {
        case.page("").await;
    }
    let text = case.page("").await.text();
    assert!(text.contains("There is more in the ledger.") && !text.contains("The device enrolled"));
}

#[tokio::test]
async fn the_pages_of_deeds_are_in_dutch_too() {
    let mut case = Case::of(Role::Administrator).await;
    case.browser.language = "nl";
    for (deed, said) in [
        ("/revoke", "weigert dit apparaat"),
        ("/erase", "Definitief wissen"),
        ("/site/allow", "van zijn locatie"),
    ] {
        assert!(case.page(deed).await.text().contains(said), "{deed}");
    }
}
