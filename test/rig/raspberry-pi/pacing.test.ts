import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type PacingMachine, pace, scheduleNs } from '../../../src/rig/raspberry-pi/pacing.js'

/** What a look at the clock takes. */
const LOOK_NS = 1000n

/** A machine whose clock moves only by what is done on it. */
class Machine implements PacingMachine {
  ns = 1_000_000n
  /** When each level was shown, of those that changed the light. */
  readonly shown: [level: number, ns: bigint][] = []
  readonly naps: bigint[] = []
  spins = 0
  abandonedAtNs = BigInt(Number.MAX_SAFE_INTEGER)

  constructor(
    private readonly oversleepNs: (nap: number) => bigint = () => 0n,
    private readonly writeNs = 0n,
  ) {}

  nowNs = (): bigint => {
    this.ns += LOOK_NS
    this.spins++
    return this.ns
  }
  sleepNs = (ns: bigint): void => {
    this.naps.push(ns)
    this.ns += ns + this.oversleepNs(this.naps.length)
  }
  show = (level: number): void => {
    this.ns += this.writeNs
    if (level !== (this.shown.at(-1)?.[0] ?? 0)) this.shown.push([level, this.ns])
  }
  isAbandoned = (): boolean => this.ns >= this.abandonedAtNs
}

const START_NS = 20_000_000n
const play = (levels: Uint8Array, symbolRateHz: number, machine: Machine) =>
  pace(levels, scheduleNs(levels.length, symbolRateHz), START_NS, machine)

const LEVELS = Uint8Array.from([0, 1, 0, 1, 0, 2, 0, 1, 0, 2, 2, 0, 0])
const changes = [1, 2, 3, 4, 5, 6, 7, 8, 9, 11]

describe('the schedule', () => {
  test('each change begins at its own multiple of the period, and the light ends black', () => {
    const machine = new Machine()
    play(LEVELS, 60, machine)
    expect(machine.shown.map(([level]) => level)).toEqual([1, 0, 1, 0, 2, 0, 1, 0, 2, 0])
    for (const [i, [, ns]] of machine.shown.entries()) {
      const dueNs = START_NS + BigInt(Math.round(((changes[i] as number) * 1e9) / 60))
      expect(Number(ns - dueNs)).toBeGreaterThanOrEqual(0)
      expect(Number(ns - dueNs)).toBeLessThanOrEqual(2000) // two looks at the clock
    }
  })

  test('a lit last symbol ends with its period', () => {
    const machine = new Machine()
    play(Uint8Array.of(2), 100, machine)
    const [[, onNs] = [], [level, offNs] = []] = machine.shown
    expect(level).toBe(0)
    expect(Number(offNs as bigint) - Number(onNs as bigint)).toBeCloseTo(1e7, -3)
  })

  test('no error adds up, at any rate, over the longest message, however late single edges are', () => {
    fc.assert(
      fc.property(fc.integer({ min: 10, max: 2000 }), fc.nat(5_000_000), (rateHz, hiccupNs) => {
        const levels = Uint8Array.from({ length: 4198 }, (_, i) => i % 2)
        const machine = new Machine((nap) => (nap % 100 === 7 ? BigInt(hiccupNs) : 0n))
        const latenessNs = play(levels, rateHz, machine) as Float64Array
        const endNs = START_NS + BigInt(Math.round((4198 * 1e9) / rateHz))
        expect(machine.shown.length).toBe(4198)
        expect(Number((machine.shown.at(-1)?.[1] as bigint) - endNs)).toBeLessThanOrEqual(2000)
        expect(latenessNs[4198]).toBeLessThanOrEqual(3000)
      }),
      { numRuns: 20 },
    )
  })

  test('what is recorded is the time after the write', () => {
    const machine = new Machine(() => 0n, 7000n)
    const latenessNs = play(LEVELS, 60, machine) as Float64Array
    expect([...latenessNs.keys()].filter((i) => !Number.isNaN(latenessNs[i]))).toEqual(changes)
    for (const i of changes) expect(latenessNs[i]).toBeGreaterThanOrEqual(7000)
  })
})

describe('the margin', () => {
  const long = Uint8Array.from({ length: 2000 }, (_, i) => i % 2)

  test('grows with the machine that wakes up late, so that only the first edge is late', () => {
    const machine = new Machine(() => 700_000n)
    const latenessNs = play(long, 60, machine) as Float64Array
    const late = latenessNs.filter((ns) => ns > 3000)
    expect(late.length).toBe(1)
    expect(late[0]).toBeLessThan(700_000)
  })

  test('shrinks on a machine that wakes up in time: little is spun away', () => {
    const machine = new Machine(() => 20_000n)
    play(long, 60, machine)
    expect(Number(machine.naps.at(-1)) / 1e6).toBeGreaterThan(1000 / 60 - 0.1)
  })

  test('never takes more than a tenth of a symbol', () => {
    const machine = new Machine(() => 50_000_000n)
    play(long, 60, machine)
    for (const nap of machine.naps)
      expect(Number(nap) / 1e6).toBeGreaterThan((0.89 * 1000) / 60 - 50)
    expect(machine.spins * Number(LOOK_NS)).toBeLessThan(0.11 * Number(machine.ns))
  })
})

test('abandoned: dark before the next change', () => {
  const machine = new Machine()
  machine.abandonedAtNs = START_NS + 80_000_000n // 3 ms before the fifth
  expect(play(LEVELS, 60, machine)).toBeNull()
  expect(machine.shown.map(([level]) => level)).toEqual([1, 0, 1, 0])
})
