import { BITS_PER_BYTE, mask } from '../read/packet-bits.js'

/** The light of a packet's bits in hindsight. Lengths are margins: half the step from grey to white is 1, half-way is 0. */
export interface PacketLight {
  /** Of each bit: 1 at the level of white, -1 at that of grey. */
  readonly margins: readonly number[]
  /** How far black is below half-way. */
  readonly blackBelow: number
  /** Noise of a bit where nothing disturbs it, rms. */
  readonly noiseRms: number
}

/** What is between the bits as they were decided and the light. */
export interface Disturbed {
  /** Of each bit: how likely the light is if it alone was sent otherwise, to all being as decided. */
  readonly flips: Float64Array
  /** Of each bit: how likely it is that it was sent otherwise, whatever the others were. */
  readonly doubts: Float64Array
  /** How likely the light is with any other bits and a disturbance, to those that were decided with or without one. */
  readonly others: number
}

// What light may do to levels. A shade, a gain or a dim sender multiplies them, another light adds to them; a state each, so many
// margins or so much of the light apart, and what is between two adds to the noise.
const GAIN_STEP = 0.1
const GAINS = 9
const OFFSET_STEP = 0.4
const OFFSETS = 10
const STATE_RMS = 0.12
// Other disturbances make it noisy: impulses, a second sender.
const NOISY_RMS = [0.25, 0.5, 1]
// A bit that is none of this, as a disturbance begins or ends in it: this part of all, anywhere within so many margins.
const STRAY = 1e-3
const STRAY_WITHIN = 8
const STRAY_DENSITY = STRAY / (2 * STRAY_WITHIN)
// Of a Gaussian's exponent: e^-40 is nothing beside that.
const NEGLIGIBLE = 40

// Of a bit: a disturbance begins; ends; becomes another one; gets a state stronger or weaker. Fitted on the benchmark's.
const BEGINS = 1e-3
const ENDS = 0.03
const CHANGES = 0.01
const WANDERS = 0.3

interface State {
  readonly gain: number
  readonly offset: number
  readonly rms: number
}

const NOMINAL = 0
const GAIN_STATES = range(-GAINS, GAINS).map((n) => ({ gain: Math.exp(n * GAIN_STEP), offset: 0 }))
const OFFSET_STATES = range(-OFFSETS, OFFSETS).map((n) => ({ gain: 1, offset: n * OFFSET_STEP }))
const STATES: readonly State[] = [
  { gain: 1, offset: 0, rms: 0 },
  ...[...GAIN_STATES, ...OFFSET_STATES].map((state) => ({ ...state, rms: STATE_RMS })),
  ...NOISY_RMS.map((rms) => ({ gain: 1, offset: 0, rms })),
]
const FIRST_OFFSET = 1 + GAIN_STATES.length
const NOISY = FIRST_OFFSET + OFFSET_STATES.length
const COUNT = STATES.length

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, n) => from + n)
}

/**
 * Weighs the decided bits against all others: a hidden Markov model whose states are disturbances of the light, and the
 * forward-backward algorithm over it (Rabiner 1989), once with the bits as decided and once with all that they may be.
 */
export function weigh(packet: Uint8Array, light: PacketLight): Disturbed {
  const bits = BITS_PER_BYTE * packet.length
  const { decided, other } = densities(packet, light)
  const asDecided = forwardBackward(decided, bits)
  const any = forwardBackward(
    decided.map((density, at) => density + (other[at] as number)),
    bits,
  )
  const ratio = ({ before, after }: Chain, bit: number): number => {
    let [as, otherwise] = [0, 0]
    for (let at = bit * COUNT; at < (bit + 1) * COUNT; at++) {
      const around = (before[at] as number) * (after[at] as number)
      as += around * (decided[at] as number)
      otherwise += around * (other[at] as number)
    }
    return otherwise / as
  }
  // What noise alone may have made of the bits is told exactly by their flips, and left out of this sum.
  const { nats } = asDecided
  const disturbed = Math.exp(any.nats - nats) - Math.exp(any.nominalNats - nats)
  const disturbedAsDecided = 1 - Math.exp(asDecided.nominalNats - nats)
  return {
    flips: Float64Array.from({ length: bits }, (_, bit) => ratio(asDecided, bit)),
    doubts: Float64Array.from({ length: bits }, (_, bit) => ratio(any, bit)),
    others: Math.max(0, disturbed - disturbedAsDecided),
  }
}

/** Of each bit and state, how likely its margin is if it was sent as decided, and otherwise. */
function densities(packet: Uint8Array, { margins, blackBelow, noiseRms }: PacketLight) {
  const bits = BITS_PER_BYTE * packet.length
  const decided = new Float64Array(bits * COUNT)
  const other = new Float64Array(bits * COUNT)
  for (const [state, { gain, offset, rms }] of STATES.entries()) {
    const variance = noiseRms ** 2 + rms ** 2
    const peak = (1 - STRAY) / Math.sqrt(2 * Math.PI * variance)
    const half = gain
    const middle = (gain - 1) * blackBelow + offset
    for (let bit = 0; bit < bits; bit++) {
      const sign = (packet[bit >> 3] as number) & mask(bit) ? 1 : -1
      const above = (margins[bit] as number) - middle
      const at = bit * COUNT + state
      const exponent = (above - sign * half) ** 2 / (2 * variance)
      const otherExponent = (above + sign * half) ** 2 / (2 * variance)
      decided[at] = STRAY_DENSITY + (exponent < NEGLIGIBLE ? peak * Math.exp(-exponent) : 0)
      other[at] = STRAY_DENSITY + (otherExponent < NEGLIGIBLE ? peak * Math.exp(-otherExponent) : 0)
    }
  }
  return { decided, other }
}

interface Chain {
  /** Of each bit and state, up to a factor for each bit: the light before it, and after it. */
  readonly before: Float64Array
  readonly after: Float64Array
  /** Logarithms of the likelihood of all light, and of that if nothing disturbed it. */
  readonly nats: number
  readonly nominalNats: number
}

function forwardBackward(densities: Float64Array, bits: number): Chain {
  const before = new Float64Array(bits * COUNT)
  const after = new Float64Array(bits * COUNT).fill(1)
  const row = new Float64Array(COUNT)
  const start = new Float64Array(COUNT)
  start[NOMINAL] = 1
  let nats = 0
  let nominalNats = 0
  step(start, before.subarray(0, COUNT), false)
  nominalNats += Math.log(before[NOMINAL] as number)
  for (let bit = 0; bit < bits; bit++) {
    const at = bit * COUNT
    let sum = 0
    for (let state = 0; state < COUNT; state++) {
      row[state] = (before[at + state] as number) * (densities[at + state] as number)
      sum += row[state] as number
    }
    nats += Math.log(sum)
    nominalNats += Math.log(densities[at + NOMINAL] as number)
    for (let state = 0; state < COUNT; state++) row[state] = (row[state] as number) / sum
    if (bit + 1 === bits) break
    nominalNats += Math.log(1 - BEGINS)
    step(row, before.subarray(at + COUNT, at + 2 * COUNT), false)
  }
  for (let bit = bits - 1; bit > 0; bit--) {
    const at = bit * COUNT
    let sum = 0
    for (let state = 0; state < COUNT; state++) {
      row[state] = (after[at + state] as number) * (densities[at + state] as number)
      sum += row[state] as number
    }
    for (let state = 0; state < COUNT; state++) row[state] = (row[state] as number) / sum
    step(row, after.subarray(at - COUNT, at), true)
  }
  return { before, after, nats, nominalNats }
}

/** One bit on; backwards, how likely it leads to what each state is worth. */
function step(from: Float64Array, to: Float64Array, backwards: boolean): void {
  const nominal = from[NOMINAL] as number
  let disturbed = 0
  for (let state = 1; state < COUNT; state++) disturbed += from[state] as number
  const each = 1 / (COUNT - 1)
  to[NOMINAL] = (1 - BEGINS) * nominal + disturbed * (backwards ? BEGINS * each : ENDS)
  const fromAny = (backwards ? ENDS : BEGINS * each) * nominal + CHANGES * each * disturbed
  for (let state = 1; state < COUNT; state++) {
    const own = from[state] as number
    const [low, high] =
      state < FIRST_OFFSET ? [1, FIRST_OFFSET - 1] : state < NOISY ? [FIRST_OFFSET, NOISY - 1] : [NOISY, COUNT - 1]
    const beside = (from[Math.max(low, state - 1)] as number) + (from[Math.min(high, state + 1)] as number)
    to[state] = fromAny + (1 - ENDS - CHANGES) * ((1 - WANDERS) * own + (WANDERS / 2) * beside)
  }
}
