//! A device that is restricted while a request about it is worked off is in no answer.

use serde_json::json;
use zeef_collector::requests::{Details, Kind, Line, Method, Officer, Responsibility, Rules, Scope, Step};
use zeef_collector::store::requests::{NewRequest, RequestStore, Stepped, Taking};
use zeef_proto::id::{RequestId, UserId};
use zeef_proto::{DeviceId, OrganisationId};

use crate::installation::{Installation, MadeUp};
use crate::program::Program;

async fn restrict(installation: &Installation, organisation: OrganisationId, device: DeviceId) {
    let by = Officer::Account(UserId::from_bytes([0xa; 16]));
    let now = installation.now();
    let line = |text: &str| Line::parse(text).unwrap();
    let request = NewRequest {
        id: RequestId::from_random([7; 16]),
        organisation,
        kind: Kind::Objection,
        received: now,
        details: Details {
            name: line("J. Jansen"),
            contact: line("jansen@example.test"),
            asked: None,
            explanation: None,
        },
    };
    let mut case = installation.store.open_request(request, by, now).await.unwrap();
    let scope = Scope {
        devices: vec![device],
        ..Scope::default()
    };
    for step in [
        Step::CheckRole(Responsibility::Both),
        Step::Verify {
            method: Method::CallBack,
            established: true,
        },
        Step::Scope(scope),
        Step::Restrict,
    ] {
        let taking = Taking {
            organisation,
            request: case.id,
            seen: case.version,
            step,
            by,
            rules: Rules { four_eyes: false },
        };
        case = match installation.store.step_request(taking, now).await.unwrap() {
            Stepped::Taken(next) => *next,
            other => panic!("{other:?}"),
        };
    }
}

#[tokio::test]
async fn a_restricted_device_is_in_no_answer_and_nothing_is_done_to_it() {
    let installation = Installation::new().await;
    let bakery = installation.organisation("Bakkerij Jansen", &["antivirus"]).await;
    let laptop = MadeUp {
        name: "LAP-17",
        users: &["j.jansen"],
        private: &["10.0.3.17"],
        ..MadeUp::default()
    };
    let device = installation.device(bakery, laptop).await;
    let program = Program::administrator(&installation).await;
    let path = format!("/organisations/{bakery}/devices/{device}");
    assert_eq!(program.get(&path).await.status, 200);
    restrict(&installation, bakery, device).await;
    let (term, address) = (json!({ "term": "jansen" }), json!({ "address": "10.0.3.17" }));
    for answer in [
        program.get("/devices").await,
        program.post("/devices/search", &term).await,
        program.post("/devices/lookup", &address).await,
    ] {
        assert_eq!(answer.status, 200);
        assert!(!answer.body.contains("LAP-17"), "{}", answer.body);
    }
    assert_eq!(program.get(&path).await.problem(), "not-found");
    for deed in ["revoke", "keep", "erase"] {
        let answer = program.act(&format!("{path}/{deed}")).await;
        assert_eq!(answer.problem(), "not-found", "{deed}");
    }
}
