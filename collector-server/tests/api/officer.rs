//! What officers read: policy, retention, ledger, accounts.

use data_encoding::HEXLOWER;
use serde_json::{Value, json};
use zeef_collector::access::{Reach, Role};
use zeef_collector::ledger::{Hash, SignedHead, proof};
use zeef_collector::store::ledger::LedgerStore;

use crate::installation::{Installation, POLICY};
use crate::program::{Program, service};

#[tokio::test]
async fn the_policy_is_the_one_that_was_signed() {
    let installation = Installation::new().await;
    let program = Program::administrator(&installation).await;
    let shown = program.get("/policy").await.json();
    assert_eq!(shown["document"], POLICY);
    assert_eq!(shown["version"], shown["policy"]["version"]);
    assert_eq!(shown["hash"].as_str().unwrap().len(), 64);
}

#[tokio::test]
async fn retention_says_whether_deletion_is_late() {
    let installation = Installation::new().await;
    let program = Program::administrator(&installation).await;
    let shown = program.get("/retention").await.json();
    assert_eq!(
        (&shown["clock"], &shown["expired"]),
        (&json!("steady"), &json!(0))
    );
    assert_eq!(shown["last_purge"], Value::Null);
}

#[tokio::test]
async fn the_ledger_is_read_page_by_page_and_each_entry_is_proven() {
    let installation = Installation::new().await;
    installation
        .organisation("Bakkerij Jansen", &["antivirus", "rmm"])
        .await;
    let program = Program::administrator(&installation).await;
    let mut indexes: Vec<u64> = Vec::new();
    let mut next = String::new();
    loop {
        let page = program
            .get(&format!("/ledger/entries?limit=2{next}"))
            .await
            .json();
        let items = page["items"].as_array().unwrap().iter();
        indexes.extend(items.map(|item| item["index"].as_u64().unwrap()));
        match page["next"].as_str() {
            Some(cursor) => next = format!("&cursor={cursor}"),
            None => break,
        }
    }
    let head: SignedHead = serde_json::from_value(program.get("/ledger/head").await.json()).unwrap();
    let identity = installation.store.ledger_identity().await.unwrap();
    let size = head.verify(&identity).unwrap().size;
    assert_eq!(indexes, (0..size).rev().collect::<Vec<_>>());
    for index in 0..size {
        let shown = program
            .get(&format!("/ledger/entries/{index}/proof"))
            .await
            .json();
        let entry = HEXLOWER
            .decode(shown["entry"].as_str().unwrap().as_bytes())
            .unwrap();
        let path: Vec<Hash> = serde_json::from_value(shown["path"].clone()).unwrap();
        let head: SignedHead = serde_json::from_value(shown["head"].clone()).unwrap();
        let root = head.verify(&identity).unwrap().root;
        assert!(proof::includes(&root, size, index, &Hash::of_leaf(&entry), &path));
    }
    for none in [size, u64::MAX] {
        let absent = program.get(&format!("/ledger/entries/{none}/proof")).await;
        assert_eq!(absent.problem(), "not-found");
    }
}

#[tokio::test]
async fn whoever_is_limited_reads_the_ledger_of_its_own_organisations_alone() {
    let installation = Installation::new().await;
    let own = installation.organisation("Bakkerij Jansen", &["antivirus"]).await;
    let foreign = installation.organisation("Garage De Vries", &["antivirus"]).await;
    let (_, secret) = service(&installation, Role::PrivacyOfficer, Reach::of([own])).await;
    let program = Program::new(&installation, Some(secret));
    assert_eq!(program.get("/ledger/entries").await.problem(), "input");
    let of = |id| format!("/ledger/entries?organisation={id}");
    assert_eq!(program.get(&of(foreign)).await.problem(), "not-found");
    let page = program.get(&of(own)).await.json();
    let items = page["items"].as_array().unwrap();
    assert_eq!(items.len(), 2);
    for item in items {
        assert_eq!(item["organisation"], own.to_string());
        let proof = program
            .get(&format!("/ledger/entries/{}/proof", item["index"]))
            .await;
        assert_eq!(proof.status, 200);
    }
    let all = installation.store.ledger_head().await.unwrap().unwrap().head.size;
    let mut proven = 0;
    for index in 0..all {
        let proof = program.get(&format!("/ledger/entries/{index}/proof")).await;
        proven += usize::from(proof.status == 200);
    }
    assert_eq!(proven, 2);
}

#[tokio::test]
async fn accounts_are_listed_with_role_and_organisations() {
    let installation = Installation::new().await;
    let own = installation.organisation("Bakkerij Jansen", &[]).await;
    installation.person("anna").await;
    installation
        .person_as("bert", Role::Technician, Reach::of([own]))
        .await;
    let program = Program::administrator(&installation).await;
    let shown = program.get("/accounts").await.json();
    assert_eq!(
        (&shown[0]["name"], &shown[0]["organisations"]),
        (&json!("anna"), &Value::Null)
    );
    assert_eq!(
        (&shown[1]["role"], &shown[1]["organisations"]),
        (&json!("technician"), &json!([own]))
    );
    assert!(!shown.to_string().contains("argon2"));
}
