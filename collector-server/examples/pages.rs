//! Serves the pages on loopback with made-up devices, for whoever works on how they look:
//! `cargo run -p zeef-collector --example pages`, then open the link that it prints.

#[path = "../tests/web/installation.rs"]
#[allow(dead_code, unreachable_pub, reason = "shared with the tests of the pages")]
mod installation;

use installation::{Installation, MadeUp};
use zeef_collector::store::people::PeopleStore;
use zeef_collector::store::{AdministrationStore, AgentStore};
use zeef_collector::web::{one_time_link, password, router};
use zeef_proto::time::DAY;

const ADDRESS: &str = "127.0.0.1:8099";

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
        "203.0.113.190",
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
    let anna = installation.person("anna").await;
    let hash = password::hash("vier paarse fietsen");
    installation.store.set_password(anna, hash, None).await.unwrap();

    let url = format!("http://{ADDRESS}");
    let link = one_time_link(&*installation.store, installation.now(), anna, &url)
        .await
        .unwrap();
    let app = router(installation.state(&url)).into_make_service_with_connect_info::<std::net::SocketAddr>();
    let listener = tokio::net::TcpListener::bind(ADDRESS).await.unwrap();
    println!("{link}\nor sign in as anna with: vier paarse fietsen");
    axum::serve(listener, app).await.unwrap();
}

/// Sixty-four devices: most report, some are silent, one is revoked, one seems to be a copy.
#[allow(clippy::unwrap_used, reason = "a tool for developers")]
async fn fill(installation: &Installation) {
    let mut enrolled = Vec::new();
    let mut number = 0_usize;
    for (customer, (name, short, products, public)) in CUSTOMERS.into_iter().enumerate() {
        let organisation = installation.organisation(name, products).await;
        for seat in 1..=[14, 9, 12, 8, 6, 15][customer] {
            number += 1;
            let kind = ["lap", "lap", "pc", "lap", "srv"][number * 7 % 5];
            let device = format!("{short}-{kind}-{:02}", seat + 3);
            let addresses = [
                format!("10.{customer}.3.{}", 10 + seat),
                format!("10.{customer}.8.{}", 40 + seat),
            ];
            let mac = |card: usize| {
                let vendor = ["00:1a:2b", "3c:52:82", "d4:be:d9", "f8:75:a4"][(number + card) % 4];
                format!(
                    "{vendor}:{:02x}:{:02x}:{:02x}",
                    number * 37 % 256,
                    number * 101 % 256,
                    card * 3 + seat
                )
            };
            let macs = [mac(0), mac(1)];
            let cards = if number.is_multiple_of(5) { 2 } else { 1 };
            let users = [
                PEOPLE[number % PEOPLE.len()],
                PEOPLE[(number + 11) % PEOPLE.len()],
            ];
            let made_up = MadeUp {
                name: &device,
                users: match kind {
                    "srv" => &[],
                    "pc" if number.is_multiple_of(3) => &users,
                    _ => &users[..1],
                },
                private: &[addresses[0].as_str(), addresses[1].as_str()][..cards],
                macs: &[macs[0].as_str(), macs[1].as_str()][..cards],
                public: Some(public),
            };
            let id = installation.device(organisation, made_up).await;
            enrolled.push((
                organisation,
                id,
                device,
                addresses[0].clone(),
                macs[0].clone(),
                users[0],
            ));
        }
    }
    installation.clock.move_by(9 * DAY + 4 * 3_600);
    for (place, (organisation, id, device, address, mac, user)) in enrolled.iter().enumerate() {
        let made_up = MadeUp {
            name: device,
            users: if device.contains("srv") {
                &[]
            } else {
                std::slice::from_ref(user)
            },
            private: &[address],
            macs: &[mac],
            public: None,
        };
        if place % 11 != 4 {
            installation.report(*organisation, *id, 2, made_up).await;
        }
        if place == 21 {
            installation
                .report(
                    *organisation,
                    *id,
                    2,
                    MadeUp {
                        name: "kopie",
                        ..made_up
                    },
                )
                .await;
        }
        if place == 30 {
            installation
                .store
                .revoke_device(*organisation, *id)
                .await
                .unwrap();
        }
    }
}
