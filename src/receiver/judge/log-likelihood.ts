import type { LitLevels } from '../read/packet-bits.js'

// As parts of the step from grey to white: light without any noise would outweigh everything.
const LEAST_RMS = 0.01
/** A Gaussian of this rms has the entropy of a uniform distribution of width 1: 1 / sqrt(2 pi e). */
const AS_WIDE = 1 / Math.sqrt(2 * Math.PI * Math.E)

/**
 * The log-likelihood of a reading, in nats: how much better grey and white with noise explain its bits than a message that is not
 * there, whose levels would be anything over twice the step from grey to white.
 *
 * A bit's level is x. With a message its density is half a Gaussian of rms s around grey, and half around white; without, it is
 * uniform over 2 d, d being the step. The mean of the log-ratio over n bits with that rms is n ln(d / (s sqrt(2 pi e))):
 * 3.2 nats a bit in clear light, 0.3 at 9 dB, none for levels that are evenly anywhere, less where they crowd
 * around the threshold. So it grows with the bits that are read, and a reading that is cut or timed worse has less.
 *
 * @param levels of the bits after the marker, above black
 */
export function logLikelihoodOf(levels: readonly number[], { grey, white }: LitLevels): number {
  const step = white - grey
  if (levels.length === 0 || !(step > 0)) return 0
  const half = step / 2
  const squares = levels.reduce(
    (sum, level) => sum + (Math.abs(level - grey - half) - half) ** 2,
    0,
  )
  const rms = Math.max(Math.sqrt(squares / levels.length), LEAST_RMS * step)
  return levels.length * Math.log((AS_WIDE * step) / rms)
}
