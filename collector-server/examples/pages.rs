//! Serves the pages on loopback with made-up devices, for whoever works on how they look:
//! `cargo run -p zeef-collector --example pages`, then open the link that it prints.

#[path = "../tests/web/installation.rs"]
#[allow(dead_code, clippy::unwrap_used, reason = "shared with the tests of the pages")]
mod installation;

use installation::{Installation, MadeUp};
use zeef_collector::access::{Reach, Role};
use zeef_collector::ledger::Actor;
use zeef_collector::store::AdministrationStore;
use zeef_collector::store::people::PeopleStore;
use zeef_collector::store::retention::RetentionStore;
use zeef_collector::web::{one_time_link, password, router};
use zeef_proto::OrganisationId;
use zeef_proto::time::{DAY, HOUR};

const ADDRESS: &str = "127.0.0.1:8099";

/// The customer whose guests are seen by its network.
const PUBLIC_NETWORK: &str = "203.0.113.190";

const CUSTOMERS: [(&str, &str, &[&str], &str); 6] = [
    ("Bakkerij Jansen", "bj", &["antivirus", "rmm"], "203.0.113.7"),
    ("Fysiotherapie De Brug", "fdb", &["antivirus"], "203.0.113.41"),
    (
        "Installatiebedrijf Van Dijk",
        "vd",
        &["antivirus", "rmm", "voip"],
        "198.51.100.23",
    ),
    (
        "Notariskantoor De Wit & Partners",
        "not",
        &["antivirus", "rmm"],
        "198.51.100.80",
    ),
    (
        "Stichting Buurthuis Oost",
        "bho",
        &["antivirus", "wifi-public"],
        PUBLIC_NETWORK,
    ),
    ("Transportbedrijf Hoekstra", "hks", &["rmm"], "192.0.2.66"),
];

const PEOPLE: [&str; 24] = [
    "j.jansen",
    "m.devries",
    "s.bakker",
    "a.visser",
    "p.smit",
    "l.meijer",
    "f.mulder",
    "h.degroot",
    "r.bos",
    "k.vos",
    "t.peters",
    "e.hendriks",
    "n.vanleeuwen",
    "d.dekker",
    "i.brouwer",
    "w.dewit",
    "g.dijkstra",
    "y.yildiz",
    "b.koster",
    "o.elamrani",
    "c.prins",
    "v.blom",
    "q.huisman",
    "zoë.peeters",
];

#[tokio::main]
#[allow(clippy::unwrap_used, clippy::print_stdout, reason = "a tool for developers")]
async fn main() {
    let installation = Installation::new().await;
    fill(&installation).await;
    leave(&installation).await;
    let anna = installation.person("anna").await;
    let bakery = installation.store.organisations().await.unwrap().remove(0).id;
    let contact = installation
        .person_as("bakker", Role::CustomerContact, Reach::of([bakery]))
        .await;
    for person in [anna, contact] {
        let hash = password::hash("vier paarse fietsen");
        installation
            .store
            .set_password(person, hash, None, Actor::Administrator, installation.now())
            .await
            .unwrap();
    }

    let url = format!("http://{ADDRESS}");
    let link = one_time_link(
        &*installation.store,
        Actor::Administrator,
        installation.now(),
        anna,
        &url,
    )
    .await
    .unwrap();
    let app = router(installation.state(&url)).into_make_service_with_connect_info::<std::net::SocketAddr>();
    let listener = tokio::net::TcpListener::bind(ADDRESS).await.unwrap();
    println!("{link}\nor sign in as anna, or as bakker for a customer, with: vier paarse fietsen");
    axum::serve(listener, app).await.unwrap();
}

/// One made-up device.
struct Seat {
    organisation: OrganisationId,
    name: String,
    users: Vec<&'static str>,
    private: Vec<String>,
    macs: Vec<String>,
    public: &'static str,
}

impl Seat {
    /// The seats of all customers, sixty-four.
    async fn all(installation: &Installation) -> Vec<Self> {
        let mut seats = Vec::new();
        for (customer, (name, short, products, public)) in CUSTOMERS.into_iter().enumerate() {
            let organisation = installation.organisation(name, products).await;
            for seat in 1..=[14, 9, 12, 8, 6, 15][customer] {
                let number = seats.len() + 1;
                let kind = ["lap", "lap", "pc", "lap", "srv"][number * 7 % 5];
                let cards = if number.is_multiple_of(5) { 2 } else { 1 };
                let mac = |card: usize| {
                    let vendor = ["00:1a:2b", "3c:52:82", "d4:be:d9", "f8:75:a4"][(number + card) % 4];
                    format!(
                        "{vendor}:{:02x}:{:02x}:{:02x}",
                        number * 37 % 256,
                        number * 101 % 256,
                        card * 3 + seat
                    )
                };
                let users = match kind {
                    "srv" => Vec::new(),
                    "pc" if number.is_multiple_of(3) => vec![number, number + 11],
                    _ => vec![number],
                };
                seats.push(Self {
                    organisation,
                    name: format!("{short}-{kind}-{:02}", seat + 3),
                    users: users.iter().map(|person| PEOPLE[person % PEOPLE.len()]).collect(),
                    private: (0..cards)
                        .map(|card| format!("10.{customer}.{}.{}", 3 + card * 5, 10 + seat))
                        .collect(),
                    macs: (0..cards).map(mac).collect(),
                    public,
                });
            }
        }
        seats
    }
}

/// Some customers have given notice, so that something falls due.
#[allow(clippy::unwrap_used, reason = "a tool for developers")]
async fn leave(installation: &Installation) {
    let customers = installation.store.organisations().await.unwrap();
    for (customer, weeks) in customers.iter().zip([3, 9, 16]) {
        let subscriptions = installation.store.subscriptions(customer.id).await.unwrap();
        for (one, subscription) in (0..).zip(subscriptions) {
            let ends = installation.now().plus((weeks + 2 * one) * 7 * DAY);
            installation
                .store
                .end_subscription(
                    customer.id,
                    subscription.id,
                    ends,
                    Actor::Administrator,
                    installation.now(),
                )
                .await
                .unwrap();
        }
    }
}

/// Most devices report, some are silent, one is revoked, one seems to be a copy; some have no agent.
#[allow(clippy::unwrap_used, reason = "a tool for developers")]
async fn fill(installation: &Installation) {
    let seats = Seat::all(installation).await;
    let mut later = Vec::new();
    for round in [1, 2] {
        for (place, seat) in seats.iter().enumerate() {
            let private: Vec<&str> = seat.private.iter().map(String::as_str).collect();
            let macs: Vec<&str> = seat.macs.iter().map(String::as_str).collect();
            let made_up = MadeUp {
                name: &seat.name,
                users: &seat.users,
                private: &private,
                macs: &macs,
                public: Some(seat.public),
            };
            if round == 1 {
                later.push(installation.device(seat.organisation, made_up).await);
                continue;
            }
            let device = later[place];
            if place % 11 != 4 {
                installation.report(seat.organisation, device, 2, made_up).await;
            }
            if place == 28 {
                let copy = MadeUp {
                    name: "kopie",
                    ..made_up
                };
                installation.report(seat.organisation, device, 2, copy).await;
            }
            if place == 30 {
                installation
                    .store
                    .revoke_device(
                        seat.organisation,
                        device,
                        Actor::Administrator,
                        installation.now(),
                    )
                    .await
                    .unwrap();
            }
        }
        // A clock that is more than a week ahead would not be believed.
        for step in if round == 1 {
            [5 * DAY, 4 * DAY]
        } else {
            [2 * HOUR, HOUR]
        } {
            installation.clock.move_by(step);
            installation.store.observe_time(installation.now()).await.unwrap();
        }
    }
    for (seat, device) in seats
        .iter()
        .zip(later)
        .filter(|(seat, _)| seat.public == PUBLIC_NETWORK)
    {
        let guest = format!(
            r#"{{"source":"unifi","product":"wifi-public","about":"site-device","device_name":"telefoon","private_ips":["{}9"]}}"#,
            seat.private[0]
        );
        let own = format!(
            r#"{{"source":"eset-protect","product":"antivirus","about":"this-device","device_name":"{}"}}"#,
            seat.name
        );
        installation
            .tell(seat.organisation, device, &[&guest, &own])
            .await;
    }
}
