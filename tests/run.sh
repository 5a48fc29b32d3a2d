#!/usr/bin/env bash
# Runs every test of the workspace, and closes with each runner's own result and the sum of them.
set -euo pipefail
cd -- "$(dirname -- "$0")/.."

log=target/test-results.log
features=(--locked --workspace --features zeef-proto/schema)
# The end-to-end tests start the real binaries, which `cargo test` alone would not build.
cargo build "${features[@]}" --bins --tests
status=0
cargo test "${features[@]}" --no-fail-fast 2>&1 | tee "$log" || status=$?

grep '^test result:' "$log" | grep -v ' 0 passed; 0 failed; 0 ignored; 0 measured' || true
awk '/^test result:/ { passed += $4; failed += $6 }
     END { printf "tests: %d passed, %d failed\n", passed, failed }' "$log"
exit "$status"
