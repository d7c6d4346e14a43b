import { constants } from 'node:os'
import { getSystemErrorMap } from 'node:util'
import { EnrollmentError } from '../factory/enrollment/errors.js'
import { FactoryError } from '../factory/errors.js'
import { PlantError } from '../factory/plant/errors.js'
import { RecordsError } from '../factory/records/errors.js'
import { ModulationError } from '../modulation/errors.js'
import { ConfigError, PacketError } from '../packet/index.js'
import { RecordingError } from '../recording/errors.js'
import type { Failure } from '../report/documents.js'
import { ERRORS, type ErrorCode, type FamilyCode } from '../report/error-codes.js'
import { type Remedy, RigError } from '../rig/errors.js'
import { WORDED_RECORDING_REMEDIES, withRemedy } from './remedies.js'

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
  timeout: 124,
} as const

/** What a command ends with when it cannot do its work: one sentence that says what to do. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  readonly code: ErrorCode

  /** `code` where the exit code alone does not tell it. */
  constructor(
    readonly exitCode: number,
    message: string,
    options?: ErrorOptions & { readonly code?: ErrorCode },
  ) {
    super(message, options)
    this.code = options?.code ?? CODE_OF_EXIT[exitCode] ?? 'bug'
  }
}

const CODE_OF_EXIT: Readonly<Record<number, ErrorCode>> = {
  [EXIT.checkFailed]: 'check-failed',
  [EXIT.usage]: 'usage',
  [EXIT.badData]: 'credentials.file',
  [EXIT.noInput]: 'no-input',
  [EXIT.noDevice]: 'missing-tool',
  [EXIT.bug]: 'bug',
  [EXIT.system]: 'system',
  [EXIT.inputOutput]: 'output',
  [EXIT.lockedOut]: 'rig.locked',
  [EXIT.badFixture]: 'fixture',
  [EXIT.timeout]: 'enrollment.no-device',
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
      { code: 'interrupted', ...options },
    )
  }
}

/**
 * The code, the exit code and the sentence for anything that a command throws: its sentence has the command or the option in it
 * that its remedy is.
 */
export function explain(error: unknown): Failure {
  if (error instanceof CommandError) {
    const { code, exitCode, message } = error
    return { code, exitCode, message }
  }
  if (error instanceof RigError) return ofFamily(`rig.${error.code}`, error, error.remedy)
  if (error instanceof ConfigError) return ofFamily(`credentials.${error.code}`, error)
  if (error instanceof PacketError) return ofFamily(`packet.${error.code}`, error)
  if (error instanceof ModulationError) return ofFamily(`symbols.${error.code}`, error)
  if (error instanceof RecordingError) {
    const failure = ofFamily(`recording.${error.code}`, error)
    const words = WORDED_RECORDING_REMEDIES[error.code]
    return words ? { ...failure, message: `${failure.message} (${words})` } : failure
  }
  if (error instanceof FactoryError) return ofFamily(`factory.${error.code}`, error)
  if (error instanceof RecordsError) return ofFamily(`records.${error.code}`, error)
  if (error instanceof PlantError) return ofFamily(`plant.${error.code}`, error)
  if (error instanceof EnrollmentError) return ofFamily(`enrollment.${error.code}`, error)
  if (isOutOfResources(error)) {
    return {
      code: 'system',
      exitCode: EXIT.system,
      message: `${systemReason(error)}: allow this program more files or memory (ulimit -a)`,
    }
  }
  if (isSystemError(error)) {
    const isOutput = error.syscall === 'write'
    return {
      code: isOutput ? 'output' : 'input-output',
      exitCode: EXIT.inputOutput,
      message: `cannot ${isOutput ? 'write the output' : error.syscall}: ${systemReason(error)}`,
    }
  }
  const stack = error instanceof Error ? error.stack : String(error)
  return {
    code: 'bug',
    exitCode: EXIT.bug,
    message: `this is a bug in blinkup, please report it: ${stack?.replace(/\s*\n\s*/g, ' ')}`,
  }
}

const ofFamily = (code: FamilyCode, { message }: Error, remedy?: Remedy): Failure => ({
  code,
  exitCode: ERRORS[code].exitCode,
  message: withRemedy(message, remedy),
  ...(remedy && { remedy }),
})

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
