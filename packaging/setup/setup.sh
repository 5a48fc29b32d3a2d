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
# ledger and access packages are checked by a second program, in Debian's Python. People sign in at an identity provider
# on Node.js, and mail goes to a server in Python. A test starts databases and load balancers of its own, so Debian's
# services stay off. The API is asked by schemathesis, in Python too.
group_test() {
    group_build
    group_pages
    install /usr/bin/python3:python3 /usr/lib/python3/dist-packages/cryptography:python3-cryptography \
        /usr/lib/python3/dist-packages/jsonschema:python3-jsonschema
    install faketime:faketime unshare:util-linux nsenter:util-linux setpriv:util-linux mount:mount /bin/kill:procps \
        hostname:hostname
    install node:nodejs npm:npm
    "$root/packaging/setup/node-modules.sh" tests/openid
    "$root/packaging/setup/python-packages.sh" tests/mail
    install_idle "postgresql patroni etcd haproxy" /usr/lib/postgresql:postgresql psql:postgresql-client \
        patroni:patroni /usr/lib/python3/dist-packages/etcd:python3-etcd etcd:etcd-server /usr/sbin/haproxy:haproxy
    "$root/packaging/setup/python-packages.sh" tests/schemathesis
}

# The pages are tried in Debian's own browser; what drives it comes by the lock file, and no browser with it.
group_pages() {
    install node:nodejs npm:npm /usr/bin/chromium:chromium fc-list:fontconfig \
        /usr/share/fonts/truetype/dejavu:fonts-dejavu-core /usr/share/fonts/truetype/liberation:fonts-liberation
    "$root/packaging/setup/node-modules.sh" tests/browser
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
