#!/bin/sh
# Brings schemathesis, which asks the running API for all sorts of things, into target/tools; one version, so that
# everybody's answer is the same.
set -eu
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname -- "$0")/lib.sh"

wanted=$root/tests/schemathesis/requirements.txt
venv=$tools/schemathesis
cmp -s "$wanted" "$venv/requirements.txt" && exit 0
/usr/bin/python3 -c 'import ensurepip' 2>/dev/null || bring python3-venv
say "installing schemathesis (about a minute, once)"
rm -rf "$venv"
mkdir -p "$tools"
/usr/bin/python3 -m venv "$venv" || fail "a virtual environment could not be made: see Python's words above"
"$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --only-binary :all: --requirement "$wanted" ||
    fail "schemathesis could not be installed: see pip's words above"
# Last: what was cut off is done again.
cp "$wanted" "$venv/requirements.txt"
