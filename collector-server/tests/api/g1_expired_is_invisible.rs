//! G1 on the API: a value is shown until its last second, and a clock set back does not bring it back.

use serde_json::json;
use zeef_collector::ledger::Actor;
use zeef_collector::store::AdministrationStore;
use zeef_proto::time::DAY;

use crate::installation::{Installation, MadeUp};
use crate::program::Program;

#[tokio::test]
async fn a_value_is_in_the_answers_until_its_last_second_and_does_not_come_back() {
    shown_until_the_last_second(Installation::new().await).await;
}

#[tokio::test]
async fn on_a_server_too_a_value_is_in_the_answers_until_its_last_second() {
    shown_until_the_last_second(Installation::on_a_server().await).await;
}

async fn shown_until_the_last_second(installation: Installation) {
    let bakery = installation.organisation("Bakkerij Jansen", &[]).await;
    let service = installation.subscribe(bakery, "antivirus").await;
    let laptop = MadeUp {
        name: "LAP-17",
        users: &["j.jansen"],
        private: &["10.0.3.17"],
        ..MadeUp::default()
    };
    let device = installation.device(bakery, laptop).await;
    let (now, by) = (installation.now(), Actor::Administrator);
    installation
        .store
        .end_subscription(bakery, service, now.plus(2 * DAY), by, now)
        .await
        .unwrap();
    let program = Program::administrator(&installation).await;
    for (step, shown) in [
        (2 * DAY - 1, true),
        (1, false),
        (1, false),
        // Set back, by a little and by a lot.
        (-2, false),
        (-DAY, false),
    ] {
        installation.clock.move_by(step);
        let list = program.get("/devices").await;
        let found = program
            .post("/devices/search", &json!({ "term": "jansen" }))
            .await;
        let looked_up = program
            .post("/devices/lookup", &json!({ "address": "10.0.3.17" }))
            .await;
        let one = program
            .get(&format!("/organisations/{bakery}/devices/{device}"))
            .await;
        for answer in [list, found, looked_up, one] {
            assert_eq!(answer.status, 200);
            assert_eq!(answer.body.contains("j.jansen"), shown, "{step} {}", answer.body);
            assert_eq!(answer.body.contains("10.0.3.17"), shown, "{step} {}", answer.body);
        }
    }
}
