import { RigError } from '../errors.js'
import type { Fields, Link } from './link.js'
import { FAST_BAUD_RATE, START_BAUD_RATE } from './port.js'
import { reasonForSilence } from './silence.js'

const NAME = 'blinkup-bridge'
const PROTOCOL_VERSION = '1'
/**
 * The rates at which `hello` is asked in turn, each for the 0.9 s of a request that nobody answers: a bootloader listens
 * for up to 2 s before it starts the firmware, and a board that opening does not reset may be left at the other rate.
 */
const RATES_TRIED = [
  START_BAUD_RATE,
  START_BAUD_RATE,
  FAST_BAUD_RATE,
  START_BAUD_RATE,
  START_BAUD_RATE,
  START_BAUD_RATE,
]
/** Of the host's silence, from which on the board is dark: the same as after a reset. */
const KEEP_ALIVE_MS = 1000

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
 * Waits for the board to start, asks who it is, and ends what a program that was killed may have left: light, samples,
 * edges, and a longer keep-alive. A board that was left at the other baud rate stays there until the link is closed.
 *
 * @throws RigError 'no-answer' when nothing sensible comes within 5.4 s, 'foreign' for another device or
 *   protocol; the signal's reason when that aborts
 */
export async function greet(link: Link, signal: AbortSignal | undefined): Promise<BridgeIdentity> {
  const identity = await identify(link, signal)
  await link.request('stop')
  await link.command('keepalive', { ms: KEEP_ALIVE_MS })
  return identity
}

async function identify(link: Link, signal: AbortSignal | undefined): Promise<BridgeIdentity> {
  for (const baudRate of RATES_TRIED) {
    signal?.throwIfAborted()
    try {
      return await identifyAt(baudRate, link)
    } catch (error) {
      // While a board starts, a bootloader may swallow what is sent.
      if (!(error instanceof RigError && /^(no-answer|damaged)$/.test(error.code))) throw error
    }
  }
  const remedy =
    (await reasonForSilence(link.path)) ?? 'reset the board, or flash it (blinkup firmware flash)'
  throw new RigError('no-answer', `nothing at ${link.path} answers as a ${NAME}: ${remedy}`)
}

async function identifyAt(baudRate: number, link: Link): Promise<BridgeIdentity> {
  // A port that cannot do the other rate has not left a board there.
  await link.useBaudRate(baudRate).catch(() => {})
  try {
    return identityOf(await link.request('hello'))
  } catch (error) {
    await link.useBaudRate(START_BAUD_RATE).catch(() => {}) // it may be gone
    throw error
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
