import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { styleText } from 'node:util'
import { BLACK, GREY, type SymbolSequence } from '../modulation/index.js'
import type { SampleGap } from '../receiver/index.js'
import type { PacingReport } from '../rig/rig.js'
import { Interrupted } from './errors.js'

/** A message for the person at the terminal; data goes to standard output. */
export function tell(message: string): void {
  process.stderr.write(`blinkup: ${message}\n`)
}

export function warn(message: string): void {
  tell(`warning: ${message}`)
}

/** The warnings of a command: told as they come, and kept for its JSON document. */
export class Warnings {
  readonly told: string[] = []

  add(...messages: readonly string[]): void {
    for (const message of messages) warn(message)
    this.told.push(...messages)
  }
}

/** Data on standard output: resolves when it is written, rejects when it cannot be or is given up. */
export function print(text: string, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => reject(signal?.reason)
    signal?.addEventListener('abort', giveUp)
    process.stdout.write(text, (error) => {
      signal?.removeEventListener('abort', giveUp)
      if (error) reject(error)
      else resolve()
    })
  })
}

export function printJson(document: { schema: string; [key: string]: unknown }): Promise<void> {
  return print(`${JSON.stringify(document, null, 2)}\n`)
}

/** A colour on a terminal that wants colour (NO_COLOR is respected). */
export function colour(
  name: 'green' | 'red' | 'yellow',
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
export function askSecret(question: string): Promise<string> {
  const muted = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: muted, terminal: true })
  process.stderr.write(question)
  return new Promise<string>((resolve, reject) => {
    lines.once('line', resolve)
    lines.once('SIGINT', () => reject(new Interrupted('SIGINT')))
    lines.once('close', () => resolve(''))
  }).finally(() => {
    lines.close()
    process.stderr.write('\n')
  })
}

const MOST_SHOWN_SYMBOLS = 48
/** Room for the numbers behind them. */
const NUMBERS_WIDTH = 26

/** Shows the light of the symbols around the one that is playing, on one line of a terminal. */
export class LightDisplay {
  readonly #shown = process.stderr.isTTY

  constructor(
    private readonly sequence: SymbolSequence,
    private readonly symbolRateHz: number,
  ) {}

  update(played: number): void {
    if (!this.#shown) return
    const { levels } = this.sequence
    const columns = process.stderr.columns || 80 // some terminals say 0
    const shown = Math.max(1, Math.min(MOST_SHOWN_SYMBOLS, columns - NUMBERS_WIDTH))
    const strip = Array.from(levels.subarray(Math.max(0, played - shown), played), (level) =>
      level === BLACK ? ' ' : level === GREY ? '▒' : '█',
    ).join('')
    const percent = Math.floor((100 * played) / levels.length)
    const leftS = (levels.length - played) / this.symbolRateHz
    process.stderr.write(
      `\r▕${strip.padStart(shown)}▏ ${percent} %, ${leftS.toFixed(1)} s left \x1b[K`,
    )
  }

  /** Clears the line. */
  end(): void {
    if (this.#shown) process.stderr.write('\r\x1b[K')
  }
}
