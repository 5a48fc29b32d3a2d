//! Exports the JSON Schema of the wire into `docs/` and fails when the committed one is stale.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot go on says where"
)]

use schemars::generate::SchemaSettings;
use zeef_proto::policy::SignedPolicy;
use zeef_proto::wire;

#[derive(schemars::JsonSchema)]
#[allow(dead_code, reason = "only its schema is used")]
struct Wire {
    report: wire::Report,
    report_reply: wire::ReportReply,
    record_batch: wire::RecordBatch,
    records_reply: wire::RecordsReply,
    enrolment_request: wire::EnrolmentRequest,
    enrolment_reply: wire::EnrolmentReply,
    renewal_request: wire::RenewalRequest,
    renewal_reply: wire::RenewalReply,
    recovery_challenge: wire::RecoveryChallenge,
    recovery_request: wire::RecoveryRequest,
    my_data: wire::MyData,
    signed_policy: SignedPolicy,
    problem: wire::Problem,
}

#[test]
fn the_committed_schema_of_the_wire_is_current() {
    let schema = SchemaSettings::draft2020_12()
        .into_generator()
        .into_root_schema_for::<Wire>();
    let current = serde_json::to_string_pretty(&schema).unwrap() + "\n";
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/wire.schema.json");
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    if committed != current {
        std::fs::write(path, &current).unwrap();
        panic!(
            "docs/wire.schema.json was stale and has been written anew: look at the difference and commit it"
        );
    }
}
