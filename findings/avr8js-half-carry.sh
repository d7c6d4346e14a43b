#!/usr/bin/env bash
# avr8js 0.21.1 takes the half-carry flag H of ADD from bit 0 of the operands. The chip takes it from bit 3 (AVR Instruction Set
# Manual, "ADD": H is set if there was a carry from bit 3). So 8 + 8 leaves H clear, where the chip sets it, and 1 + 1 sets it,
# where the chip leaves it clear; sums and all other flags are right. A firmware that tests H (brhs, brhc, a routine for binary-coded
# decimals in assembler) goes another way than on the board; what C compilers make does not look at H. Seen with Node.js 20.20.2.
# Fails if any of this changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent avr8js@0.21.1 >/dev/null
cat >try.mjs <<'END'
import { avrInstruction, CPU } from 'avr8js'
const ADD_R16_R17 = 0x0f01
const [R16, R17, SREG] = [16, 17, 0x5f]
for (const operand of [8, 1]) {
  const cpu = new CPU(new Uint16Array([ADD_R16_R17]))
  cpu.data[R16] = cpu.data[R17] = operand
  avrInstruction(cpu)
  console.log(`${operand} + ${operand} = ${cpu.data[R16]}, H is ${(cpu.data[SREG] >> 5) & 1}`)
}
END
[ "$(node try.mjs)" = $'8 + 8 = 16, H is 0\n1 + 1 = 2, H is 1' ]
echo 'as described'
