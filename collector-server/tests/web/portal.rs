//! The customer portal: what is held, why and until when, and who looked.

use http::StatusCode;
use zeef_collector::access::{Reach, Role};
use zeef_collector::ledger::{Actor, Entry};
use zeef_collector::store::ledger::LedgerStore;
use zeef_collector::store::people::PeopleStore;
use zeef_proto::id::UserId;
use zeef_proto::{DeviceId, OrganisationId};

use crate::browser::Browser;
use crate::installation::{Installation, MadeUp};

const LAPTOP: MadeUp<'_> = MadeUp {
    name: "LAP-17",
    users: &["j.jansen"],
    private: &["10.0.3.17"],
    macs: &[],
    public: None,
};

/// A bakery with a laptop, and somebody who speaks for it.
struct Bakery {
    installation: Installation,
    organisation: OrganisationId,
    device: DeviceId,
    contact: UserId,
}

impl Bakery {
    async fn new() -> Self {
        let installation = Installation::new().await;
        let organisation = installation.organisation("Bakkerij Jansen", &["rmm"]).await;
        let device = installation.device(organisation, LAPTOP).await;
        let contact = installation
            .person_as("bakker", Role::CustomerContact, Reach::of([organisation]))
            .await;
        Self {
            installation,
            organisation,
            device,
            contact,
        }
    }

    async fn browser(&self) -> Browser {
        Browser::signed_in(&self.installation, self.contact).await
    }

    async fn technician(&self) -> (UserId, Browser) {
        let person = self
            .installation
            .person_as("anna", Role::Technician, Reach::All)
            .await;
        (person, Browser::signed_in(&self.installation, person).await)
    }

    fn device_page(&self) -> String {
        format!("/portal/devices/{}/{}", self.organisation, self.device)
    }

    fn looks_page(&self) -> String {
        format!("/portal/looks/{}", self.organisation)
    }
}

#[tokio::test]
async fn a_contact_begins_with_the_devices_of_its_own_organisation() {
    let bakery = Bakery::new().await;
    let notary = bakery.installation.organisation("Notaris De Wit", &["rmm"]).await;
    let other = MadeUp {
        name: "kantoor-1",
        ..LAPTOP
    };
    bakery.installation.device(notary, other).await;
    let mut browser = bakery.browser().await;
    assert_eq!(browser.get("/").await.location(), "/portal");
    let page = browser.get("/portal").await;
    assert_eq!(page.listed(), ["LAP-17"]);
    let text = page.text();
    assert!(
        text.contains("Device name, User name, Private IP address"),
        "{text}"
    );
    assert!(text.contains("Bakkerij Jansen") && !text.contains("Notaris"));
    assert!(page.addresses().contains(&bakery.device_page()));
}

#[tokio::test]
async fn a_contact_of_two_organisations_chooses_and_one_of_none_is_told() {
    let bakery = Bakery::new().await;
    let notary = bakery.installation.organisation("Notaris De Wit", &["rmm"]).await;
    bakery
        .installation
        .organisation("Garage De Vries", &["rmm"])
        .await;
    let both = Reach::of([bakery.organisation, notary]);
    let person = bakery
        .installation
        .person_as("boekhouder", Role::CustomerContact, both)
        .await;
    let mut browser = Browser::signed_in(&bakery.installation, person).await;
    let choice = browser.get("/portal").await;
    assert!(choice.text().contains("Notaris De Wit") && !choice.text().contains("Garage"));
    let address = format!("/portal/devices/{}", bakery.organisation);
    assert!(choice.addresses().contains(&address));
    let page = browser.get(&address).await;
    assert_eq!(page.listed(), ["LAP-17"]);
    assert!(page.addresses().contains(&"/portal".to_owned()));

    let nobody = bakery
        .installation
        .person_as("niemand", Role::CustomerContact, Reach::of([]))
        .await;
    let mut browser = Browser::signed_in(&bakery.installation, nobody).await;
    let page = browser.get("/portal").await;
    assert!(page.text().contains("do not speak for an organisation yet"));
}

#[tokio::test]
async fn each_value_is_told_with_why_on_what_ground_by_whom_for_how_long_and_with_whom_it_is_shared() {
    let bakery = Bakery::new().await;
    let mut browser = bakery.browser().await;
    let text = browser.get(&bakery.device_page()).await.text();
    for said in [
        "j.jansen",
        "10.0.3.17",
        "From the program on the device, since 5 Aug. Held while the service runs.",
        "It is needed for the contract with your organisation.",
        "your organisation, Vokus",
        "Shared withDatto",
        "while the service runs",
        "info@vokus-ict.nl",
        "Vokus, Autoriteit Persoonsgegevens",
        "Serial number and validity",
        "Nobody has looked yet.",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    browser.language = "nl";
    let text = browser.get(&bakery.device_page()).await.text();
    assert!(text.contains("Wie verantwoordelijk isuw organisatie, Vokus"));
}

#[tokio::test]
async fn the_customer_sees_who_looked_by_role_and_number_and_never_by_name() {
    let bakery = Bakery::new().await;
    let (anna, mut technician) = bakery.technician().await;
    technician.get("/inventory").await;
    technician.get("/inventory").await;
    let seen = format!("/devices/{}/{}", bakery.organisation, bakery.device);
    assert_eq!(technician.get(&seen).await.status, StatusCode::OK);

    let mut browser = bakery.browser().await;
    let number = anna.to_string()[..8].to_owned();
    for page in [bakery.device_page(), bakery.looks_page()] {
        let page = browser.get(&page).await;
        let text = page.text();
        assert!(
            text.contains(&format!("Technician of your provider number {number}")),
            "{text}"
        );
        assert!(text.contains("Saw a list of devices: 1"));
        assert!(text.contains("2 times that day"));
        assert!(!text.contains("anna"));
    }
    // The contact looked as well: at the page of the device, just now.
    let page = browser.get(&bakery.looks_page()).await;
    assert!(page.text().contains("You number"));
    assert!(page.text().contains("Opened all that is held of LAP-17"));

    let removed = bakery
        .installation
        .store
        .remove_user(anna, Actor::Administrator, bakery.installation.now())
        .await;
    assert!(removed.unwrap());
    let page = browser.get(&bakery.looks_page()).await;
    assert!(
        page.text()
            .contains(&format!("An account that has been removed number {number}"))
    );
}

#[tokio::test]
async fn looks_are_paged_by_month_in_the_policys_zone() {
    let bakery = Bakery::new().await;
    let (_, mut technician) = bakery.technician().await;
    technician.get("/inventory").await;
    // From 5 August to 5 September.
    bakery.installation.hours_pass(24 * 31);
    let mut browser = bakery.browser().await;
    let page = browser.get(&bakery.looks_page()).await;
    assert!(page.text().contains("Nobody looked in this month"));
    let august = format!("{}?month=2026-08", bakery.looks_page());
    assert!(page.addresses().contains(&august));
    let page = browser.get(&august).await;
    assert!(page.text().contains("Technician of your provider"));
    let september = format!("{}?month=2026-09", bakery.looks_page());
    assert!(page.addresses().contains(&september));
    // A month to come, and nonsense, are this month.
    for month in ["2030-01", "august", "2026-13"] {
        let page = browser
            .get(&format!("{}?month={month}", bakery.looks_page()))
            .await;
        assert!(page.text().contains("Sep 2026"), "{month}");
    }
}

#[tokio::test]
async fn more_looks_than_fit_on_a_page_are_read_on_from_where_it_ended() {
    let bakery = Bakery::new().await;
    let (_, mut technician) = bakery.technician().await;
    for _ in 0..201 {
        technician.get("/inventory").await;
    }
    let mut browser = bakery.browser().await;
    let page = browser.get(&bakery.looks_page()).await;
    assert!(page.text().contains("200 times that day"));
    let addresses = page.addresses();
    let on = addresses
        .iter()
        .find(|address| address.contains("before="))
        .unwrap();
    let page = browser.get(on).await;
    assert!(page.text().contains("Saw a list of devices: 1"));
    assert!(!page.text().contains("times that day"));
}

#[tokio::test]
async fn a_contacts_own_look_is_noted_before_the_page_is_answered() {
    let bakery = Bakery::new().await;
    let mut browser = bakery.browser().await;
    for path in ["/portal".to_owned(), bakery.device_page()] {
        assert_eq!(browser.get(&path).await.status, StatusCode::OK);
    }
    let stored = bakery.installation.store.ledger_from(0, 1_000).await.unwrap();
    let by_contact = stored
        .iter()
        .map(|stored| Entry::from_bytes(&stored.bytes).unwrap())
        .filter(|entry| entry.actor == Actor::User(bakery.contact) && entry.event.organisation().is_some());
    let names: Vec<_> = by_contact.map(|entry| entry.event.name()).collect();
    assert_eq!(names, ["devices_listed", "device_read"]);

    bakery.installation.spoil_ledger();
    for path in ["/portal".to_owned(), bakery.device_page()] {
        let answer = browser.get(&path).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(!answer.body.contains("LAP-17"));
    }
}

#[tokio::test]
async fn a_hostile_device_name_is_text_in_the_portal_too() {
    let bakery = Bakery::new().await;
    let hostile = MadeUp {
        name: "<b>x</b>",
        users: &["<script>alert(1)</script>"],
        ..LAPTOP
    };
    bakery.installation.device(bakery.organisation, hostile).await;
    let mut browser = bakery.browser().await;
    let list = browser.get("/portal").await;
    let addresses = list.addresses();
    for address in addresses
        .iter()
        .filter(|address| address.starts_with("/portal/devices/"))
    {
        let page = browser.get(address).await;
        assert!(!page.body.contains("<script>alert") && !page.body.contains("<b>x"));
    }
}
