#!/usr/bin/env bash
# sigrok-cli 0.7.2 with libsigrok 0.5.2 writes a wrong analog column as CSV when logic channels stand beside it: each value is that of so
# many samples later as there are logic channels, and the last ones are from beyond the samples. With the analog channel
# alone (`-C light`) it is right. Of VCD the same library leaves real variables out, with a warning.
# Needs sigrok-cli and zip; fails if any of this changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
printf 2 >version
cat >metadata <<'END'
[global]
sigrok version=0.5.2

[device 1]
capturefile=logic-1
total probes=2
samplerate=1 kHz
total analog=1
probe1=a
probe2=b
analog3=light
unitsize=1
END
printf '%8s' '' | tr ' ' '\0' >logic-1-1
# 0, 1, 2, … 7 as 32-bit floats, low byte first.
printf '\0\0\0\0\0\0\200\077\0\0\0\100\0\0\100\100\0\0\200\100\0\0\240\100\0\0\300\100\0\0\340\100' >analog-1-3-1
zip -q x.sr version metadata logic-1-1 analog-1-3-1
csv() { sigrok-cli -i x.sr "$@" -O csv:header=false:label=off; }
[ "$(csv -C light | tr '\n' ' ')" = '0 1 2 3 4 5 6 7 ' ]
[ "$(csv -C a,b,light | head -n 6 | tr '\n' ' ')" = '0,0,2 0,0,3 0,0,4 0,0,5 0,0,6 0,0,7 ' ]

cat >x.vcd <<'END'
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
sigrok-cli -l 3 -i x.vcd -I vcd --show >shown 2>told
[ "$(grep '^- ' shown)" = '- a: logic' ]
grep -q "Unsupported signal type: 'real'" told
echo 'as described'
