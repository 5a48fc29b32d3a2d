//! Organisations and accounts: each change says what it does before it is done, and the ledger names who did it.

use http::StatusCode;
use zeef_collector::access::{Reach, Role};
use zeef_collector::ledger::{Actor, Entry};
use zeef_collector::store::AdministrationStore;
use zeef_collector::store::ledger::LedgerStore;
use zeef_collector::store::people::{PeopleStore, User};
use zeef_collector::store::retention::RetentionStore;
use zeef_proto::OrganisationId;
use zeef_proto::id::UserId;

use crate::browser::{Answer, Browser, LOOPBACK};
use crate::installation::{Installation, MadeUp};

const LAPTOP: MadeUp<'_> = MadeUp {
    name: "LAP-17",
    users: &["j.jansen", "p.pietersen"],
    private: &["10.0.3.17"],
    macs: &[],
    public: None,
};

/// An administrator at work.
struct Office {
    installation: Installation,
    anna: UserId,
    browser: Browser,
}

impl Office {
    async fn new() -> Self {
        let installation = Installation::new().await;
        let anna = installation.person("anna").await;
        let browser = Browser::signed_in(&installation, anna).await;
        Self {
            installation,
            anna,
            browser,
        }
    }

    /// Fills in a form of the page at `from`.
    async fn post(&mut self, from: &str, to: &str, fields: &[(&str, &str)]) -> Answer {
        let secret = self.browser.get(from).await.form_secret();
        let fields: Vec<_> = fields
            .iter()
            .copied()
            .chain([("form", secret.as_str())])
            .collect();
        self.browser.post(to, &fields).await
    }

    async fn user(&self, name: &str) -> Option<User> {
        self.installation
            .store
            .user_by_name(name.to_owned())
            .await
            .unwrap()
    }

    /// Names of what this administrator did since signing in.
    async fn deeds(&self) -> Vec<&'static str> {
        let stored = self.installation.store.ledger_from(0, 1_000).await.unwrap();
        let entries = stored.iter().map(|one| Entry::from_bytes(&one.bytes).unwrap());
        let own = entries.filter(|entry| entry.actor == Actor::User(self.anna));
        own.skip(1).map(|entry| entry.event.name()).collect()
    }
}

#[tokio::test]
async fn an_organisation_is_added_with_a_subscription_and_its_setting_and_the_ledger_names_who_did_it() {
    let mut office = Office::new().await;
    assert!(
        office
            .browser
            .get("/organisations")
            .await
            .text()
            .contains("There is no organisation yet")
    );
    let added = office
        .post(
            "/organisations",
            "/organisations",
            &[("name", " Bakkerij Jansen ")],
        )
        .await;
    assert_eq!(added.status, StatusCode::SEE_OTHER);
    let address = added.location().to_owned();
    let page = office.browser.get(&address).await;
    assert!(page.text().contains("Bakkerij Jansen") && page.text().contains("There is no subscription"));

    let fields = [("product", "rmm"), ("from", "2026-08-01"), ("until", "")];
    let answer = office
        .post(&address, &format!("{address}/subscriptions"), &fields)
        .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let answer = office
        .post(&address, &format!("{address}/silence"), &[("days", "90")])
        .await;
    let page = office.browser.get(answer.location()).await;
    assert!(page.text().contains("It is saved.") && page.text().contains("1 Aug"));
    assert!(page.body.contains("value=\"90\""));

    let id: OrganisationId = address.rsplit('/').next().unwrap().parse().unwrap();
    let store = &office.installation.store;
    let subscriptions = store.subscriptions(id).await.unwrap();
    assert_eq!(subscriptions[0].starts.to_string(), "2026-07-31T22:00:00Z");
    assert_eq!(store.silence(id).await.unwrap().0, Some(90));
    assert_eq!(
        office.deeds().await,
        ["organisation_added", "subscription_added", "silence_set"]
    );
}

#[tokio::test]
async fn what_is_wrong_with_a_form_is_said_and_what_was_typed_is_kept() {
    let mut office = Office::new().await;
    let bakery = office
        .installation
        .organisation("Bakkerij Jansen", &["rmm"])
        .await;
    let address = format!("/organisations/{bakery}");
    let refused = office
        .post("/organisations", "/organisations", &[("name", "BAKKERIJ JANSEN")])
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text().contains("of that name already"));
    assert!(refused.body.contains("value=\"BAKKERIJ JANSEN\""));
    for (fields, said) in [
        (
            [("product", "x"), ("from", "2026-08-01"), ("until", "")],
            "does not have that product",
        ),
        (
            [("product", "rmm"), ("from", "tomorrow"), ("until", "")],
            "That is no day",
        ),
        (
            [
                ("product", "rmm"),
                ("from", "2026-08-01"),
                ("until", "2026-08-01"),
            ],
            "Choose a later day",
        ),
    ] {
        let refused = office
            .post(&address, &format!("{address}/subscriptions"), &fields)
            .await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.text().contains(said), "{said}");
        assert!(refused.body.contains(&format!("value=\"{}\"", fields[1].1)));
    }
    let refused = office
        .post(&address, &format!("{address}/silence"), &[("days", "0")])
        .await;
    assert!(refused.text().contains("Write a number of days"));
    assert_eq!(office.deeds().await, [""; 0]);
}

#[tokio::test]
async fn the_end_of_a_subscription_says_what_goes_before_it_is_set() {
    let mut office = Office::new().await;
    let bakery = office.installation.organisation("Bakkerij Jansen", &[]).await;
    let rmm = office.installation.subscribe(bakery, "rmm").await;
    office.installation.device(bakery, LAPTOP).await;
    let other = office
        .installation
        .organisation("Garage De Vries", &["rmm"])
        .await;
    office.installation.device(other, LAPTOP).await;

    let end = format!("/organisations/{bakery}/subscriptions/{rmm}/end");
    assert_eq!(office.browser.get(&end).await.status, StatusCode::OK);
    let asked = office.post(&end, &end, &[("day", "2026-09-01")]).await;
    assert_eq!(asked.status, StatusCode::OK);
    let text = asked.text();
    for said in [
        "1 Sep",
        "User name: 2",
        "Device name: 1",
        "Devices that end with it: 1",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    // Nothing was set by asking.
    assert_eq!(office.deeds().await, [""; 0]);
    let set = office
        .post(&end, &end, &[("day", "2026-09-01"), ("confirmed", "yes")])
        .await;
    assert_eq!(set.status, StatusCode::SEE_OTHER);
    let subscriptions = office.installation.store.subscriptions(bakery).await.unwrap();
    assert_eq!(subscriptions[0].ends.unwrap().to_string(), "2026-08-31T22:00:00Z");
    assert_eq!(office.deeds().await, ["subscription_ended"]);

    // Where another subscription documents the same, nothing goes.
    office.installation.subscribe(bakery, "antivirus").await;
    let asked = office.post(&end, &end, &[("day", "2026-08-20")]).await;
    assert!(
        asked.text().contains("Nothing that is held now is deleted"),
        "{}",
        asked.text()
    );
    let refused = office.post(&end, &end, &[("day", "soon")]).await;
    assert!(refused.text().contains("That is no day") && refused.body.contains("value=\"soon\""));
}

#[tokio::test]
async fn a_new_accounts_link_is_shown_once_and_signs_in() {
    let mut office = Office::new().await;
    let bakery = office
        .installation
        .organisation("Bakkerij Jansen", &["rmm"])
        .await;
    let id = bakery.to_string();
    let fields = [
        ("name", "bakker"),
        ("role", "customer-contact"),
        ("organisation", id.as_str()),
    ];
    let made = office.post("/accounts", "/accounts", &fields).await;
    assert_eq!(made.status, StatusCode::OK);
    assert_eq!(made.header("cache-control"), "no-store");
    let link = made.text();
    let link = link
        .split(LOOPBACK)
        .nth(1)
        .unwrap()
        .split(' ')
        .next()
        .unwrap()
        .to_owned();
    let user = office.user("bakker").await.unwrap();
    assert_eq!(
        (user.role, user.reach),
        (Role::CustomerContact, Reach::of([bakery]))
    );
    for page in ["/accounts".to_owned(), format!("/accounts/{}", user.id)] {
        assert!(!office.browser.get(&page).await.body.contains("/sign-in/"));
    }
    let mut other = office.browser.fresh();
    assert_eq!(other.post(&link, &[]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(other.get("/portal").await.status, StatusCode::OK);
    assert_eq!(office.deeds().await, ["user_added", "role_set", "link_made"]);
}

#[tokio::test]
async fn role_and_limits_that_do_not_go_together_are_refused_and_kept_in_the_form() {
    let mut office = Office::new().await;
    let bakery = office
        .installation
        .organisation("Bakkerij Jansen", &["rmm"])
        .await;
    let id = bakery.to_string();
    for (fields, said) in [
        (
            vec![("name", "x"), ("role", "customer-contact")],
            "Choose at least one",
        ),
        (
            vec![("name", "x"), ("role", "administrator"), ("organisation", &id)],
            "is not limited",
        ),
        (vec![("name", "x"), ("role", "emperor")], "Choose a role."),
        (vec![("name", " "), ("role", "technician")], "1 to 64 characters"),
        (
            vec![("name", "ANNA"), ("role", "technician"), ("organisation", &id)],
            "of that name already",
        ),
    ] {
        let refused = office.post("/accounts", "/accounts", &fields).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.text().contains(said), "{said}");
        assert!(refused.body.contains(&format!("value=\"{}\"", fields[0].1)));
        let checked = format!("value=\"{id}\" checked");
        assert_eq!(refused.body.contains(&checked), fields.len() == 3);
    }
    assert_eq!(office.deeds().await, [""; 0]);
}

#[tokio::test]
async fn another_role_is_given_after_a_page_that_says_what_it_means() {
    let mut office = Office::new().await;
    let bakery = office
        .installation
        .organisation("Bakkerij Jansen", &["rmm"])
        .await;
    let tom = office
        .installation
        .person_as("tom", Role::Technician, Reach::All)
        .await;
    let page = format!("/accounts/{tom}");
    let (to, id) = (format!("{page}/role"), bakery.to_string());
    let fields = [("role", "technician"), ("organisation", id.as_str())];
    let asked = office.post(&page, &to, &fields).await;
    assert!(
        asked
            .text()
            .contains("The account becomes: Technician, for Bakkerij Jansen.")
    );
    assert_eq!(office.user("tom").await.unwrap().reach, Reach::All);
    let fields = [fields[0], fields[1], ("confirmed", "yes")];
    assert_eq!(
        office.post(&page, &to, &fields).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(office.user("tom").await.unwrap().reach, Reach::of([bakery]));

    let remove = format!("{page}/remove");
    assert!(
        office
            .browser
            .get(&remove)
            .await
            .text()
            .contains("deleted at once")
    );
    assert!(office.user("tom").await.is_some());
    assert_eq!(office.post(&remove, &remove, &[]).await.location(), "/accounts");
    assert!(office.user("tom").await.is_none());
    assert_eq!(office.browser.get(&page).await.status, StatusCode::NOT_FOUND);
    assert_eq!(office.deeds().await, ["role_set", "user_removed"]);
}

#[tokio::test]
async fn the_last_administrator_stays_until_there_is_another() {
    let mut office = Office::new().await;
    let page = format!("/accounts/{}", office.anna);
    let (role, remove) = (format!("{page}/role"), format!("{page}/remove"));
    let fields = [("role", "technician"), ("confirmed", "yes")];
    for answer in [
        office.post(&page, &role, &fields).await,
        office.post(&remove, &remove, &[]).await,
    ] {
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.text().contains("This is the last administrator"));
    }
    assert_eq!(office.user("anna").await.unwrap().role, Role::Administrator);
    office.installation.person("bea").await;
    let asked = office.post(&page, &role, &fields[..1]).await;
    assert!(asked.text().contains("This is your own account"));
    let answer = office.post(&page, &role, &fields).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/"));
    assert_eq!(
        office.browser.get("/accounts").await.status,
        StatusCode::FORBIDDEN
    );
}
