#!/bin/sh
# Brings what the lock file of a folder names into its node_modules, unless that is there already. No package gets to
# run a script of its own.
# Usage: packaging/setup/node-modules.sh FOLDER
set -eu
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname -- "$0")/lib.sh"

cd -- "$1"
# npm leaves a lock file of its own beside what it brought; ours is kept next to that to tell whether it changed.
cmp -s package-lock.json node_modules/.brought-lock.json && exit 0
say "bringing the packages of ${1#"$root/"}"
npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2 ||
    fail "npm ci failed in $1: see its words above"
cp package-lock.json node_modules/.brought-lock.json
