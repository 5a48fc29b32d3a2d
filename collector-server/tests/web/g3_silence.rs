//! G3 on the pages: a silent device is asked about where people see it.

use zeef_collector::ledger::Actor;
use zeef_collector::store::retention::RetentionStore;
use zeef_proto::time::DAY;

use crate::browser::Browser;
use crate::installation::{Installation, MadeUp};

#[tokio::test]
async fn a_silent_device_is_asked_about_in_the_list_and_on_its_page_with_the_day_of_its_end() {
    let installation = Installation::new().await;
    let bakery = installation.organisation("Bakkerij Jansen", &["rmm"]).await;
    let laptop = MadeUp {
        name: "LAP-17",
        ..MadeUp::default()
    };
    let device = installation.device(bakery, laptop).await;
    let anna = installation.person("anna").await;
    installation.clock.move_by(60 * DAY);
    let mut browser = Browser::signed_in(&installation, anna).await;
    let page = format!("/devices/{bakery}/{device}");
    assert!(!browser.get(&page).await.text().contains("counts as ended"));
    let now = installation.now();
    installation
        .store
        .ask_about(bakery, vec![device], now)
        .await
        .unwrap();
    let shown = browser.get(&page).await.text();
    for part in ["Silent – still there?", "counts as ended on 3 Nov"] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
    assert!(
        browser
            .get("/inventory")
            .await
            .text()
            .contains("Silent – still there?")
    );

    installation
        .store
        .keep_device(bakery, device, Actor::Administrator, now)
        .await
        .unwrap();
    assert!(!browser.get(&page).await.text().contains("counts as ended"));
}
