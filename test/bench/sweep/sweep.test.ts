import { describe, expect, test } from 'vitest'
import type { PointSettings } from '../../../src/bench/sweep/axes.js'
import { Lattice } from '../../../src/bench/sweep/lattice.js'
import type { Order, Played, Player } from '../../../src/bench/sweep/player.js'
import { type PointResult, sweep } from '../../../src/bench/sweep/sweep.js'
import { seededRandom } from '../../../src/channel/random.js'
import { RigError } from '../../../src/rig/errors.js'
import { BASE, questionOf } from '../../helpers/sweeps.js'

const RATES = [10, 20, 30, 40, 50, 60, 70, 80, 90]
const GREYS = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]

const QUESTION = questionOf([
  { name: 'symbolRateHz', values: RATES },
  { name: 'greyRatio', values: GREYS },
])

const PASSED: Played = {
  kind: 'pass',
  margins: { bit: 0.5, eyeHeight: null, eyeWidth: 0.4, snrDb: 20 },
}

/** A player without a rig: messages pass with a chance that their settings have. */
class ChancePlayer implements Player {
  readonly orders: Order[] = []
  isPlaying = false

  constructor(private readonly chanceOf: (settings: PointSettings) => number) {}

  async play(order: Order, signal: AbortSignal): Promise<Played> {
    expect(this.isPlaying).toBe(false)
    this.isPlaying = true
    await new Promise((resolve) => setImmediate(resolve))
    this.isPlaying = false
    signal.throwIfAborted()
    this.orders.push(order)
    const isPass = seededRandom(order.seed)() < this.chanceOf(order.settings)
    return isPass ? PASSED : { kind: 'fail', reason: 'no-light' }
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

const inside = ({ symbolRateHz, greyRatio }: PointSettings): number =>
  symbolRateHz <= 70 && (greyRatio ?? 0) > 0.25 && (greyRatio ?? 0) < 0.85 ? 1 : 0

const options = () => ({ signal: new AbortController().signal })

describe('a sweep', () => {
  test('finds the region, proposes settings inside and confirms them, on one rig or several', async () => {
    for (const count of [1, 3]) {
      const players = Array.from({ length: count }, () => new ChancePlayer(inside))
      const { points, passes, proposal } = await sweep(players, QUESTION, options())
      const truth = passes.map((_, number) => inside(QUESTION.lattice.settingsOf(number)) === 1)
      expect(passes).toEqual(truth)
      expect(points.size).toBeLessThan(QUESTION.lattice.size)
      expect(proposal).toMatchObject({
        steps: 2,
        settings: { ...BASE, symbolRateHz: 60, greyRatio: expect.closeTo(0.5, 0) },
        confirmation: { verdict: 'pass', messages: 74, passes: 74 },
      })
      const orders = players.flatMap((player) => player.orders)
      expect(new Set(orders.map(({ seed }) => seed)).size).toBe(orders.length)
      expect(players.every((player) => player.orders.length > 0)).toBe(true)
    }
  })

  test('plays all points where it paints', async () => {
    const { points } = await sweep(
      [new ChancePlayer(inside)],
      { ...QUESTION, paints: true },
      options(),
    )
    expect(points.size).toBe(QUESTION.lattice.size)
  })

  test('keeps a rig open as long as there is a point for it', async () => {
    const player = new ChancePlayer(inside)
    const lattice = new Lattice(BASE, QUESTION.lattice.axes)
    await sweep([player], { ...QUESTION, lattice, paints: true, marginSteps: 1 }, options())
    const greys = player.orders.map(({ settings }) => settings.greyRatio)
    const changes = greys.filter((grey, n) => grey !== greys[n - 1]).length
    expect(changes).toBeLessThanOrEqual(GREYS.length + 1)
  })

  test('goes on from what is known, and plays none of it again', async () => {
    const points = new Map<number, PointResult>()
    const confirmations = new Map<number, PointResult>()
    const first = await sweep([new ChancePlayer(inside)], QUESTION, {
      ...options(),
      onPoint: (number, result) => void points.set(number, result),
      onConfirmation: (number, result) => void confirmations.set(number, result),
    })
    expect(points).toEqual(first.points)
    const player = new ChancePlayer(inside)
    const again = await sweep([player], QUESTION, {
      ...options(),
      known: { points, confirmations },
    })
    expect(again).toEqual(first)
    expect(player.orders).toEqual([])
  })

  test('tries slower settings once, when the first are not confirmed', async () => {
    const fair = (settings: PointSettings): number =>
      inside(settings) * (settings.symbolRateHz > 50 ? 0.9 : 1)
    const { proposal } = await sweep([new ChancePlayer(fair)], QUESTION, options())
    expect(proposal).toMatchObject({
      settings: { symbolRateHz: 50 },
      confirmation: { verdict: 'pass' },
    })
    const poor = (settings: PointSettings): number => 0.7 * inside(settings)
    const player = new ChancePlayer(poor)
    const failed = await sweep([player], QUESTION, options())
    expect(failed.proposal).toMatchObject({
      settings: { symbolRateHz: 50 },
      confirmation: { verdict: 'fail', failures: { 'no-light': expect.any(Number) } },
    })
  })

  test('proposes nothing where nothing passes', async () => {
    const { proposal, points } = await sweep([new ChancePlayer(() => 0)], QUESTION, options())
    expect(proposal).toBeNull()
    expect([...points.values()].every(({ messages }) => messages === 6)).toBe(true)
  })

  test('takes what cannot be decided for no pass', async () => {
    const question = { ...QUESTION, asked: { ...QUESTION.asked, mostMessages: 8 } }
    const even = ({ symbolRateHz }: PointSettings): number => (symbolRateHz > 40 ? 0.5 : 1)
    const { points, passes } = await sweep([new ChancePlayer(even)], question, options())
    const undecided = [...points].filter(([, { verdict }]) => verdict === 'undecided')
    expect(undecided.length).toBeGreaterThan(0)
    for (const [number, { messages }] of undecided) {
      expect(messages).toBe(8)
      expect(passes[number]).toBe(false)
    }
  })

  test('tells how far it is, and how long it may take', async () => {
    const told: { stage: string; points: number; leftS: number | null }[] = []
    await sweep([new ChancePlayer(inside)], QUESTION, {
      ...options(),
      onProgress: (progress) => void told.push(progress),
    })
    expect(new Set(told.map(({ stage }) => stage))).toEqual(new Set(['map', 'confirmation']))
    expect(told.every(({ leftS }) => leftS !== null && leftS >= 0)).toBe(true)
  })
})

describe('a sweep that cannot go on', () => {
  test('ends with what a rig says, when all others have ended, too', async () => {
    const lost = new RigError('unplugged', 'the board is gone')
    const players = [new ChancePlayer(inside), new ChancePlayer(inside)]
    const failing: Player = {
      play: async ({ seed }) => {
        if (seed % 1_000_000 === 3) throw lost
        return PASSED
      },
      [Symbol.asyncDispose]: async () => {},
    }
    const kept: number[] = []
    const sweeping = sweep([...players, failing], QUESTION, {
      ...options(),
      onPoint: (number) => void kept.push(number),
    })
    await expect(sweeping).rejects.toBe(lost)
    expect(players.every(({ isPlaying }) => !isPlaying)).toBe(true)
    const count = kept.length
    await new Promise((resolve) => setImmediate(resolve))
    expect(kept).toHaveLength(count)
  })

  test('ends with the reason of its signal', async () => {
    const end = new AbortController()
    const reason = new Error('enough')
    const kept: number[] = []
    const sweeping = sweep([new ChancePlayer(inside)], QUESTION, {
      signal: end.signal,
      onPoint: (number) => {
        kept.push(number)
        if (kept.length === 2) end.abort(reason)
      },
    })
    await expect(sweeping).rejects.toBe(reason)
    expect(kept).toHaveLength(2)
  })

  test('ends when what it found cannot be kept', async () => {
    const full = new Error('the disk is full')
    const sweeping = sweep([new ChancePlayer(inside), new ChancePlayer(inside)], QUESTION, {
      ...options(),
      onPoint: async () => {
        throw full
      },
    })
    await expect(sweeping).rejects.toBe(full)
  })
})
