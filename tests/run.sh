#!/usr/bin/env bash
# Runs every test of the workspace, and closes with each runner's own result and the sum of them.
set -euo pipefail
cd -- "$(dirname -- "$0")/.."

log=target/test-results.log
browser_log=target/browser-test-results.log
features=(--locked --workspace --features zeef-proto/schema)
# The end-to-end tests start the real binaries, which `cargo test` alone would not build.
cargo build "${features[@]}" --bins --tests
status=0
cargo test "${features[@]}" --no-fail-fast 2>&1 | tee "$log" || status=$?
tests/browser/run.sh 2>&1 | tee "$browser_log" || status=$?

grep '^test result:' "$log" | grep -v ' 0 passed; 0 failed; 0 ignored; 0 measured' || true
grep -E '^ℹ (tests|pass|fail|cancelled) ' "$browser_log" || true
awk '/^test result:/ { passed += $4; failed += $6 }
     /^ℹ pass / { passed += $3 }
     /^ℹ (fail|cancelled) / { failed += $3 }
     END { printf "tests: %d passed, %d failed\n", passed, failed }' "$log" "$browser_log"
exit "$status"
