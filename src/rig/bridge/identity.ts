import { RigError } from '../errors.js'
import type { Timebase } from '../timebase.js'
import type { Fields, Link } from './link.js'

const NAME = 'blinkup-bridge'
const PROTOCOL_VERSION = '1'
/** A bootloader listens for up to 2 s before it starts the firmware. */
const START_UP_TIMEOUT_MS = 5000

/** The board's answer to `hello` (firmware-bridge/PROTOCOL.md). */
export interface BridgeIdentity {
  readonly name: string
  readonly firmwareVersion: string
  readonly protocolVersion: string
  /** What its owner has named it, `-` for none. */
  readonly serialNumber: string
  readonly clockHz: number
  readonly maxSymbols: number
  /** The board's clock when it answered, in cycles. */
  readonly nowCycle: number
}

/**
 * Waits for the board to start and asks who it is.
 *
 * @throws RigError 'no-answer' when nothing sensible comes within 5 s, 'foreign' for another device or
 *   protocol; the signal's reason when that aborts
 */
export async function identify(
  link: Link,
  timebase: Timebase,
  signal: AbortSignal | undefined,
): Promise<BridgeIdentity> {
  const deadlineMs = timebase.nowMs() + START_UP_TIMEOUT_MS
  for (;;) {
    signal?.throwIfAborted()
    try {
      return identityOf(await link.request('hello'))
    } catch (error) {
      // While a board starts, a bootloader may swallow what is sent.
      if (!(error instanceof RigError && /^(no-answer|damaged)$/.test(error.code))) throw error
      if (timebase.nowMs() > deadlineMs) {
        throw new RigError(
          'no-answer',
          `nothing at ${link.path} answers as a ${NAME}: reset the board, or flash it (blinkup firmware flash)`,
        )
      }
    }
  }
}

function identityOf(fields: Fields): BridgeIdentity {
  if (fields.name !== NAME || fields.protocol !== PROTOCOL_VERSION) {
    throw new RigError(
      'foreign',
      `the board runs ${fields.name} with protocol ${fields.protocol}, not ${NAME} with ${PROTOCOL_VERSION}: flash it (blinkup firmware flash)`,
    )
  }
  return {
    name: fields.name,
    firmwareVersion: fields.firmware ?? '',
    protocolVersion: fields.protocol,
    serialNumber: fields.serial ?? '-',
    clockHz: Number(fields.clock),
    maxSymbols: Number(fields.symbols),
    nowCycle: Number(fields.now),
  }
}
