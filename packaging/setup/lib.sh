# Shared by the set-up scripts; sourced, never run.
# shellcheck shell=sh

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
# shellcheck disable=SC2034 # used by those that source this
tools=$root/target/tools

say() { printf 'set-up: %s\n' "$*" >&2; }

# One line that says what to install, and nothing is half done.
fail() {
    printf 'set-up: %s\n' "$*" >&2
    exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

# A compiler of the version that Cargo.toml asks for; where rustup manages it, this brings it.
need_cargo() {
    [ "$(uname -s)" = Linux ] ||
        fail "this needs Linux, and here is $(uname -s): use Debian with git, make and a Rust toolchain"
    wanted=$(wanted_rust)
    has cargo || fail "cargo is missing: install Rust $wanted or newer with rustup, then run this again"
    cargo_version=$(cd "$root" && cargo --version | cut -d ' ' -f 2)
    at_least "$wanted" "$cargo_version" ||
        fail "cargo is ${cargo_version:-not working}: install Rust $wanted or newer with rustup, then run this again"
}

wanted_rust() { sed -n 's/^rust-version = "\(.*\)"/\1/p' "$root/Cargo.toml"; }

# at_least WANTED VERSION
at_least() {
    [ -n "$2" ] && [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]
}

# The systems that the agent is for and this machine is not.
# shellcheck disable=SC2034 # used by those that source this
other_targets="x86_64-pc-windows-gnu aarch64-apple-darwin"

# Debian's compiler, whose standard library comes with its source.
# shellcheck disable=SC2034
debian_rust=/usr/bin

# Whether the toolchain in use holds the standard library of a target.
has_target() {
    [ -d "$(rustc --print target-libdir --target "$1" 2>/dev/null)" ]
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

# lacking "probe:package"… prints the packages whose probe (a command, or a path) is not there. Probing for what
# is used instead of asking dpkg lets any system pass that has the tools from elsewhere.
lacking() {
    for pair in "$@"; do
        probe=${pair%%:*}
        case $probe in
            /*) [ -e "$probe" ] || printf '%s ' "${pair#*:}" ;;
            *) has "$probe" || printf '%s ' "${pair#*:}" ;;
        esac
    done
}

# install "probe:package"… brings what is lacking from Debian; a service it brings is neither started nor enabled.
install() {
    packages=$(lacking "$@")
    [ -n "$packages" ] || return 0
    # shellcheck disable=SC2086 # a list of names, split on purpose
    bring $packages
    packages=$(lacking "$@")
    [ -z "$packages" ] || fail "apt-get was content, but this is still missing: $packages"
}

# install_idle "SERVICE…" "probe:package"… installs likewise. Of the services named, those that this brought are kept
# from starting at boot; an administrator's own stays as it is.
install_idle() {
    brought=
    for service in $1; do [ -e "/lib/systemd/system/$service.service" ] || brought="$brought $service"; done
    shift
    install "$@"
    has systemctl || return 0
    for service in $brought; do as_root systemctl disable "$service" >/dev/null 2>&1 || true; done
}

# bring PACKAGE… installs or upgrades from Debian.
bring() {
    if ! [ -r /etc/debian_version ] || ! has apt-get; then
        fail "not a Debian system: install what these Debian packages hold, then run this again: $*"
    fi
    [ "$(id -u)" -eq 0 ] || has sudo ||
        fail "root is needed, and there is no sudo: as root, run: apt-get install $*"
    say "installing from Debian: $*"
    held_back=$(services_held_back)
    trap 'release_services "$held_back"' EXIT
    apt_install "$@"
    trap - EXIT
    release_services "$held_back"
}

apt_install() {
    log=$(mktemp)
    # Old lists name packages that are gone, or too old; without a network, they may still do.
    apt_quietly update || say "apt-get update failed, going on with the old lists: $(tail -n 1 "$log")"
    apt_quietly install "$@" || fail "apt-get install $* failed: $(grep -m 1 '^E:' "$log" || tail -n 1 "$log")"
    rm -f "$log"
}

apt_quietly() {
    verb=$1
    shift
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -y -q \
        -o DPkg::Lock::Timeout=300 -o APT::Install-Recommends=false -o APT::Get::Remove=false "$verb" "$@" >"$log" 2>&1 </dev/null
}

# Debian starts a service when its package is installed, unless /usr/sbin/policy-rc.d says 101. One that is there
# already is put aside and comes back as it was. Prints the name of what was put aside, or "none".
services_held_back() {
    policy=/usr/sbin/policy-rc.d
    aside=none
    if [ -e "$policy" ]; then
        aside=$policy.aside
        as_root mv "$policy" "$aside"
    fi
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
    printf '%s' "$aside"
}

release_services() {
    as_root rm -f /usr/sbin/policy-rc.d
    [ "$1" = none ] || as_root mv "$1" /usr/sbin/policy-rc.d
}
