#!/usr/bin/env bash
# Runs a command as if Debian had been installed with nothing but the packages that it requires: the programs in /usr/bin
# and /usr/sbin are theirs, and there are neither headers nor anything in /usr/local and /opt. As root, on Debian:
#   sudo test/install/bare.sh COMMAND...
set -euo pipefail

required=$(dpkg-query -W -f '${Priority} ${Package}\n' | sed -n 's/^required //p' | xargs dpkg -L |
  grep -E '^(/usr)?/s?bin/.')
# shellcheck disable=SC2016
exec unshare --mount bash -c '
  set -e
  required=$1 folder=$PWD
  shift
  mount -t tmpfs none /mnt
  mkdir /mnt/bin /mnt/empty
  cp -a $required /usr/bin/awk /mnt/bin
  for hidden in /usr/bin /usr/sbin; do mount --bind /mnt/bin "$hidden"; done
  for hidden in /usr/include /usr/local /opt; do mount --bind /mnt/empty "$hidden"; done
  cd "$folder"
  exec "$@"
' bash "$required" "$@"
