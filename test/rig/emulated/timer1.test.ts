import { expect, test } from 'vitest'
import { Core } from '../../../src/rig/emulated/core.js'
import { Timer1 } from '../../../src/rig/emulated/timer1.js'
import { assemble } from './assembler.js'

const TCCR1B = 0x81
const ICR1L = 0x86
const COUNT_AND_CAPTURE_RISING = 0x41 // ICES1, CS10

test('a capture between the reads of the two bytes of another leaves that one whole', () => {
  const core = new Core(assemble([]), 0)
  const timer = new Timer1(core)
  core.writeData(TCCR1B, COUNT_AND_CAPTURE_RISING)
  const origin = core.writeCycle
  timer.capture(true, origin + 0x1234)
  const low = core.readData(ICR1L)
  timer.capture(true, origin + 0x5678)
  expect(core.readData(ICR1L + 1) * 256 + low).toBe(0x1234)
  expect(core.readData(ICR1L)).toBe(0x78)
  expect(core.readData(ICR1L + 1)).toBe(0x56)
})
