import { beforeEach, describe, expect, test } from 'vitest'
import { Core } from '../../../src/rig/emulated/core.js'
import { Usart } from '../../../src/rig/emulated/usart.js'
import { assemble } from './assembler.js'

const UCSR0A = 0xc0
const UCSR0B = 0xc1
const UBRR0L = 0xc4
const UDR0 = 0xc6
const RXC = 0x80
const UDRE = 0x20
const FE = 0x10
const DOR = 0x08
const U2X = 0x02

// 16 MHz / 8 / (16 + 1) = 117,647 baud, what 115,200 comes to with U2X; 10 bits of 136 cycles.
const BYTE_CYCLES = 1360

let core: Core
let usart: Usart
let sent: [byte: number, cycle: number][]

beforeEach(() => {
  core = new Core(assemble([]), 0)
  sent = []
  usart = new Usart(core, 16_000_000, (byte) => sent.push([byte, core.cycles]))
  core.writeData(UCSR0A, U2X)
  core.writeData(UBRR0L, 16)
  core.writeData(UCSR0B, 0x18)
})

const status = (): number => core.readData(UCSR0A)

describe('sending', () => {
  test('a byte takes ten bit times, and two can be handed over at once', () => {
    const start = core.cycles
    core.writeData(UDR0, 0x55)
    expect(status() & UDRE).toBe(UDRE)
    core.writeData(UDR0, 0xaa)
    expect(status() & UDRE).toBe(0)
    core.runUntil(start + BYTE_CYCLES + 2)
    expect(status() & UDRE).toBe(UDRE)
    core.runUntil(start + 2 * BYTE_CYCLES + 4)
    expect(sent.map(([byte]) => byte)).toEqual([0x55, 0xaa])
    for (const [index, [, cycle]] of sent.entries()) {
      expect(cycle - start - (index + 1) * BYTE_CYCLES).toBeLessThanOrEqual(3)
    }
  })

  test('the flag that the buffer is empty cannot be cleared by writing it', () => {
    core.writeData(UCSR0A, U2X)
    expect(status() & UDRE).toBe(UDRE)
  })
})

describe('receiving', () => {
  test('bytes come in order, and the flag stays until the last is read', () => {
    usart.receive(1, 115_200)
    usart.receive(2, 115_200)
    expect(core.readData(UDR0)).toBe(1)
    expect(status() & RXC).toBe(RXC)
    expect(core.readData(UDR0)).toBe(2)
    expect(status() & RXC).toBe(0)
  })

  test('a third byte that nobody has room for is lost, and the next one says so', () => {
    for (const byte of [1, 2, 3]) usart.receive(byte, 115_200)
    core.readData(UDR0)
    core.readData(UDR0)
    expect(status() & (RXC | DOR)).toBe(0)
    usart.receive(4, 115_200)
    expect(status() & DOR).toBe(DOR)
    expect(core.readData(UDR0)).toBe(4)
    expect(usart.overruns).toBe(1)
  })

  test.each([
    [115_200, 0],
    [120_000, 0],
    [57_600, FE],
    [250_000, FE],
  ])('a byte at %i baud', (baudRate, error) => {
    usart.receive(0x31, baudRate)
    expect(status() & FE).toBe(error)
  })

  test('nothing while the receiver is off', () => {
    core.writeData(UCSR0B, 0x08)
    usart.receive(1, 115_200)
    expect(status() & RXC).toBe(0)
  })
})
