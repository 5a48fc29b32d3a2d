#!/bin/sh
# Brings the standard library of the named targets: from rustup where it can, else as source from Debian.
# Usage: packaging/setup/std-source.sh TARGET…
set -eu
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname -- "$0")/lib.sh"

missing=
for target in "$@"; do
    has_target "$target" && continue
    # Where the toolchain's own server cannot be reached, this fails at once or after two minutes.
    if has rustup && timeout 120 rustup target add "$target" >/dev/null 2>&1 </dev/null; then
        say "added the Rust target $target"
    else
        missing="$missing $target"
    fi
done
[ -n "$missing" ] || exit 0

[ -r /etc/debian_version ] ||
    fail "the Rust targets$missing are missing: run 'rustup target add$missing', then run this again"
# A compiler and the very source of its standard library, which have to be of one version.
usable() {
    [ -x "$debian_rust/cargo" ] && [ -e /usr/lib/rustlib/src/rust/library/std/Cargo.toml ] &&
        at_least "$wanted" "$("$debian_rust/rustc" --version 2>/dev/null | cut -d ' ' -f 2)"
}
wanted=$(wanted_rust)
usable || bring rustc-web cargo-web rust-web-src
usable || fail "Debian's rustc-web is older than Rust $wanted: run 'rustup target add$missing', then run this again"
