//! Requests that are sent again.

use serde_json::json;
use zeef_collector::store::AdministrationStore;
use zeef_proto::time::DAY;

use crate::installation::Installation;
use crate::program::Program;

#[tokio::test]
async fn the_same_key_and_request_make_one_thing_and_get_one_answer() {
    let installation = Installation::new().await;
    let bakery = installation.organisation("Bakkerij Jansen", &["antivirus"]).await;
    let mut program = Program::administrator(&installation).await;
    program.headers = vec![("idempotency-key", "order-4711".to_owned())];
    let path = format!("/organisations/{bakery}/enrolment-tokens");
    let wish = json!({ "uses": 3, "hours": 24 });
    let first = program.post(&path, &wish).await;
    assert_eq!(
        (first.status.as_u16(), first.header("idempotency-replayed")),
        (201, "")
    );
    let again = program.post(&path, &wish).await;
    assert_eq!(
        (again.status.as_u16(), again.header("idempotency-replayed")),
        (201, "true")
    );
    assert_eq!(again.body, first.body);
    let other = program.post(&path, &json!({ "uses": 4, "hours": 24 })).await;
    assert_eq!(
        (other.status.as_u16(), other.problem().as_str()),
        (422, "other-request")
    );
    let stored = || async { installation.store.tokens(bakery).await.unwrap().len() };
    assert_eq!(stored().await, 1);

    // Another's key is another key.
    let mut others = Program::administrator(&installation).await;
    others.headers = program.headers.clone();
    assert_eq!(others.post(&path, &wish).await.header("idempotency-replayed"), "");
    assert_eq!(stored().await, 2);

    installation.clock.move_by(DAY);
    assert_eq!(
        program.post(&path, &wish).await.header("idempotency-replayed"),
        ""
    );
    assert_eq!(stored().await, 3);
}

#[tokio::test]
async fn what_was_refused_may_be_sent_again_and_mended() {
    let installation = Installation::new().await;
    let bakery = installation.organisation("Bakkerij Jansen", &["antivirus"]).await;
    let mut program = Program::administrator(&installation).await;
    program.headers = vec![("idempotency-key", "order-4712".to_owned())];
    let path = format!("/organisations/{bakery}/enrolment-tokens");
    assert_eq!(
        program
            .post(&path, &json!({ "uses": 0, "hours": 24 }))
            .await
            .status,
        422
    );
    assert_eq!(
        program
            .post(&path, &json!({ "uses": 1, "hours": 24 }))
            .await
            .status,
        201
    );
    program.headers = vec![("idempotency-key", "x".repeat(256))];
    let refused = program.post(&path, &json!({ "uses": 1, "hours": 24 })).await;
    assert_eq!(refused.problem(), "input");
}

#[tokio::test]
async fn no_secret_of_a_kept_answer_is_on_the_disk() {
    let installation = Installation::new().await;
    let bakery = installation.organisation("Bakkerij Jansen", &["antivirus"]).await;
    let mut program = Program::administrator(&installation).await;
    program.headers = vec![("idempotency-key", "order-4713".to_owned())];
    let path = format!("/organisations/{bakery}/enrolment-tokens");
    let made = program
        .post(&path, &json!({ "uses": 1, "hours": 24 }))
        .await
        .json();
    let token = made["token"].as_str().unwrap();
    let secret = program.token.clone().unwrap();
    for entry in std::fs::read_dir(installation.directory.path()).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        for needle in [token, &secret, &secret[5..]] {
            let found = bytes.windows(needle.len()).any(|part| part == needle.as_bytes());
            assert!(!found, "{}", path.display());
        }
    }
}
