#!/bin/sh
# Sees to the standard library of the named targets: what the toolchain holds is used, what it lacks comes as source
# from Debian. Nothing is added to a toolchain; that is its owner's to do, with `rustup target add`.
# Usage: packaging/setup/std-source.sh TARGET…
set -eu
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname -- "$0")/lib.sh"

missing=
for target in "$@"; do
    has_target "$target" || missing="$missing $target"
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
# Windows' standard library names functions of DLLs, for which its compiler has import libraries made.
install x86_64-w64-mingw32-dlltool:binutils-mingw-w64-x86-64
