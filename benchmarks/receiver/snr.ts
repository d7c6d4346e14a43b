import { progress, round } from '../report.js'
import { snrFigure } from './plots.js'
import { arrives, PACKET_BITS, type Section } from './trial.js'

const MARKER_BITS = 8

/** Upper tail of the normal distribution: Abramowitz and Stegun 26.2.17, error below 7.5e-8. */
function q(x: number): number {
  const t = 1 / (1 + 0.2316419 * x)
  const series =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  return (Math.exp(-(x ** 2) / 2) / Math.sqrt(2 * Math.PI)) * series
}

/** Success of a receiver that knows timing and levels, and integrates each lit symbol: all bits must be right. */
const bound = (snrDb: number): number => (1 - q(10 ** (snrDb / 20))) ** (PACKET_BITS + MARKER_BITS)

interface Point {
  readonly snrDb: number
  readonly success: number
}

/** SNR where `success`, which rises, reaches `part`: interpolated in the logarithm of what fails. */
function reaches(part: number, points: readonly Point[]): number {
  const failing = (success: number): number => Math.log(Math.max(1 - success, 1e-4))
  const above = points.findIndex(({ success }) => success >= part)
  const [low, high] = [points[above - 1], points[above]]
  if (!low || !high) return Number.NaN
  const step =
    (failing(part) - failing(low.success)) / (failing(high.success) - failing(low.success))
  return low.snrDb + step * (high.snrDb - low.snrDb)
}

const MESSAGES = 2000
const SNRS_DB = [7, 8, 8.5, 9, 9.5, 10, 10.5, 11, 11.5, 12, 12.5, 13]
const BOUND: readonly Point[] = Array.from({ length: 601 }, (_, n) => 7 + n / 100).map((snrDb) => ({
  snrDb,
  success: bound(snrDb),
}))

/** How many of so many messages arrive. */
export function arrivedAt(snrDb: number, samplesASymbol: number, messages: number): number {
  // Half the distance of grey and white over the noise of a symbol's mean.
  const noiseRms = ((0.48 / 2) * Math.sqrt(samplesASymbol)) / 10 ** (snrDb / 20)
  const channel = {
    sampleRateHz: 60 * samplesASymbol,
    noiseRms,
    swing: 0.05,
    black: 0.47,
    adcBits: 16,
  }
  let arrived = 0
  for (let seed = 1; seed <= messages; seed++) arrived += Number(arrives(channel, seed))
  return arrived
}

/** Packets that arrive in noise, beside the bound. */
export function snr(): Section {
  const curves = [10, 20, 50].map((samplesASymbol) => {
    const points = SNRS_DB.map((snrDb) => {
      progress(`snr: ${samplesASymbol} samples a symbol, ${snrDb} dB`)
      return { snrDb, success: arrivedAt(snrDb, samplesASymbol, MESSAGES) / MESSAGES }
    })
    const lossDb = (part: number): number => round(reaches(part, points) - reaches(part, BOUND), 2)
    return {
      samplesASymbol,
      points,
      lossAt50PercentDb: lossDb(0.5),
      lossAt99PercentDb: lossDb(0.99),
    }
  })
  return {
    tables: {
      [`Packets of ${PACKET_BITS} bits that arrive in Gaussian noise, of ${MESSAGES}`]:
        curves.flatMap(({ samplesASymbol, points }) =>
          points.map(({ snrDb, success }) => ({
            samplesASymbol,
            snrDb,
            bound: round(bound(snrDb), 3),
            success: round(success, 3),
          })),
        ),
      'Loss against a receiver that knows levels and timing exactly': curves.map(
        ({ points: _, ...losses }) => losses,
      ),
    },
    figures: [snrFigure(curves, BOUND, MESSAGES)],
  }
}
