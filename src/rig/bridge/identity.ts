import { RigError } from '../errors.js'
import type { Answer, Between, Link } from './link.js'
import { FAST_BAUD_RATE, START_BAUD_RATE } from './port.js'
import { NAME, quotable } from './protocol.js'
import { reasonForSilence } from './silence.js'

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

/** The first whose `status` tells the time, and that knows `dark`. */
const LEAST_FIRMWARE = [1, 3] as const

/** The board's answer to `hello` (firmware-bridge/PROTOCOL.md). */
export interface BridgeIdentity {
  readonly name: string
  readonly firmwareVersion: string
  readonly protocolVersion: string
  /** What its owner has named it, `-` for none. */
  readonly serialNumber: string
  readonly clockHz: number
  readonly maxSymbols: number
}

/** Who answers, and its time in cycles when it did. */
export interface Greeting {
  readonly identity: BridgeIdentity
  readonly opened: Between & { readonly now: number }
}

/**
 * Waits for the board to start, asks who it is, and ends what a program that was killed may have left: light, samples,
 * edges, and a longer keep-alive. A board that was left at the other baud rate stays there until the link is closed.
 *
 * @throws RigError 'no-answer' when nothing sensible comes within 5.4 s, 'foreign' for another device, protocol or
 *   clock, 'damaged' for an answer that cannot be; the signal's reason when that aborts
 */
export async function greet(link: Link, signal: AbortSignal | undefined): Promise<Greeting> {
  const hello = await identify(link, signal)
  await link.request('stop')
  await link.command('keepalive', { ms: KEEP_ALIVE_MS })
  const { name, firmware, protocol, serial, clock, symbols, now, fromS, toS } = hello
  return {
    identity: {
      name,
      firmwareVersion: firmware,
      protocolVersion: protocol,
      serialNumber: serial,
      clockHz: clock,
      maxSymbols: symbols,
    },
    opened: { now, fromS, toS },
  }
}

/** Throws RigError 'foreign' for firmware of ours that is too old for this program. */
export function checkVersion({ firmwareVersion }: BridgeIdentity): void {
  const [major = 0, minor = 0] = firmwareVersion.split('.').map(Number)
  const [leastMajor, leastMinor] = LEAST_FIRMWARE
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return
  throw new RigError(
    'foreign',
    `the board runs firmware ${quotable(firmwareVersion)}, but this program needs ${LEAST_FIRMWARE.join('.')} or later: flash its firmware`,
    { remedy: 'flash' },
  )
}

async function identify(link: Link, signal: AbortSignal | undefined): Promise<Answer<'hello'>> {
  let damage: RigError | undefined
  let cause: RigError | undefined
  for (const baudRate of RATES_TRIED) {
    signal?.throwIfAborted()
    try {
      return await identifyAt(baudRate, link)
    } catch (error) {
      // While a board starts, a bootloader may swallow what is sent.
      if (!(error instanceof RigError && /^(no-answer|damaged)$/.test(error.code))) throw error
      cause = error
      if (error.code === 'damaged') damage = error
    }
  }
  if (damage) throw damage
  const reason = await reasonForSilence(link.path)
  throw new RigError(
    'no-answer',
    `nothing at ${link.path} answers as a ${NAME}: ${reason ?? 'reset the board, or flash its firmware'}`,
    { cause, remedy: reason === undefined ? 'flash' : undefined },
  )
}

async function identifyAt(baudRate: number, link: Link): Promise<Answer<'hello'>> {
  // A port that cannot do the other rate has not left a board there.
  await link.useBaudRate(baudRate).catch(() => {})
  try {
    return await link.request('hello')
  } catch (error) {
    await link.useBaudRate(START_BAUD_RATE).catch(() => {}) // it may be gone
    throw error
  }
}
