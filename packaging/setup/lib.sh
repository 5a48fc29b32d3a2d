# Shared by the set-up scripts; sourced, never run.
# shellcheck shell=sh

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
tools=$root/target/tools

say() { printf 'set-up: %s\n' "$*" >&2; }

# One line that says what to install, and nothing is half done.
fail() {
    printf 'set-up: %s\n' "$*" >&2
    exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

need_cargo() {
    has cargo || fail "cargo is missing: install a Rust toolchain with rustup, then run this again"
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
    [ -r /etc/debian_version ] && has apt-get ||
        fail "not a Debian system: install what these Debian packages hold, then run this again: $packages"
    [ "$(id -u)" -eq 0 ] || has sudo ||
        fail "root is needed, and there is no sudo: as root, run: apt-get install $packages"
    say "installing from Debian: $packages"
    held_back=$(services_held_back)
    trap 'release_services "$held_back"' EXIT
    # shellcheck disable=SC2086 # a list of names, split on purpose
    apt_install $packages
    trap - EXIT
    release_services "$held_back"
    packages=$(lacking "$@")
    [ -z "$packages" ] || fail "apt-get was content, but this is still missing: $packages"
}

apt_install() {
    log=$(mktemp)
    # A machine whose package lists are empty or old learns the names first, and only then.
    if ! apt_quietly install "$@"; then
        apt_quietly update || fail "apt-get update failed: $(tail -n 1 "$log")"
        apt_quietly install "$@" || fail "apt-get install $* failed: $(grep -m 1 '^E:' "$log" || tail -n 1 "$log")"
    fi
    rm -f "$log"
}

apt_quietly() {
    verb=$1
    shift
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -y -q \
        -o DPkg::Lock::Timeout=300 -o APT::Install-Recommends=false "$verb" "$@" >"$log" 2>&1 </dev/null
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
