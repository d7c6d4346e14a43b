import type { PacingReport, PlayReport } from './rig.js'

export type RigErrorCode =
  | 'misconfigured' // no configuration of a rig
  | 'not-loaded' // a part of this program is missing or damaged
  | 'missing' // no such device, or a program that is needed for it
  | 'ambiguous' // several devices that it may be
  | 'forbidden' // no permission to open it
  | 'locked' // another program has it
  | 'no-answer' // nothing, or nothing sensible, comes back
  | 'foreign' // another device or firmware
  | 'refused' // the device refuses what it is asked
  | 'damaged' // what arrived, or was written, is not what was sent
  | 'unplugged' // the connection ended
  | 'reset' // the device restarted by itself
  | 'broken-off' // the light was not what was asked for
  | 'may-be-lit' // nothing says that the LED is dark
  | 'too-long' // more symbols than the emitter holds

/** A rig that cannot do what it is asked; the message is one sentence that says what to do. */
export class RigError extends Error {
  override readonly name: string = 'RigError'

  constructor(
    readonly code: RigErrorCode,
    message: string,
  ) {
    super(message)
  }
}

/** Light whose changes came late by more than a quarter of a symbol: the message has failed. */
export class LateLightError extends RigError {
  constructor(readonly pacing: PacingReport) {
    const { lateSymbols, edges, maxS, scheduling } = pacing
    const remedy = scheduling.realTime
      ? 'end other programs'
      : 'allow real-time priority (blinkup doctor says how) or end other programs'
    super(
      'broken-off',
      `${lateSymbols} of ${edges} changes of the light came late by more than a quarter of a symbol, up to ${(1000 * maxS).toFixed(1)} ms: ${remedy}, and send again`,
    )
  }
}

/** Light that ended when it cannot have, by this computer's clock; the report is what the emitter says of it. */
export class UntimelyLightError extends RigError {
  constructor(
    readonly play: PlayReport,
    /** How much too early, or too late if negative. */
    readonly earlyS: number,
  ) {
    const when = `${Math.abs(earlyS).toFixed(1)} s too ${earlyS > 0 ? 'early' : 'late'}`
    super(
      'broken-off',
      `the light ended ${when}, so that the board's clock is not what it says: flash it (blinkup firmware flash), or take another one`,
    )
  }
}
