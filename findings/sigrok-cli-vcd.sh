#!/usr/bin/env bash
# What sigrok-cli 0.7.2 with libsigrok 0.5.2 (Debian 12) writes as VCD is not always what it read:
# 1. When only some channels are written, and they are not the first ones, each has the values of another one: with -C 3 the
#    variable `3` has the bits of channel 0. CSV of the same file and the same channel is right.
# 2. When the file has analog channels, too, their values stand between the changes, as lines of text that are no VCD:
#    `A0: -10.00 V DC`.
# Fails if any of this changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
printf '\x08\x00\x08\x00' >raw.bin # channel 3 is 1, 0, 1, 0; channel 0 is always 0
sigrok-cli -i raw.bin -I binary:numchannels=8:samplerate=1000 -o raw.sr
[ "$(sigrok-cli -i raw.sr -C 3 -O csv | grep -E '^[01]$' | tr -d '\n')" = 1010 ]
sigrok-cli -i raw.sr -C 3 -O vcd >one.vcd
grep -q '^$var wire 1 ! 3 $end' one.vcd
[ "$(grep -c '!$' one.vcd)" = 1 ] # it never changes
sigrok-cli -d demo --samples 1000 -o demo.sr
sigrok-cli -i demo.sr -O vcd | grep -q '^A0: .* V DC$'
echo 'as described'
