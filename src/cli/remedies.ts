import type { RecordingErrorCode } from '../recording/errors.js'
import type { Remedy } from '../rig/errors.js'

/** What each remedy is on this command line. */
export const WORDED_REMEDIES: Readonly<Record<Remedy, string>> = {
  flash: 'blinkup firmware flash',
  'flash-old-bootloader': '--board nano-old',
  'flash-new-bootloader': 'without --board nano-old',
  off: 'blinkup off, with the same options',
  doctor: 'see blinkup doctor',
  'doctor-as-root': 'sudo blinkup doctor, with the same options',
  'other-rig': '--rig bridge or --rig emulated',
  'lower-sample-rate': '--sample-rate',
  'set-grey-ratio': '--grey',
  'allow-install-scripts': 'npm install --allow-scripts=epoll',
}

/** What tells a command that reads a recording what the file does not. */
export const WORDED_RECORDING_REMEDIES: Partial<Readonly<Record<RecordingErrorCode, string>>> = {
  unit: '--time-unit or --sample-rate',
  rate: '--sample-rate',
  channel: '--channel, or --white-line and --grey-line',
}

/** A sentence of the library, with what it means on this command line. */
export function withRemedy(sentence: string, remedy: Remedy | undefined): string {
  return remedy === undefined ? sentence : `${sentence} (${WORDED_REMEDIES[remedy]})`
}
