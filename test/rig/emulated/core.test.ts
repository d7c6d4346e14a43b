import { expect, test } from 'vitest'
import { Core } from '../../../src/rig/emulated/core.js'
import { assemble, ldi, NOP, RETI, SEI, SLEEP, set } from './assembler.js'

const SMCR = 0x53
const ENABLE = 0x100
const FLAG = 0x101
const VECTOR = 0x20

/** An interrupt of no peripheral, enabled. */
const interrupt = {
  address: VECTOR,
  flagRegister: FLAG,
  flagMask: 1,
  enableRegister: ENABLE,
  enableMask: 1,
}

function coreWith(program: Uint16Array): Core {
  const core = new Core(program, 0)
  core.data[ENABLE] = 1
  return core
}

test('events come at their cycle, those of one cycle in the order in which they were set', () => {
  const core = coreWith(assemble([]))
  const order: string[] = []
  core.at(50, () => order.push('c'))
  core.at(20, () => order.push('a'))
  core.at(20, () => order.push('b'))
  const never = core.at(30, () => order.push('never'))
  core.clearClockEvent(never)
  core.runUntil(48) // the program's jump takes 2 cycles
  expect(order).toEqual(['a', 'b'])
  core.runUntil(60)
  expect(order).toEqual(['a', 'b', 'c'])
})

test('asleep, time passes without instructions until an interrupt, which takes 8 cycles', () => {
  const core = coreWith(
    assemble([...set(SMCR, 1), SEI, SLEEP, NOP, ldi(17, 1)], { [VECTOR]: [RETI] }),
  )
  core.at(1000, () => core.setInterruptFlag(interrupt))
  core.runUntil(999)
  expect(core.pc).toBe(5)
  expect(core.data[17]).toBe(0)
  core.runUntil(1008)
  expect([core.pc, core.cycles]).toEqual([VECTOR, 1008])
  core.runUntil(1014)
  expect(core.data[17]).toBe(1)
})

test('an interrupt takes 4 cycles', () => {
  const core = coreWith(assemble([SEI, ...new Array(100).fill(NOP)]))
  core.at(20, () => core.setInterruptFlag(interrupt))
  core.runUntil(21)
  expect([core.pc, core.cycles]).toEqual([VECTOR, 24])
})

test('one instruction runs after SEI, so that none sleeps through an interrupt that waited', () => {
  const core = coreWith(
    assemble([...set(SMCR, 1), SEI, SLEEP, NOP], { [VECTOR]: [ldi(17, 1), RETI] }),
  )
  core.setInterruptFlag(interrupt)
  core.runUntil(100)
  expect(core.data[17]).toBe(1)
  expect(core.pc).toBeGreaterThan(5)
})

test('one instruction runs between two interrupts', () => {
  const again = { ...interrupt, constant: true }
  const core = coreWith(assemble([SEI, ldi(17, 1), ldi(18, 1), ldi(19, 1)], { [VECTOR]: [RETI] }))
  core.setInterruptFlag(again)
  core.runUntil(12)
  expect([...core.data.subarray(17, 20)]).toEqual([1, 1, 0])
})
