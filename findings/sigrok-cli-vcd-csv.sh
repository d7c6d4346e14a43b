#!/usr/bin/env bash
# VCD and CSV of sigrok-cli 0.7.2 with libsigrok 0.5.2 (Debian 12) are not always what their makers and readers expect:
# 1. When only some channels are written as VCD, and they are not the first ones, each has the values of another one: with -C 3 the
#    variable `3` has the bits of channel 0. CSV of the same file and the same channel is right.
# 2. Analog values stand as lines of text where they are no part of the format: between the changes of a VCD (`A0: -10.00 V DC`),
#    and, in a CSV of two analog channels, all those of the first one before the table (`A: 0.00 V DC`).
# 3. Of a VCD it reads the bits, and leaves real variables out with a warning.
# Needs sigrok-cli and zip; fails if any of this changes.
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
sigrok-cli -i demo.sr -O vcd >demo.vcd
grep -q '^A0: .* V DC$' demo.vcd
printf 2 >version
printf '[global]\nsigrok version=0.5.2\n\n[device 1]\nsamplerate=1 kHz\ntotal analog=2\nanalog1=A\nanalog2=B\n' >metadata
printf '\0\0\0\0\0\0\200\077\0\0\0\100' >analog-1-1-1 # 0, 1, 2 as 32-bit floats, low byte first
cp analog-1-1-1 analog-1-2-1
zip -q two.sr version metadata analog-1-1-1 analog-1-2-1
[ "$(sigrok-cli -i two.sr -O csv | grep -v '^;' | sed -n 1,5p | tr '\n' '|')" = 'A: 0.00 V DC|A: 1.00 V DC|A: 2.00 V DC|V DC,V DC|0,0|' ]

cat >real.vcd <<'END'
$timescale 1 ms $end
$var wire 1 a a $end
$var real 64 r light $end
$enddefinitions $end
#0
0a
r0.5 r
#1
1a
#2
END
sigrok-cli -l 3 -i real.vcd -I vcd --show >shown 2>told
[ "$(grep '^- ' shown)" = '- a: logic' ]
grep -q "Unsupported signal type: 'real'" told
echo 'as described'
