import { constants } from 'node:os'
import { getSystemErrorMap } from 'node:util'
import { ModulationError } from '../modulation/errors.js'
import { ConfigError, PacketError } from '../packet/index.js'
import { RecordingError } from '../recording/errors.js'
import { type Remedy, RigError, type RigErrorCode } from '../rig/errors.js'
import { withRemedy } from './remedies.js'

/** Exit codes of the commands: those of sysexits.h where one fits. */
export const EXIT = {
  done: 0,
  checkFailed: 1,
  usage: 64,
  badData: 65,
  noInput: 66,
  noDevice: 69,
  bug: 70,
  system: 71,
  inputOutput: 74,
  lockedOut: 75,
  badFixture: 78,
} as const

/** What a command ends with when it cannot do its work: one sentence that says what to do. */
export class CommandError extends Error {
  override readonly name = 'CommandError'

  constructor(
    readonly exitCode: number,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}

/** The reason with which a signal from outside ends a command: 130 for Ctrl-C, 143 for SIGTERM. */
export class Interrupted extends CommandError {
  /** `light` says what is known of the LED. */
  constructor(
    readonly signal: NodeJS.Signals,
    light?: string,
    options?: ErrorOptions,
  ) {
    super(
      128 + constants.signals[signal],
      [`interrupted by ${signal}`, light].filter(Boolean).join('; '),
      options,
    )
  }
}

const RIG_EXIT: Readonly<Record<RigErrorCode, number>> = {
  misconfigured: EXIT.badFixture,
  'not-loaded': EXIT.bug,
  missing: EXIT.noDevice,
  ambiguous: EXIT.noDevice,
  forbidden: EXIT.noDevice,
  'no-answer': EXIT.noDevice,
  foreign: EXIT.noDevice,
  refused: EXIT.noDevice,
  locked: EXIT.lockedOut,
  damaged: EXIT.inputOutput,
  unplugged: EXIT.inputOutput,
  reset: EXIT.inputOutput,
  'broken-off': EXIT.inputOutput,
  'may-be-lit': EXIT.inputOutput,
  'too-long': EXIT.badData,
}

/** What is told of an error: its sentence has the command or the option in it that its remedy is. */
export interface Explanation {
  readonly exitCode: number
  readonly message: string
  readonly remedy?: Remedy
}

/** The exit code and the sentence for anything that a command throws. */
export function explain(error: unknown): Explanation {
  if (error instanceof CommandError) return { exitCode: error.exitCode, message: error.message }
  if (error instanceof RigError) {
    const { code, message, remedy } = error
    const exitCode = RIG_EXIT[code]
    return { exitCode, message: withRemedy(message, remedy), ...(remedy && { remedy }) }
  }
  if (
    error instanceof ConfigError ||
    error instanceof PacketError ||
    error instanceof ModulationError ||
    error instanceof RecordingError
  ) {
    return { exitCode: EXIT.badData, message: error.message }
  }
  if (isOutOfResources(error)) {
    return {
      exitCode: EXIT.system,
      message: `${systemReason(error)}: allow this program more files or memory (ulimit -a)`,
    }
  }
  if (isSystemError(error)) {
    return {
      exitCode: EXIT.inputOutput,
      message: `cannot ${error.syscall === 'write' ? 'write the output' : error.syscall}: ${systemReason(error)}`,
    }
  }
  const stack = error instanceof Error ? error.stack : String(error)
  return {
    exitCode: EXIT.bug,
    message: `this is a bug in blinkup, please report it: ${stack?.replace(/\s*\n\s*/g, ' ')}`,
  }
}

/** An error that says nothing about what was asked for: the system has no files, memory or processes left. */
export function isOutOfResources(error: unknown): error is NodeJS.ErrnoException {
  const { code = '', syscall = '' } = (error ?? {}) as NodeJS.ErrnoException
  return (
    ['EMFILE', 'ENFILE', 'ENOMEM'].includes(code) ||
    (code === 'EAGAIN' && /^(spawn|fork)/.test(syscall))
  )
}

/** An error of the operating system, such as ENOENT. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && 'syscall' in error
}

/** What the operating system said, without file names. */
export function systemReason({ errno = 0, message }: NodeJS.ErrnoException): string {
  return getSystemErrorMap().get(errno)?.[1] ?? message
}
