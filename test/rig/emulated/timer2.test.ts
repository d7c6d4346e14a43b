import { AVRIOPort, AVRTimer, avrInstruction, CPU, portDConfig, timer2Config } from 'avr8js'
import { describe, expect, test } from 'vitest'
import { Core } from '../../../src/rig/emulated/core.js'
import { Timer2 } from '../../../src/rig/emulated/timer2.js'
import { assemble, nops, set } from './assembler.js'

const DDRD = 0x2a
const TCCR2A = 0xb0
const TCCR2B = 0xb1
const OCR2A = 0xb3
const OCR2B = 0xb4

const TOP = 200
const start = [set(OCR2A, TOP), set(OCR2B, 0), set(TCCR2A, 0x21), set(TCCR2B, 0x09)].flat()

/** A program of single-cycle steps that writes each compare value and then waits. */
const program = (steps: readonly [compare: number, cycles: number][]): Uint16Array =>
  assemble([
    ...start,
    ...steps.flatMap(([compare, cycles]) => [...set(OCR2B, compare), ...nops(cycles)]),
  ])

type Edge = [level: boolean, cycle: number]

function ours(words: Uint16Array, cycles: number): Edge[] {
  const core = new Core(words, 0)
  const edges: Edge[] = []
  let last = false
  new Timer2(core).onOutput = (level, cycle) => {
    if (level === undefined || level === last) return
    last = level
    edges.push([level, cycle])
  }
  core.runUntil(cycles)
  return edges
}

/** The same program on avr8js's own timer and port. */
function theirs(words: Uint16Array, cycles: number): Edge[] {
  const cpu = new CPU(words, 2048)
  const port = new AVRIOPort(cpu, portDConfig)
  new AVRTimer(cpu, timer2Config)
  cpu.writeData(DDRD, 1 << 3)
  const edges: Edge[] = []
  port.addListener((value, old) => {
    if ((value ^ old) & (1 << 3)) edges.push([(value & (1 << 3)) !== 0, cpu.cycles])
  })
  while (cpu.cycles < cycles) {
    avrInstruction(cpu)
    cpu.tick()
  }
  return edges
}

describe('phase-correct PWM below TOP agrees with avr8js to the cycle', () => {
  test.each([
    ['grey, steady', [[104, 3000]]],
    [
      'black, grey, black, brighter, grey, brighter, black',
      [
        [104, 1337],
        [0, 1203],
        [199, 1111],
        [104, 999],
        [199, 1234],
        [0, 1500],
      ],
    ],
    [
      'the narrowest and the widest pulses',
      [
        [1, 2000],
        [199, 2000],
        [1, 2000],
        [0, 1000],
      ],
    ],
    [
      'changes within a PWM cycle: the last counts',
      [
        [50, 10],
        [60, 10],
        [70, 3000],
        [104, 1],
        [0, 3000],
      ],
    ],
  ] as [string, [number, number][]][])('%s', (_, steps) => {
    const words = program(steps)
    const cycles = steps.reduce((sum, [, wait]) => sum + wait + 3, 30)
    const mine = ours(words, cycles)
    const other = theirs(words, cycles)
    expect(mine.length).toBeGreaterThan(0)
    const offset = (other[0]?.[1] ?? 0) - (mine[0]?.[1] ?? 0)
    expect(Math.abs(offset)).toBeLessThanOrEqual(2)
    expect(mine.map(([level, cycle]) => [level, cycle + offset])).toEqual(other)
  })
})

describe('OCR2B = TOP, where avr8js is late and the datasheet has the pin follow at TOP', () => {
  test('from black and back', () => {
    const edges = ours(
      program([
        [200, 1000],
        [0, 1000],
      ]),
      2100,
    )
    const [rise = 0, fall = 0] = edges.map(([, cycle]) => cycle)
    expect(edges.map(([level]) => level)).toEqual([true, false])
    expect((fall - rise) % (2 * TOP)).toBe(0)
  })

  test('from grey and back: no pulse is missing, cut or added', () => {
    const edges = ours(
      program([
        [104, 1000],
        [200, 1000],
        [104, 1000],
        [0, 800],
      ]),
      3900,
    )
    const lengths = edges.map(([, cycle], i) => cycle - (edges[i - 1]?.[1] ?? cycle)).slice(1)
    // Grey pulses of 2 * 104 cycles every 400; white begins at a TOP, 96 cycles after a pulse, and ends at one.
    const grey = [208, 192, 208, 192, 208]
    expect(lengths).toEqual([...grey, 96, 800, 96, ...grey])
  })
})

test.each([0, 1, 2, 3, 4, 5])(
  'a pin that is disconnected %i cycles earlier or later stays so',
  (wait) => {
    const core = new Core(
      assemble([
        ...start,
        ...set(OCR2B, 104),
        ...nops(1000 + 2 * TOP - 104 - 3 + wait),
        ...set(TCCR2A, 0),
        ...set(TCCR2B, 0),
      ]),
      0,
    )
    const outputs: (boolean | undefined)[] = []
    new Timer2(core).onOutput = (level) => outputs.push(level)
    core.runUntil(3000)
    expect(outputs.at(-1)).toBeUndefined()
  },
)

test.each([
  ['fast PWM', set(TCCR2A, 0x23)],
  ['a prescaler', [...set(TCCR2A, 0x21), ...set(TCCR2B, 0x0a)]],
  ['the other output', set(TCCR2A, 0x81)],
  ['another TOP while it runs', [...start, ...set(OCR2A, 100)]],
])('%s is not modelled, and says so', (_, words) => {
  expect(() => ours(assemble(words), 100)).toThrow(/emulated Timer 2/)
})
