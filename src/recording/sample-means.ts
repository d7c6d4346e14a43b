import type { ValueBlock } from './recording.js'

/** Light needs no more; a line with PWM becomes the light that it makes. */
const MOST_MEANS_HZ = 20_000
const BLOCK_ROWS = 4096

/** Samples in each mean. */
export const samplesPerMean = (sampleRateHz: number): number =>
  Math.max(1, Math.ceil(sampleRateHz / MOST_MEANS_HZ))

/** Times of the middles of some means in a row; the first sample of all is at zero seconds. */
function meanTimesS(firstRow: number, rows: number, sampleRateHz: number): Float64Array {
  const each = samplesPerMean(sampleRateHz)
  const middle = (each - 1) / 2
  return Float64Array.from(
    { length: rows },
    (_, i) => ((firstRow + i) * each + middle) / sampleRateHz,
  )
}

/**
 * Logic samples as means of equal numbers of them, at most 20,000 a second, each at the time of its middle. What is left at the end
 * is no mean.
 */
export class LogicMeans {
  readonly #samplesPerMean: number
  /** Where the bits of the channels are in a sample. */
  readonly #bytes: readonly number[]
  readonly #masks: readonly number[]
  /** Of the mean that is begun. */
  readonly #ones: Float64Array
  #samples = 0
  readonly #values: Float64Array[]
  #rows = 0
  #doneRows = 0

  /**
   * @param bits numbers of the channels' bits in a sample
   * @param unitBytes of one sample
   */
  constructor(
    bits: readonly number[],
    private readonly unitBytes: number,
    private readonly sampleRateHz: number,
  ) {
    this.#samplesPerMean = samplesPerMean(sampleRateHz)
    this.#bytes = bits.map((bit) => bit >> 3)
    this.#masks = bits.map((bit) => 1 << (bit & 7))
    this.#ones = new Float64Array(bits.length)
    this.#values = bits.map(() => new Float64Array(BLOCK_ROWS))
  }

  /** @param samples whole ones */
  *push(samples: Uint8Array): Generator<ValueBlock> {
    const { unitBytes } = this
    for (let start = 0; start < samples.length; ) {
      // Most samples are as the one before, so that a run of them is found byte by byte and counted at once.
      let end = start + unitBytes
      while (end < samples.length && samples[end] === samples[end - unitBytes]) end++
      let left = Math.floor((end - start) / unitBytes)
      end = start + left * unitBytes
      while (left > 0) {
        const taken = Math.min(left, this.#samplesPerMean - this.#samples)
        this.#count(samples, start, taken)
        left -= taken
        if (this.#rows === BLOCK_ROWS) yield this.#take()
      }
      start = end
    }
  }

  *end(): Generator<ValueBlock> {
    if (this.#rows > 0) yield this.#take()
  }

  #count(samples: Uint8Array, at: number, count: number): void {
    const ones = this.#ones
    for (let i = 0; i < ones.length; i++) {
      const byte = samples[at + (this.#bytes[i] as number)] as number
      if (byte & (this.#masks[i] as number)) (ones[i] as number) += count
    }
    this.#samples += count
    if (this.#samples < this.#samplesPerMean) return
    for (const [i, values] of this.#values.entries()) {
      values[this.#rows] = (ones[i] as number) / this.#samplesPerMean
    }
    this.#rows++
    this.#samples = 0
    ones.fill(0)
  }

  #take(): ValueBlock {
    const timesS = meanTimesS(this.#doneRows, this.#rows, this.sampleRateHz)
    const values = this.#values.map((values) => values.slice(0, this.#rows))
    this.#doneRows += this.#rows
    this.#rows = 0
    return { firstChannel: 0, timesS, values }
  }
}

const FLOAT_BYTES = 4

/** Samples of one analog channel as such means; those that are no number do not count. */
export class AnalogMeans {
  readonly #samplesPerMean: number
  /** Of the mean that is begun. */
  #sum = 0
  #numbers = 0
  #samples = 0
  #doneRows = 0

  constructor(
    private readonly channel: number,
    private readonly sampleRateHz: number,
  ) {
    this.#samplesPerMean = samplesPerMean(sampleRateHz)
  }

  /** @param bytes whole 32-bit floats, low byte first */
  *push(bytes: Uint8Array): Generator<ValueBlock> {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const count = this.#samples + bytes.length / FLOAT_BYTES
    const values = new Float64Array(Math.floor(count / this.#samplesPerMean))
    let rows = 0
    for (let at = 0; at < bytes.length; at += FLOAT_BYTES) {
      const value = view.getFloat32(at, true)
      if (!Number.isNaN(value)) {
        this.#sum += value
        this.#numbers++
      }
      if (++this.#samples < this.#samplesPerMean) continue
      values[rows++] = this.#sum / this.#numbers
      this.#sum = this.#numbers = this.#samples = 0
    }
    if (rows === 0) return
    const timesS = meanTimesS(this.#doneRows, rows, this.sampleRateHz)
    yield { firstChannel: this.channel, timesS, values: [values] }
    this.#doneRows += rows
  }
}
