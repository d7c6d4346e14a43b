import { RigError } from '../errors.js'

/** From a reply to what it has started: the first symbol, the first sample. */
export const LEAD_S = 0.1

/** The board does something other than it was asked for. */
export const misunderstood = (what: string): RigError =>
  new RigError('damaged', `the board has misread the ${what}: send again`)

/** The board reports what no board with this firmware does. */
export const impossible = (report: string): RigError =>
  new RigError(
    'damaged',
    `the board ${report}, which is impossible: flash its firmware, or use another board`,
    { remedy: 'flash' },
  )

/** The worst that whole PWM cycles can do, at 2,000 Hz (16 PWM cycles a symbol), is less; and so it is of sample periods. */
const RATE_TOLERANCE = 0.002

/** Whether the board makes the rate that it was asked for. */
export const isNear = (madeHz: number, wantedHz: number): boolean =>
  Math.abs(madeHz / wantedHz - 1) <= RATE_TOLERANCE
