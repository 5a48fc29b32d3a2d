#!/bin/sh
# Installs what is missing for the named groups; quick and silent when nothing is.
# Usage: packaging/setup/setup.sh build|lint|test|pages|bench…
set -eu
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname -- "$0")/lib.sh"

# ring and the bundled SQLite are C; nothing else of the build needs the system.
group_build() {
    need_cargo
    install cc:gcc /usr/include/stdlib.h:libc6-dev
}

# The licences are checked by cargo-deny; the agent is type-checked for the systems that this one is not.
group_lint() {
    group_build
    install shellcheck:shellcheck
    "$root/packaging/setup/cargo-deny.sh"
    # shellcheck disable=SC2086 # a list of names, split on purpose
    "$root/packaging/setup/std-source.sh" $other_targets
}

# The clock of a real program is moved by libfaketime; machines and full disks are namespaces of a test's own. The
# ledger is checked by a second program, in Debian's Python. A test starts databases and load balancers of its own, so
# Debian's services stay off. The API is asked by schemathesis, which Debian has not.
group_test() {
    group_build
    install /usr/bin/python3:python3 /usr/lib/python3/dist-packages/cryptography:python3-cryptography
    install faketime:faketime unshare:util-linux nsenter:util-linux setpriv:util-linux mount:mount /bin/kill:procps \
        hostname:hostname
    install_idle "postgresql patroni etcd haproxy" /usr/lib/postgresql:postgresql psql:postgresql-client \
        patroni:patroni /usr/lib/python3/dist-packages/etcd:python3-etcd etcd:etcd-server /usr/sbin/haproxy:haproxy
    "$root/packaging/setup/schemathesis.sh"
}

group_pages() {
    install chromium:chromium fc-list:fontconfig /usr/share/fonts/truetype/dejavu:fonts-dejavu-core
}

group_bench() {
    group_build
    install unshare:util-linux setpriv:util-linux /bin/kill:procps
    install_idle "nginx zabbix-agent2 postgresql" /usr/sbin/nginx:nginx-light \
        /usr/sbin/zabbix_agent2:zabbix-agent2 /usr/bin/ocsinventory-agent:ocsinventory-agent \
        /usr/lib/postgresql:postgresql psql:postgresql-client
}

[ $# -gt 0 ] || fail "name one group or more of: build lint test pages bench"
for group in "$@"; do
    case $group in
        build | lint | test | pages | bench) "group_$group" ;;
        *) fail "no group '$group': there are build, lint, test, pages and bench" ;;
    esac
done
