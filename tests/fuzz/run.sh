#!/bin/sh
# Runs each fuzz target for some seconds, one after another; stops at the first finding.
# Usage: tests/fuzz/run.sh SECONDS
set -eu
cd "$(dirname -- "$0")"

if ! cargo +nightly fuzz --version >/dev/null 2>&1; then
    echo "fuzz: needs the nightly compiler and cargo-fuzz (rustup toolchain install nightly; cargo install cargo-fuzz)" >&2
    exit 2
fi
# What is found and kept lies in target/; the committed corpus is only read.
for target in json csv syslog_json cef leef pairs brackets gzip definition; do
    mkdir -p "target/corpus/$target"
    cargo +nightly fuzz run --fuzz-dir . "$target" "target/corpus/$target" "corpus/$target" -- \
        -max_total_time="$1" -max_len=4096 -timeout=10 -rss_limit_mb=512 -malloc_limit_mb=64 -print_final_stats=1
done
