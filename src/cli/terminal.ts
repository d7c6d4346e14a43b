import { styleText } from 'node:util'
import type { SampleGap } from '../light/samples.js'
import { BLACK, GREY, type SymbolSequence } from '../light/symbols.js'
import type { PacingReport } from '../rig/rig.js'
import { Interrupted } from './errors.js'
import { READER_PATIENCE_MS, unread } from './reader.js'

/** What would steer a terminal or turn the order of letters: controls, C1 among them, line separators and bidirectional marks. */
const STEERING = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu

/** A text from anywhere on one line of a terminal: what would steer it is escaped as in JSON. */
export function shown(text: string): string {
  return text.replace(STEERING, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** The same for text of several lines. */
export const shownLines = (text: string): string => text.split('\n').map(shown).join('\n')

/** More than this is not kept for one who does not read it. */
const MOST_UNREAD_BYTES = 1 << 16

/** Writes on standard error, to nobody where nobody reads. */
function writeError(text: string): void {
  if (process.stderr.writableLength < MOST_UNREAD_BYTES) process.stderr.write(text)
}

/** A message for the person at the terminal; data goes to standard output. */
export function tell(message: string): void {
  writeError(`blinkup: ${shown(message)}\n`)
}

const warned: string[] = []

/** What this run has warned of, oldest first: its JSON document says it, too. */
export const warnings = (): readonly string[] => [...warned]

/** A doubt about what is done nevertheless. */
export function warn(message: string): void {
  warned.push(message)
  tell(`warning: ${message}`)
}

/** What another program says to the person at the terminal, line by line. */
export function relay(text: string): void {
  writeError(shownLines(text))
}

/** Text in a colour of ours. */
export interface Coloured {
  readonly colour: 'green' | 'red' | 'yellow'
  readonly text: string
}

/**
 * Data on standard output, with what would steer a terminal escaped: resolves when it is written, rejects when it cannot be, is
 * given up, or is not read for `READER_PATIENCE_MS`.
 */
export async function print(
  text: string | readonly (string | Coloured)[],
  signal?: AbortSignal,
): Promise<void> {
  const parts = (typeof text === 'string' ? [text] : text).map((part) =>
    typeof part === 'string' ? shownLines(part) : colour(part.colour, shownLines(part.text)),
  )
  let giveUp = (): void => {}
  const aborted = new Promise<never>((_, reject) => {
    giveUp = () => reject(signal?.reason)
  })
  signal?.addEventListener('abort', giveUp)
  try {
    await Promise.race([writeAll(Buffer.from(parts.join(''))), aborted])
  } finally {
    signal?.removeEventListener('abort', giveUp)
  }
}

/** A pipe has room again when so much has been read. */
const PIECE_BYTES = 4096

/** In pieces, each of which shows that the reader is still there. */
async function writeAll(bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    await taken(process.stdout, bytes.subarray(at, at + PIECE_BYTES))
  }
}

/** What was not read in time. */
const forsaken = new Set<NodeJS.WriteStream>()

/** Resolves when a stream has passed on what is written; rejects when that fails or takes too long. */
function taken(stream: NodeJS.WriteStream, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const patience = setTimeout(() => {
      forsaken.add(stream)
      reject(unread('the output'))
    }, READER_PATIENCE_MS)
    stream.write(bytes, (error) => {
      clearTimeout(patience)
      if (error) reject(error)
      else resolve()
    })
  })
}

/**
 * Resolves when all that was told and printed has been passed on, or nobody has read it for so long; rejects for data that is
 * lost.
 */
export async function flushOutput(): Promise<void> {
  if (forsaken.size > 0) return // both may be one terminal
  await taken(process.stderr, NOTHING).catch(() => {}) // nobody is left to tell
  const { stdout } = process
  if (stdout.writable && stdout.writableLength > 0) await taken(stdout, NOTHING)
}

const NOTHING = new Uint8Array()

/** Node.js waits in each write to a terminal, and hears no signal until it is taken. */
export function neverWaitInWrites(): void {
  for (const stream of [process.stdout, process.stderr]) {
    const { _handle } = stream as { _handle?: { setBlocking?(on: boolean): void } }
    if (stream.isTTY) _handle?.setBlocking?.(false)
  }
}

/** Text in a colour, on a terminal that wants colour (NO_COLOR is respected). */
export function colour(
  name: Coloured['colour'],
  text: string,
  stream: NodeJS.WriteStream = process.stdout,
): string {
  return styleText(name, text, { stream })
}

/** A gap in words. */
export function formatGap({ startS, samples }: SampleGap): string {
  return `${samples} samples from ${startS.toFixed(6)} s on were lost`
}

/** How well the edges kept to their times, in words. */
export function formatPacing(pacing: PacingReport): string {
  const { medianS, p99S, p999S, maxS, lengthErrorS, scheduling } = pacing
  const us = (seconds: number): string => `${(1e6 * seconds).toFixed(1)} µs`
  const priority = scheduling.realTime ? 'real-time priority' : 'no real-time priority'
  const cpu = scheduling.isolatedCpu === null ? '' : `, CPU ${scheduling.isolatedCpu} for itself`
  return `edges late by ${us(medianS)} (median), ${us(p99S)} (P99), ${us(p999S)} (P99.9), ${us(maxS)} (maximum); total length ${us(lengthErrorS)} off; ${priority}${cpu}`
}

/** Asks for a secret on the terminal without showing what is typed; empty for Enter and for Ctrl-D. */
export async function askSecret(question: string): Promise<string> {
  const [{ createInterface }, { Writable }] = await Promise.all([
    import('node:readline'),
    import('node:stream'),
  ])
  const muted = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: muted, terminal: true })
  process.stderr.write(shown(question))
  return new Promise<string>((resolve, reject) => {
    lines.once('line', resolve)
    lines.once('SIGINT', () => reject(new Interrupted('SIGINT')))
    lines.once('close', () => resolve(''))
  }).finally(() => {
    lines.close()
    process.stderr.write('\n')
  })
}

/** Symbols of a picture, and cells of a bar. */
const MOST_SHOWN = 48
/** Room for the numbers behind them. */
const NUMBERS_WIDTH = 26

/**
 * Shows on one line of a terminal how far a message is: by the light of the symbols around the one that is playing or, as whoever
 * records that has the password, by a bar when they are secret.
 */
export class LightDisplay {
  readonly #shown = process.stderr.isTTY

  constructor(
    private readonly sequence: SymbolSequence,
    private readonly symbolRateHz: number,
    private readonly isSecret: boolean,
  ) {}

  update(played: number): void {
    if (!this.#shown || process.stderr.writableLength > 0) return
    const { length } = this.sequence.levels
    const columns = process.stderr.columns || 80 // some terminals say 0
    const width = Math.max(1, Math.min(MOST_SHOWN, columns - NUMBERS_WIDTH))
    const percent = Math.floor((100 * played) / length)
    const leftS = (length - played) / this.symbolRateHz
    const picture = this.isSecret
      ? '█'.repeat((width * played) / length).padEnd(width)
      : this.#light(played, width)
    process.stderr.write(`\r▕${picture}▏ ${percent} %, ${leftS.toFixed(1)} s left \x1b[K`)
  }

  #light(played: number, width: number): string {
    const latest = this.sequence.levels.subarray(Math.max(0, played - width), played)
    return Array.from(latest, (level) => (level === BLACK ? ' ' : level === GREY ? '▒' : '█'))
      .join('')
      .padStart(width)
  }

  /** Clears the line. */
  end(): void {
    if (this.#shown) process.stderr.write('\r\x1b[K')
  }
}
