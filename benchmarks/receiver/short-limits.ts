import { readFileSync } from 'node:fs'
import { progress } from '../report.js'
import { arrivedOf, LIMITS_FILE, SWEEPS } from './limits.js'
import { arrivedAt } from './snr.js'
import type { Section } from './trial.js'

/** The first of the messages of which all arrive at a limit that is kept. */
const MESSAGES = 8

/** Where about 80 % arrive, success falls by 12 % or more with half a decibel; of so many that is five times what chance makes. */
const NOISY_MESSAGES = 400
const NOISY = [
  { samplesASymbol: 10, snrDb: 10.5, kept: 306 },
  { samplesASymbol: 20, snrDb: 10, kept: 305 },
  { samplesASymbol: 50, snrDb: 10, kept: 312 },
] as const

/** The fewest that arrive of those that are as likely as the kept ones, but for one case in 700. */
function leastOf(kept: number): number {
  return Math.floor(kept - 3 * Math.sqrt(kept * (1 - kept / NOISY_MESSAGES)))
}

/** Whether nothing has become worse, in a minute: a few messages at each limit, and many in noise. Exact, as all seeds are kept. */
export function shortLimits(): Section {
  const limits: Record<string, number | null> = JSON.parse(readFileSync(LIMITS_FILE, 'utf8'))
  const rows = SWEEPS.flatMap((sweep) => {
    const value = limits[sweep.name] ?? null
    if (value === null) return []
    const arrived = arrivedOf(sweep, value, MESSAGES)
    return [{ impairment: sweep.name, value, arrived, change: arrived < MESSAGES ? 'WORSE' : '' }]
  })
  const noisy = NOISY.map(({ samplesASymbol, snrDb, kept }) => {
    progress(`limits: noise, ${samplesASymbol} samples a symbol`)
    const arrived = arrivedAt(snrDb, samplesASymbol, NOISY_MESSAGES)
    const least = leastOf(kept)
    return { samplesASymbol, snrDb, kept, least, arrived, change: arrived < least ? 'WORSE' : '' }
  })
  if ([...rows, ...noisy].some(({ change }) => change === 'WORSE')) process.exitCode = 1
  return {
    tables: {
      [`Messages of ${MESSAGES} that arrive at the limits that are kept`]: rows,
      [`Messages of ${NOISY_MESSAGES} that arrive in Gaussian noise`]: noisy,
    },
  }
}
