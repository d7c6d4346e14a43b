import type { Limits } from '../../bench/figures.js'
import { measureAmbientLight } from '../../bench/light-levels.js'
import { type LoopbackReport, loopback } from '../../bench/loopback.js'
import { type MessageOptions, makeMessage } from '../../bench/message.js'
import type { SampleBlock } from '../../light/samples.js'
import type { Settings } from '../../packet/index.js'
import { RigError } from '../../rig/errors.js'
import type { Timebase } from '../../rig/timebase.js'
import type { EnrolledDevice, Enrollment } from '../enrollment/answers.js'
import type { EnrollmentClient } from '../enrollment/client.js'
import { EnrollmentError } from '../enrollment/errors.js'
import type { LabelPrinting } from '../label/printing.js'
import {
  CYCLE_REASONS,
  type CycleEnd,
  type CycleReason,
  type CycleState,
  type Measurement,
  type StoredResult,
} from '../records/cycle-record.js'
import { RecordsError } from '../records/errors.js'
import { judgeAmbient, type KnownLight } from './ambient.js'
import type { Inbox } from './inbox.js'
import { lightMeasurements } from './light-measurements.js'
import type { WatchedPath } from './watched-rig.js'

/** What is done with each unit, and what counts as done. Each step needs the ones before it. */
export interface CycleSteps {
  /** What each unit is told, but for its token. */
  readonly settings: Settings
  readonly message: MessageOptions
  /** What the light has to be, beside being read. */
  readonly limits: Limits
  /** Null for units that get no token: their cycle ends with the light. */
  readonly enrollment: {
    readonly client: EnrollmentClient
    readonly planId: string | undefined
    /** For how long the device is waited for at the server. */
    readonly timeoutS: number
  } | null
  /** How long after it has come the device may load, start and test itself; null where it tells nothing. */
  readonly resultTimeoutS: number | null
  /** How long after its result the server may take to bless it; null where nobody tells. */
  readonly blessingTimeoutS: number | null
  /** What is printed of each unit that has passed; null for nothing. */
  readonly label: LabelPrinting | null
}

/** What a cycle works with. */
export interface CycleParts {
  readonly steps: CycleSteps
  /** Works with the rig, whose light is watched all the time. Errors: RigError. */
  useRig<T>(work: (path: WatchedPath, signal: AbortSignal) => Promise<T>): Promise<T>
  /** Of the last message that passed on this rig. */
  readonly knownLight: KnownLight | null
  /** Of this cycle, to be written before what follows has an effect. Errors: RecordsError. */
  readonly log: {
    enter(state: CycleState): void
    measure(measurements: readonly Measurement[]): void
    identify(device: EnrolledDevice): readonly StoredResult[]
  }
  /** What the cycle's device tells, once it is known. */
  readonly inbox: Inbox<StoredResult>
  readonly timebase: Timebase
  /** Gets each block of samples of the message as it comes, and then what it was, passed or not. */
  readonly onSamples: (block: SampleBlock) => void
  readonly onLight: (report: LoopbackReport) => void
}

/** Why a cycle does not pass; the reason of a signal that ends one, too. */
export class CycleFailure extends Error {
  override readonly name = 'CycleFailure'

  constructor(
    readonly reason: CycleReason,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}

/**
 * Sets up one unit, and waits until it is proven: by its light at once, then by coming to the server with the very token that it was
 * sent, by its own result, and by its blessing. It passes by these alone: a report of another device, or a late one, is none of its.
 *
 * @param signal its reason is a CycleFailure
 * @throws what is neither the unit's fault nor the station's, but a bug
 */
export async function runCycle(parts: CycleParts, signal: AbortSignal): Promise<CycleEnd> {
  try {
    const token = await sendLight(parts, signal)
    if (token) await awaitDevice(parts, token, signal)
    return { outcome: 'pass', reason: null, detail: null }
  } catch (error) {
    return endOf(signal.aborted ? signal.reason : error)
  }
}

/** How a cycle ends that has thrown something. Rethrows what nobody has thought of. */
export function endOf(error: unknown): CycleEnd {
  const failure = asFailure(error)
  if (!failure) throw error
  const { reason, message } = failure
  return { outcome: CYCLE_REASONS[reason].outcome, reason, detail: message }
}

function asFailure(
  error: unknown,
): { readonly reason: CycleReason; readonly message: string } | null {
  if (error instanceof CycleFailure) return error
  if (error instanceof RigError) return { reason: 'rig-lost', message: error.message }
  if (error instanceof RecordsError) return { reason: 'no-record', message: error.message }
  return null
}

/** Judges other light, takes the token, and plays the message. Returns the token, which a device is to come with. */
function sendLight(parts: CycleParts, signal: AbortSignal): Promise<Enrollment | null> {
  const { steps, log, knownLight } = parts
  return parts.useRig(async (path, lost) => {
    const either = AbortSignal.any([signal, lost])
    log.enter('ambient')
    const ambient = await measureAmbientLight(path.photodiode, either)
    const fault = judgeAmbient(ambient, knownLight)
    if (fault !== null) throw new CycleFailure('other-light', fault)
    const token = await takeToken(parts, either)
    const { packet, sequence } = makeMessage({ ...steps.settings, ...token }, steps.message)
    log.enter('light')
    const { symbolRateHz } = steps.message
    const report = await loopback(path, packet, sequence, {
      symbolRateHz,
      signal: either,
      endsWithMessage: true,
      onSamples: parts.onSamples,
    })
    parts.onLight(report)
    const { measurements, findings } = lightMeasurements(report, steps.limits)
    log.measure(measurements)
    if (report.verdict === 'fail') throw new CycleFailure('light-failed', report.advice)
    if (findings[0] !== undefined) throw new CycleFailure('light-failed', findings.join('; '))
    return token
  })
}

async function takeToken(parts: CycleParts, signal: AbortSignal): Promise<Enrollment | null> {
  const { enrollment } = parts.steps
  if (!enrollment) return null
  parts.log.enter('token')
  const { client, planId } = enrollment
  return client.createToken({ planId, signal }).catch(asReason('no-token'))
}

/** Waits for the device at the server, then for what it tells. */
async function awaitDevice(
  parts: CycleParts,
  { token }: Enrollment,
  signal: AbortSignal,
): Promise<void> {
  const { log, inbox, steps } = parts
  const { enrollment, resultTimeoutS } = steps
  if (!enrollment) return
  log.enter('connecting')
  const { client, timeoutS } = enrollment
  const device = await client
    .awaitDevice(token, { timeoutS, signal })
    .catch((error) => asReason(error?.code === 'no-device' ? 'no-device' : 'no-server')(error))
  for (const early of log.identify(device)) inbox.put(early)
  if (resultTimeoutS !== null) await awaitResult(parts, resultTimeoutS, signal)
}

/** Waits until the device has told that its test has passed, and where somebody tells that, until it is blessed: in either order. */
async function awaitResult(
  { steps: { blessingTimeoutS }, log, inbox, timebase }: CycleParts,
  resultTimeoutS: number,
  signal: AbortSignal,
): Promise<void> {
  log.enter('updating')
  let isTesting = false
  let isBlessed = false
  let hasPassed = false
  let deadlineMs = timebase.nowMs() + 1000 * resultTimeoutS
  while (!hasPassed || (blessingTimeoutS !== null && !isBlessed)) {
    const told = await inbox.take(deadlineMs - timebase.nowMs(), timebase, signal)
    if (!told) {
      throw hasPassed
        ? new CycleFailure(
            'no-blessing',
            `the server has not blessed the device in ${blessingTimeoutS} s: look for it in impCentral`,
          )
        : new CycleFailure(
            'no-result',
            `the device has come, but has told no result in ${resultTimeoutS} s: look at its log`,
          )
    }
    if (told.success === false) {
      throw new CycleFailure('test-failed', 'the device says that its test has failed')
    }
    isBlessed ||= told.kind === 'blessing'
    if (told.success === true && !hasPassed) {
      hasPassed = true
      if (blessingTimeoutS === null) return
      deadlineMs = timebase.nowMs() + 1000 * blessingTimeoutS
      if (!isBlessed) log.enter('blessing')
    } else if (told.kind === 'report' && !isTesting && !hasPassed) {
      isTesting = true
      log.enter('testing')
    }
  }
}

const asReason =
  (reason: CycleReason) =>
  (cause: unknown): never => {
    if (!(cause instanceof EnrollmentError)) throw cause
    throw new CycleFailure(reason, cause.message, { cause })
  }
