import { simulateChannel } from '../../src/channel/index.js'
import { modulate, WHITE } from '../../src/modulation/index.js'
import type { SampleBlock } from '../../src/receiver/index.js'
import { Dice } from './dice.js'
import { randomPacket } from './trial.js'

/** Short messages of all kinds of light. */
const MESSAGES = Array.from({ length: 100 }, (_, n) => {
  const dice = new Dice(n)
  const packet = randomPacket(n, 2 + dice.below(12))
  const block = simulateChannel(modulate(packet).levels, {
    seed: n,
    symbolRateHz: 60,
    sampleRateHz: 60 * dice.between(2.5, 30),
    swing: dice.oneOf([0.02, 0.1, 0.5, 0.8]),
    inverted: n % 2 === 0,
    noiseRms: dice.oneOf([0, 0.01, 0.1]),
    flicker: dice.oneOf([0, 0, 0.2]),
    symbolJitter: dice.oneOf([0, 0, 0.2]),
    riseSymbols: dice.oneOf([0, 0, 0.3]),
    beforeS: dice.between(0, 0.2),
    afterS: dice.between(0, 0.2),
  })
  return { packet, levels: [...block.levels] }
})

/** The packets of all messages that captures are made of. */
export const SENT = MESSAGES.map(({ packet }) => packet)

const MOST_SAMPLES = 10_000
const BAD_NUMBERS = [Number.NaN, Infinity, -Infinity, -0.1, 1.1, -Number.MIN_VALUE, 1e300]

type Levels = (dice: Dice) => number[]

/** A piece of a message, most often not all of it. */
const piece: Levels = (dice) => {
  const { levels } = dice.oneOf(MESSAGES)
  if (dice.below(4) === 0) return levels.slice(0, MOST_SAMPLES)
  const start = dice.below(levels.length)
  return levels.slice(start, start + dice.sizeUpTo(levels.length))
}

const hit = (levels: number[], dice: Dice, change: (at: number) => void): number[] => {
  for (let hits = dice.sizeUpTo(20); hits > 0 && levels.length > 0; hits--)
    change(dice.below(levels.length))
  return levels
}

const KINDS: Readonly<Record<string, Levels>> = {
  truncated: piece,
  'with wrong samples': (dice) => {
    const levels = piece(dice)
    return hit(levels, dice, (at) => {
      levels[at] = dice.random()
    })
  },
  'with runs of one level': (dice) => {
    const levels = piece(dice)
    return hit(levels, dice, (at) => levels.fill(dice.random(), at, at + dice.sizeUpTo(200)))
  },
  'warped in time': (dice) => {
    const levels = piece(dice)
    const speed = dice.between(0.2, 2)
    const bend = dice.between(-1, 1) / Math.max(levels.length, 1)
    const warped: number[] = []
    for (let at = 0; at < levels.length && warped.length < MOST_SAMPLES; ) {
      warped.push(levels[Math.floor(at)] as number)
      at += Math.max(0.1, speed + bend * at)
    }
    return warped
  },
  'pieces of several': (dice) =>
    Array.from({ length: 1 + dice.below(6) }, () => piece(dice))
      .flat()
      .slice(0, MOST_SAMPLES),
  noise: (dice) => {
    const ends = dice.oneOf([0, 0.5, 1])
    return Array.from({ length: dice.sizeUpTo(MOST_SAMPLES) }, () =>
      dice.random() < ends ? dice.below(2) : dice.random(),
    )
  },
  'square wave': (dice) => {
    const period = 2 + dice.sizeUpTo(300)
    const on = dice.between(0, period)
    const noise = dice.oneOf([0, 0, 0.05, 0.3])
    return Array.from({ length: dice.sizeUpTo(MOST_SAMPLES) }, (_, n) =>
      n % period < on ? 1 - noise * dice.random() : noise * dice.random(),
    )
  },
  'random bytes as a packet': (dice) => {
    const bytes = 2 + dice.below(60)
    const packet = Uint8Array.from({ length: bytes + 1 }, () => dice.below(256))
    packet[0] = bytes - 2
    const samples = 2 + dice.below(10)
    return [...modulate(packet).levels]
      .flatMap((symbol) => Array<number>(samples).fill(symbol / WHITE))
      .slice(0, MOST_SAMPLES)
  },
}

const NAMES = Object.keys(KINDS)

/** Sample times from 20 Hz to 1 MHz, from any start: regular, jittered or with gaps. */
function times(count: number, dice: Dice): Float64Array {
  const periodS = 1 / 20 / 50_000 ** dice.random()
  const jitter = dice.oneOf([0, 0, 0.5, 0.99])
  const gaps = dice.oneOf([0, 0, 0.01])
  let lostS = dice.oneOf([0, 0, -5, 1e6])
  return Float64Array.from({ length: count }, (_, n) => {
    if (dice.random() < gaps) lostS += periodS * dice.sizeUpTo(1000)
    return lostS + periodS * (n + jitter * dice.random())
  })
}

/** What makes a block break the contract of SampleBlock. */
function spoil(timesS: Float64Array, levels: Float64Array, dice: Dice): void {
  const at = dice.below(timesS.length)
  if (dice.below(2) === 0) levels[at] = dice.oneOf(BAD_NUMBERS)
  else timesS[at] = dice.oneOf([...BAD_NUMBERS, timesS[at - 1] ?? 0])
}

/** A capture, cut into blocks in any way; one in eight is not what a receiver may be given. */
export function randomCapture(seed: number): { kind: string; blocks: SampleBlock[] } {
  const dice = new Dice(seed)
  const kind = NAMES[seed % NAMES.length] as string
  const levels = Float64Array.from(KINDS[kind]?.(dice) ?? [])
  const timesS = times(levels.length, dice)
  if (dice.below(8) === 0) spoil(timesS, levels, dice)
  const blocks: SampleBlock[] = []
  const most = dice.oneOf([1, 100, MOST_SAMPLES, MOST_SAMPLES])
  for (let start = 0; start < levels.length; ) {
    const end = start + 1 + dice.below(most)
    blocks.push({ timesS: timesS.subarray(start, end), levels: levels.subarray(start, end) })
    start = end
  }
  return { kind, blocks }
}
