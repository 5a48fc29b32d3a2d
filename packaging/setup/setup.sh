#!/bin/sh
# Installs what is missing for the named groups; quick and silent when nothing is.
# Usage: packaging/setup/setup.sh build|test|pages|bench|cross…
set -eu
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname -- "$0")/lib.sh"

# ring and the bundled SQLite are C; nothing else of the build needs the system.
group_build() {
    need_cargo
    install cc:gcc /usr/include/stdlib.h:libc6-dev
}

# The clock of a real binary is moved by libfaketime; the licences are checked by cargo-deny.
group_test() {
    group_build
    install faketime:faketime
    "$root/packaging/setup/cargo-deny.sh"
}

group_pages() {
    install chromium:chromium fc-list:fontconfig /usr/share/fonts/truetype/dejavu:fonts-dejavu-core
}

group_bench() {
    group_build
    # Only what this brought is kept from starting at boot; an administrator's own stays as it is.
    mine=
    for service in nginx zabbix-agent2; do has "$service" || [ -x "/usr/sbin/$service" ] || mine="$mine $service"; done
    install /usr/sbin/nginx:nginx-light /usr/sbin/zabbix_agent2:zabbix-agent2 \
        /usr/bin/ocsinventory-agent:ocsinventory-agent
    for service in $mine; do
        has systemctl && as_root systemctl disable "$service" >/dev/null 2>&1 || true
    done
}

# The other systems' standard library is built from source, unless rustup holds it: see check-targets.sh.
group_cross() {
    group_build
    install x86_64-w64-mingw32-gcc:gcc-mingw-w64-x86-64
    "$root/packaging/setup/zig.sh"
    "$root/packaging/setup/std-source.sh"
}

[ $# -gt 0 ] || fail "name one group or more of: build test pages bench cross"
for group in "$@"; do
    case $group in
        build | test | pages | bench | cross) "group_$group" ;;
        *) fail "no group '$group': there are build, test, pages, bench and cross" ;;
    esac
done
