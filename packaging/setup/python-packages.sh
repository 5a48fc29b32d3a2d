#!/bin/sh
# Brings what a folder's requirements.txt names, each by its hash, into an environment of its own below target/tools; quick
# when it is there.
# Usage: packaging/setup/python-packages.sh FOLDER
set -eu
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname -- "$0")/lib.sh"

environment=$tools/python/$1
brought=$environment/.brought
cmp -s "$root/$1/requirements.txt" "$brought" && exit 0
say "bringing the packages of $1"
rm -rf "$environment"
/usr/bin/python3 -c 'import ensurepip' 2>/dev/null || bring python3-venv
/usr/bin/python3 -m venv "$environment" >&2 || fail "python3 -m venv failed: see its words above"
"$environment/bin/pip" install --quiet --disable-pip-version-check --require-hashes \
    --requirement "$root/$1/requirements.txt" >&2 || fail "pip failed for $1: see its words above"
cp "$root/$1/requirements.txt" "$brought"
