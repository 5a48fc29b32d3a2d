#!/bin/sh
# Brings cargo-deny, which checks licences, bans and sources, into target/tools; one version, so that everybody's
# answer is the same.
set -eu
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname -- "$0")/lib.sh"

pinned=0.20.2
case $("$tools/bin/cargo-deny" --version 2>/dev/null) in
    "cargo-deny $pinned") exit 0 ;;
esac
need_cargo
say "building cargo-deny $pinned (about a minute, once)"
# Unoptimised: it runs for a second, and building it is what takes time.
CARGO_TARGET_DIR=$tools/build CARGO_PROFILE_DEV_DEBUG=0 \
    cargo install --locked --debug --no-default-features --force --root "$tools" "cargo-deny@$pinned" ||
    fail "cargo-deny $pinned could not be built: see cargo's words above"
rm -rf "$tools/build"
