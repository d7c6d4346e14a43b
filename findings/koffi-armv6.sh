#!/usr/bin/env bash
# koffi 3.3.4 offers one prebuilt file for "arm", @koromix/koffi-linux-arm, which npm installs wherever process.arch is "arm": so
# on a Raspberry Pi 1, Zero and Zero W, too, which are ARMv6. The file is for ARMv7: its build attributes say v7 and
# Thumb-2, instructions which those processors do not have. Needs binutils' readelf; fails if this changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
tar xzf "$(npm pack --silent @koromix/koffi-linux-arm@3.3.4)"
[ "$(node -p 'JSON.stringify(require("./package/package.json").cpu)')" = '["arm"]' ]
[ "$(find package -name '*.node' | wc -l)" = 1 ]
attributes=$(readelf -A "$(find package -name '*.node')")
grep -q 'Tag_CPU_arch: v7$' <<<"$attributes"
grep -q 'Tag_THUMB_ISA_use: Thumb-2$' <<<"$attributes"
echo 'as described'
