#!/usr/bin/env bash
# Runs the browser's tests, or the named files of them, against the programs in target/debug.
set -euo pipefail
cd -- "$(dirname -- "$0")"

# A collector and a browser each: more than two at once only wait for each other.
exec node --test --test-concurrency=2 --test-reporter=spec "$@"
