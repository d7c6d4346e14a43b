import { Framer } from './framer.js'
import { diagnose, type Reception } from './reception.js'
import type { SampleBlock } from './samples.js'
import { Slicer } from './slicer.js'

/** A capture that changes less, half the least swing of a message, has none because it has no light. */
const LEAST_SWING = 0.05

/**
 * Reads BlinkUp messages from photodiode samples: streaming, in constant memory. One receiver serves
 * one capture, with any number of messages in it, whatever stands between them.
 *
 * Receives without an error, each taken alone:
 * - 10 to 250 symbols a second at 6 samples a symbol or more, 250 to 10,000 samples a second
 * - a white-black swing from 0.1 of full scale on a 10-bit ADC, black at 0 to 0.6, grey at 0.35 to 0.75 of white
 * - Gaussian noise of 1/32 of the swing (rms), 100 Hz flicker of 5 % of it (peak; 10 % up to 60 symbols
 *   a second), other light that drifts by 20 % of it in a second
 * - sensor rise and fall times (one pole, unequal) of 15 % of a symbol
 * - 12 zero bits or more before the marker
 *
 * A sync without a marker is no message, as any regular light looks like one: only `end` reports it, when
 * the capture has nothing else.
 */
export class Receiver {
  readonly #slicer = new Slicer()
  readonly #framer = new Framer()
  #firstS: number | null = null
  #lastS = -Infinity
  #min = Infinity
  #max = -Infinity
  #found = false

  /**
   * Takes the next samples; the result does not depend on how they are cut into blocks.
   *
   * @returns the messages that these samples complete, good or failed, oldest first
   * @throws RangeError for a block that breaks the contract of SampleBlock, before any of it is used
   */
  push(block: SampleBlock): Reception[] {
    this.#check(block)
    const { timesS, levels } = block
    const receptions: Reception[] = []
    for (let index = 0; index < timesS.length; index++) {
      const timeS = timesS[index] as number
      const level = levels[index] as number
      this.#min = Math.min(this.#min, level)
      this.#max = Math.max(this.#max, level)
      const pulse = this.#slicer.push(timeS, level)
      if (pulse) this.#add(this.#framer.pulse(pulse), receptions)
      else if (timeS > this.#framer.deadlineS) this.#add(this.#framer.silence(), receptions)
    }
    return receptions
  }

  /**
   * Ends the capture.
   *
   * @returns the message that the end completes or breaks; when the whole capture had none, not even one
   *   that failed after its marker, one failed reception that says why
   */
  end(): Reception[] {
    const receptions: Reception[] = []
    const pulse = this.#slicer.end()
    if (pulse) this.#add(this.#framer.pulse(pulse), receptions)
    this.#add(this.#framer.end(), receptions)
    if (!this.#found) this.#add(this.#nothing(), receptions)
    return receptions
  }

  #add(reception: Reception | null, receptions: Reception[]): void {
    this.#slicer.follow(this.#framer.knownSignal)
    if (!reception) return
    this.#slicer.forget()
    this.#found = true
    receptions.push(reception)
  }

  #nothing(): Reception {
    const lit = this.#max - this.#min >= LEAST_SWING
    if (lit && this.#framer.bareSync) return this.#framer.bareSync
    const levels = { black: this.#firstS === null ? null : this.#min, grey: null, white: null }
    return {
      ok: false,
      reason: lit ? 'no-marker' : diagnose('no-light', levels),
      startS: this.#firstS ?? 0,
      endS: this.#firstS === null ? 0 : this.#lastS,
      packetBits: 0,
      packet: null,
      config: null,
      symbolRateHz: null,
      timingSpread: null,
      levels,
      greyRatio: null,
    }
  }

  #check({ timesS, levels }: SampleBlock): void {
    if (timesS.length !== levels.length) {
      throw new RangeError(
        `Give as many times as levels: there are ${timesS.length} times and ${levels.length} levels.`,
      )
    }
    let lastS = this.#lastS
    for (let index = 0; index < timesS.length; index++) {
      const timeS = timesS[index] as number
      const level = levels[index] as number
      if (!(timeS > lastS && timeS < Infinity)) {
        throw new RangeError(
          `Give finite, strictly increasing times: sample ${index} of the block is at ${timeS} s after ${lastS} s.`,
        )
      }
      if (!(level >= 0 && level <= 1)) {
        throw new RangeError(
          `Give levels from 0 to 1 of full scale: sample ${index} of the block is ${level}.`,
        )
      }
      lastS = timeS
    }
    if (timesS.length === 0) return
    this.#firstS ??= timesS[0] as number
    this.#lastS = lastS
  }
}
