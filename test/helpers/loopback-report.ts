import type { LoopbackReport } from '../../src/bench/loopback.js'
import type { VerdictFailure } from '../../src/bench/verdict.js'
import { HOST_CLOCK } from '../../src/light/clock.js'
import { NO_UNCERTAINTY } from '../../src/receiver/judge/quality.js'

export interface ReportOptions {
  readonly reason?: VerdictFailure | null
  readonly margin?: number | null
  readonly black?: number
  readonly snrDb?: number | null
}

/** What came of a message, where only that matters that a soak follows. */
export function loopbackReport(options: ReportOptions = {}): LoopbackReport {
  const { reason = null, margin = 0.9, black = 0.05, snrDb = 30 } = options
  const levels = { black, grey: black + 0.312, white: black + 0.6 }
  return {
    verdict: reason === null ? 'pass' : 'fail',
    reason,
    advice: '',
    reception: {
      kind: 'message',
      startS: 0,
      endS: 1,
      levels,
      quality: {
        swing: 0.6,
        snrDb,
        eyeHeight: 0.9,
        eyeWidth: 0.9,
        leastCertainBit: margin === null ? null : { bit: 3, margin },
        flicker: null,
        clipped: { low: false, high: false },
        lightSwitches: 0,
        timeConstantS: null,
        uncertainty: NO_UNCERTAINTY,
      },
      advice: '',
      symbolRateHz: 60,
      timingSpread: { rmsS: 150e-6, maxS: 300e-6 },
      packet: new Uint8Array(),
      greyRatio: 0.52,
      config: {},
    },
    play: { symbols: 230, symbolRateHz: 60, greyRatio: 0.52, startS: 0, clock: HOST_CLOCK },
    gaps: [],
    seenClock: HOST_CLOCK,
    light:
      reason === null
        ? { beginLateS: 1e-3, endLateS: 0, rateError: 20e-6, greyError: 0, toleranceS: 0.01 }
        : null,
    differences: [],
  } as LoopbackReport
}
