//! A collector at which mutated messages are thrown, and what every refusal must be.

use std::cell::RefCell;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use tokio::runtime::{Builder, Runtime};
use zeef_collector::config::Rate;
use zeef_proto::wire::ProblemCode;

use crate::client::{Client, Response};
use crate::device::Device;
use crate::harness::Harness;

/// A collector that counts no requests, and one device's connection to it.
pub(crate) struct Target {
    runtime: Runtime,
    pub(crate) harness: Harness,
    pub(crate) device: Device,
    client: RefCell<Client>,
}

impl Target {
    pub(crate) fn new(device: impl AsyncFnOnce(&Harness) -> Device) -> Self {
        let runtime = Builder::new_multi_thread().enable_all().build().unwrap();
        let (harness, device, client) = runtime.block_on(async {
            let unlimited = Harness::with(|config| {
                config.agents.limits.requests_per_device = Rate(1_000_000);
            });
            let harness = unlimited.await;
            let device = device(&harness).await;
            let client = device.connect(&harness).await.unwrap();
            (harness, device, client)
        });
        Self {
            runtime,
            harness,
            device,
            client: RefCell::new(client),
        }
    }

    pub(crate) fn wait<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    pub(crate) fn post(&self, path: &str, body: &[u8]) -> Response {
        self.wait(self.client.borrow_mut().post(path, body))
            .expect("the connection stays")
    }
}

/// A refusal says what is wrong with a message, and holds none of these parts of values.
pub(crate) fn check_refusal(response: &Response, parts: &[&str]) -> Result<(), TestCaseError> {
    let problem = response.problem();
    prop_assert!(
        matches!(
            problem.code,
            ProblemCode::InvalidMessage | ProblemCode::WireVersion | ProblemCode::SequenceFork
        ),
        "{problem:?}"
    );
    let answer = String::from_utf8_lossy(&response.body).into_owned();
    for part in parts {
        prop_assert!(!answer.contains(part), "{answer}");
    }
    Ok(())
}

pub(crate) fn runner() -> TestRunner {
    TestRunner::new(Config {
        cases: 400,
        failure_persistence: None,
        ..Config::default()
    })
}
