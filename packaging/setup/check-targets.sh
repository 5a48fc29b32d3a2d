#!/bin/sh
# Type-checks the agent for the systems that this machine is not, with warnings denied.
# Usage: packaging/setup/check-targets.sh [TARGET…]
set -eu
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname -- "$0")/lib.sh"

# shellcheck disable=SC2086 # a list of names, split on purpose
[ $# -gt 0 ] || set -- $other_targets
"$root/packaging/setup/std-source.sh" "$@"

# Apart from the usual target directory: another compiler's files would push out those of the daily work.
export CARGO_TARGET_DIR="$root/target/other-systems"
# Nothing is linked, so the C code of dependencies needs no cross compiler (see stand-in-cc.sh) and no SDK, which
# would be asked for unless it is named.
check() {
    stand_in=$root/packaging/setup/stand-in-cc.sh
    upper=$(printf '%s' "$1" | tr a-z- A-Z_)
    lower=$(printf '%s' "$1" | tr - _)
    # shellcheck disable=SC2086 # no flag, or several
    env "CC_$lower=$stand_in" "AR_$lower=$stand_in" SDKROOT=/ "CARGO_TARGET_${upper}_RUSTFLAGS=-D warnings" \
        cargo check --locked --package zeef-agent --all-targets --target "$1" $2
}

for target in "$@"; do
    say "checking the agent for $target"
    if has_target "$target"; then
        check "$target" ""
    else
        PATH=$debian_rust:$PATH RUSTC_BOOTSTRAP=1 check "$target" "-Z build-std=std,panic_abort,test"
    fi
done
say "the agent type-checks for: $*"
