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

/**
 * What this package can do, or be told, about a fault, and what that means: a user interface words it in its own terms, such as
 * a command or a button.
 */
export const REMEDIES = {
  flash: "write this package's firmware to the board",
  'flash-old-bootloader': 'the same, to a Nano with the old bootloader',
  'flash-new-bootloader': 'the same, to a board with the bootloader of today',
  off: 'turn the LED dark, and give back what a program that was killed has left',
  doctor: 'look at the machine and the rig',
  'doctor-as-root': 'the same with the rights to see what other users run',
  'other-rig': 'use a rig of kind bridge or emulated',
  'lower-sample-rate': 'take fewer samples a second',
  'set-grey-ratio': 'make grey a larger or smaller part of white',
  'allow-install-scripts': 'let the installer compile what onoff needs',
} as const

export type Remedy = keyof typeof REMEDIES

export interface RigErrorOptions extends ErrorOptions {
  readonly remedy?: Remedy | undefined
}

/** A rig that cannot do what it is asked; the message is one sentence that says what to do. */
export class RigError extends Error {
  override readonly name: string = 'RigError'
  /** Where this package can help. */
  readonly remedy: Remedy | undefined

  /** @param options what it was caused by, which never holds a secret, and where this package can help */
  constructor(
    readonly code: RigErrorCode,
    message: string,
    options: RigErrorOptions = {},
  ) {
    super(message, options)
    this.remedy = options.remedy
  }
}

/** What is asked of a rig after it has been closed. */
export const rigClosed = (): RigError => new RigError('refused', 'the rig is closed: open it again')

/** Light whose changes came late by more than a quarter of a symbol: the message has failed. */
export class LateLightError extends RigError {
  constructor(
    readonly pacing: PacingReport,
    /** What was played, late as it was. */
    readonly play: PlayReport,
  ) {
    const { lateSymbols, edges, maxS, scheduling } = pacing
    const advice = scheduling.realTime
      ? 'end other programs'
      : 'allow real-time priority or end other programs'
    super(
      'broken-off',
      `${lateSymbols} of ${edges} changes of the light came more than a quarter of a symbol late, up to ${(1000 * maxS).toFixed(1)} ms: ${advice}, and send again`,
      { remedy: scheduling.realTime ? undefined : 'doctor' },
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
      `the light ended ${when}, so the board's clock does not run at the rate it reports: flash its firmware, or use another board`,
      { remedy: 'flash' },
    )
  }
}
