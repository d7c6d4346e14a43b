import { BITS_PER_BYTE, mask } from '../read/packet-bits.js'

/** The light of a packet's bits, as all of them show it. Lengths are margins: half of the step from grey to white is 1. */
export interface PacketLight {
  /** Of each bit: 1 at the level of white, 0 half-way, -1 at the level of grey. */
  readonly margins: readonly number[]
  /** From half-way down to black. */
  readonly blackBelow: number
  /** Rms of a bit where nothing disturbs it. */
  readonly noiseRms: number
}

/** How likely the light is with other bits than the decided ones; with these it is 1. */
export interface OtherBits {
  /** Of each bit: it alone is another one. */
  readonly flips: Float64Array
  /** Of each bit: it is another one, whatever the others are; to it being as decided, whatever the others are. */
  readonly doubts: Float64Array
  /** All other bits together, as far as it was a disturbance that made them seem to be those. */
  readonly disturbed: number
}

/** What may be between a bit as it was sent and its margin. */
interface State {
  /** Of all light, and then above that. */
  readonly gain: number
  readonly offset: number
  /** Beside the noise. */
  readonly rms: number
}

// A shade, a gain or a sender that gets darker multiplies levels, a lamp adds to them until black is known again: from 0.4 to
// 2.5 times, and from grey to beyond twice the swing. What is between two states is noise: a step's 12th root for offsets.
const GAINS = steps(9).map((n) => ({ gain: Math.exp(0.1 * n), offset: 0 }))
const OFFSETS = steps(10).map((n) => ({ gain: 1, offset: 0.4 * n }))
const STATE_RMS = 0.4 / Math.sqrt(12)
// What is neither: impulses, another sender, light that wobbles.
const NOISY = [0.25, 0.5, 1].map((rms) => ({ gain: 1, offset: 0, rms }))
const NOMINAL: State = { gain: 1, offset: 0, rms: 0 }
const STATES: readonly State[] = [
  NOMINAL,
  ...[...GAINS, ...OFFSETS].map((state) => ({ ...state, rms: STATE_RMS })),
  ...NOISY,
]
const COUNT = STATES.length
/** Of each state, those beside it in its family, which it may wander to. */
const BESIDE = STATES.map((_, state) => {
  const starts = [1, 1 + GAINS.length, 1 + GAINS.length + OFFSETS.length, COUNT]
  const family = starts.findIndex((start) => start > state)
  const [first, end] = [starts[family - 1] ?? 0, starts[family] as number]
  return [Math.max(first, state - 1), Math.min(end - 1, state + 1)] as const
})

// How often, of a bit: a disturbance begins; ends; becomes any other; becomes one beside it. Fitted on the disturbances of the
// benchmark, where they hardly matter; that one begins is less rare there than on a bench.
const BEGINS = 1e-3
const ENDS = 0.03
const CHANGES = 0.01
const WANDERS = 0.3

// A bit of no state, as where a disturbance begins within it: this part of all, and anywhere within the widest margins.
const STRAY_DENSITY = 1e-3 / 16
// A bit that an impulse hits alone, mostly by little: one in a hundred, with an rms that one of the swing makes of sixteen samples.
// Without it such a bit would say nothing of its value, however near to its level. Fitted.
const HIT = 1.5e-2
const HIT_RMS = 0.25
// Beside that, e^-40 is nothing.
const NEGLIGIBLE = 40

// Rounding and what a sensor leaves of one symbol in the next make more than no noise.
const LEAST_NOISE = 0.02
// Deviations count as so many times the noise that the median tells, at most: a burst must not hide itself.
const LARGEST_DEVIATION = 3
const RMS_OF_MEDIAN = 1.4826

/** Rms deviation of margins from their levels, where most of them are not disturbed. */
export function noiseOf(margins: readonly number[]): number {
  const deviations = Float64Array.from(margins, (margin) => Math.abs(Math.abs(margin) - 1)).sort()
  const middle = deviations[deviations.length >> 1] ?? 0
  const largest = LARGEST_DEVIATION * RMS_OF_MEDIAN * middle
  const squares = deviations.reduce((sum, deviation) => sum + Math.min(deviation, largest) ** 2, 0)
  return Math.max(LEAST_NOISE, Math.sqrt(squares / deviations.length) || 0)
}

/**
 * Weighs all other bits against the decided ones, whatever the CRC says of them: a hidden Markov model whose states are the
 * disturbances of light, and the forward-backward algorithm over it (Rabiner, A tutorial on hidden Markov models,
 * Proc. IEEE 1989), once with the bits as they were decided, and once with all that they may be.
 *
 * So a shade to half is seen by its greys, which no white is as dark as, though its whites look like grey; and a message in it
 * that was read right has two clear levels there and no other meaning.
 */
export function weighOthers(packet: Uint8Array, light: PacketLight): OtherBits {
  const bits = BITS_PER_BYTE * packet.length
  const { decided, other } = densities(packet, light)
  const asDecided = forwardBackward(decided)
  const free = forwardBackward(decided.map((density, at) => density + (other[at] as number)))
  const ratios = ({ before, after }: Chain): Float64Array =>
    Float64Array.from({ length: bits }, (_, bit) => {
      let [likelihood, otherwise] = [0, 0]
      for (let at = bit * COUNT; at < (bit + 1) * COUNT; at++) {
        const around = (before[at] as number) * (after[at] as number)
        likelihood += around * (decided[at] as number)
        otherwise += around * (other[at] as number)
      }
      return otherwise / likelihood
    })
  const { nats } = asDecided
  const isDisturbed = (chain: Chain): number =>
    Math.exp(chain.nats - nats) - Math.exp(chain.nominalNats - nats)
  return {
    flips: ratios(asDecided),
    doubts: ratios(free),
    disturbed: Math.max(0, isDisturbed(free) - isDisturbed(asDecided)),
  }
}

/** Of each bit and state: the probability density of its margin if it is as decided, and if it is another one. */
function densities(packet: Uint8Array, { margins, blackBelow, noiseRms }: PacketLight) {
  const bits = BITS_PER_BYTE * packet.length
  const decided = new Float64Array(bits * COUNT)
  const other = new Float64Array(bits * COUNT)
  for (const [state, { gain, offset, rms }] of STATES.entries()) {
    const variance = noiseRms ** 2 + rms ** 2
    const peak = 1 / Math.sqrt(2 * Math.PI * variance)
    const middle = (gain - 1) * blackBelow + offset
    const hitVariance = variance + HIT_RMS ** 2
    const hitPeak = HIT / Math.sqrt(2 * Math.PI * hitVariance)
    const density = (off: number): number => {
      const exponent = off ** 2 / (2 * variance)
      const hit = hitPeak * Math.exp(-(off ** 2) / (2 * hitVariance))
      return STRAY_DENSITY + hit + (exponent < NEGLIGIBLE ? peak * Math.exp(-exponent) : 0)
    }
    for (let bit = 0; bit < bits; bit++) {
      const above = (margins[bit] as number) - middle
      const sign = (packet[bit >> 3] as number) & mask(bit) ? 1 : -1
      decided[bit * COUNT + state] = density(above - sign * gain)
      other[bit * COUNT + state] = density(above + sign * gain)
    }
  }
  return { decided, other }
}

interface Chain {
  /** Of each bit and state, up to a factor for each bit: how likely it is by the light before, and how likely the light after. */
  readonly before: Float64Array
  readonly after: Float64Array
  /** Of all light, as logarithms of its likelihood; and of it and that nothing disturbed it. */
  readonly nats: number
  readonly nominalNats: number
}

function forwardBackward(densities: Float64Array): Chain {
  const end = densities.length
  const before = new Float64Array(end)
  const after = new Float64Array(end).fill(1)
  const row = new Float64Array(COUNT)
  /** The row at one bit, with its light; returns the factor that was taken out of it. */
  const weigh = (side: Float64Array, at: number): number => {
    let sum = 0
    for (let state = 0; state < COUNT; state++) {
      const likelihood = (side[at + state] as number) * (densities[at + state] as number)
      row[state] = likelihood
      sum += likelihood
    }
    for (let state = 0; state < COUNT; state++) row[state] = (row[state] as number) / sum
    return sum
  }
  let nats = 0
  let nominalNats = 0
  row[0] = 1
  for (let at = 0; at < end; at += COUNT) {
    stepForward(row, before.subarray(at, at + COUNT))
    nats += Math.log(weigh(before, at))
    nominalNats += Math.log((1 - BEGINS) * (densities[at] as number))
  }
  for (let at = end - COUNT; at > 0; at -= COUNT) {
    weigh(after, at)
    stepBackward(row, after.subarray(at - COUNT, at))
  }
  return { before, after, nats, nominalNats }
}

const ANY = 1 / (COUNT - 1)

function stepForward(from: Float64Array, to: Float64Array): void {
  const nominal = from[0] as number
  const disturbed = sumOfDisturbed(from)
  to[0] = (1 - BEGINS) * nominal + ENDS * disturbed
  wander(from, to, ANY * (BEGINS * nominal + CHANGES * disturbed))
}

/** The transpose of the step forward. */
function stepBackward(from: Float64Array, to: Float64Array): void {
  const nominal = from[0] as number
  const disturbed = ANY * sumOfDisturbed(from)
  to[0] = (1 - BEGINS) * nominal + BEGINS * disturbed
  wander(from, to, ENDS * nominal + CHANGES * disturbed)
}

function wander(from: Float64Array, to: Float64Array, fromOthers: number): void {
  for (let state = 1; state < COUNT; state++) {
    const [low, high] = BESIDE[state] as readonly [number, number]
    const beside = (from[low] as number) + (from[high] as number)
    const stayed = (1 - WANDERS) * (from[state] as number) + (WANDERS / 2) * beside
    to[state] = fromOthers + (1 - ENDS - CHANGES) * stayed
  }
}

function sumOfDisturbed(row: Float64Array): number {
  let sum = 0
  for (let state = 1; state < COUNT; state++) sum += row[state] as number
  return sum
}

function steps(each: number): number[] {
  return Array.from({ length: 2 * each + 1 }, (_, n) => n - each)
}
