#!/usr/bin/env bash
# Has Electric Imp's own client of impCentral use our stand-in of the server. It has old dependencies, so it is none of ours, and is
# installed in a folder of its own. Needs the build.
set -euo pipefail
project=$(cd "$(dirname "$0")/../.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund imp-central-api@1.7.0
cd "$project"
timeout 300 npx tsx test/genuine/imp-central-api.ts "$folder"
