#!/bin/sh
# Brings what a folder's package-lock.json names into its node_modules, and nothing else; quick when it is there.
# Usage: packaging/setup/node-modules.sh FOLDER
set -eu
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname -- "$0")/lib.sh"

folder=$root/$1
brought=$folder/node_modules/.brought
cmp -s "$folder/package-lock.json" "$brought" && exit 0
say "bringing the packages of $1"
(cd "$folder" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error) >&2 ||
    fail "npm ci in $1 failed: see npm's words above"
cp "$folder/package-lock.json" "$brought"
