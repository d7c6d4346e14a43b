import { CommandError } from '../../src/cli/errors.js'
import { ModulationError } from '../../src/modulation/index.js'
import { Receiver, type Reception } from '../../src/receiver/index.js'
import { RecordingError } from '../../src/recording/errors.js'
import { type Decoded, FileDecoder } from '../../src/recording/file-decoder.js'
import { progress, type Row, round } from '../report.js'
import { randomCapture, SENT } from './fuzz-captures.js'
import { randomFile, SENT_IN_FILES } from './fuzz-files.js'
import type { Section } from './trial.js'

type Received = Reception | Decoded

/** Parts of full scale, or of a symbol. */
const PARTS = ['black', 'grey', 'white', 'swing', 'eyeWidth']

/** Whatever there was to be measured, a figure of it is a number; a part is one of 0 to 1, and an uncertainty is not negative. */
function checkFigures(value: unknown, name: string): void {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new Error(`${name} is ${value}`)
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return
  const most = name.endsWith('.uncertainty') ? Infinity : 1
  for (const part of PARTS) {
    const size = (value as Record<string, number | null>)[part] ?? 0
    if (size < 0 || size > most) throw new Error(`${name}.${part} is ${size}`)
  }
  for (const [key, part] of Object.entries(value)) checkFigures(part, `${name}.${key}`)
}

/** What one input came to: receptions, and the errors that refused it or parts of it. */
interface Outcome {
  readonly kind: string
  readonly ms: number
  readonly receptions: readonly Received[]
  readonly refusals: readonly Error[]
}

/** Throws what is neither a result nor a typed error. Every block is pushed, also after one that was refused: then the receiver must be as it was before. */
export function fuzzCapture(seed: number): Outcome {
  const { kind, blocks } = randomCapture(seed)
  const receiver = new Receiver()
  const receptions: Received[] = []
  const refusals: Error[] = []
  const began = performance.now()
  for (const block of blocks) {
    try {
      receptions.push(...receiver.push(block))
    } catch (error) {
      if (!(error instanceof RangeError && /^Give /.test(error.message))) throw error
      refusals.push(error)
    }
  }
  receptions.push(...receiver.end())
  const ms = performance.now() - began
  checkFigures(receptions, 'receptions')
  return { kind, ms, receptions, refusals }
}

/** The same of a file. What was found before a fault counts, too. */
export function fuzzFile(seed: number): Outcome {
  const { kind, pieces } = randomFile(seed)
  const decoder = new FileDecoder('the file')
  const receptions: Received[] = []
  const refusals: Error[] = []
  const began = performance.now()
  try {
    for (const piece of pieces) for (const found of decoder.push(piece)) receptions.push(found)
    for (const found of decoder.end()) receptions.push(found)
  } catch (error) {
    const isTyped =
      error instanceof RecordingError ||
      error instanceof ModulationError ||
      error instanceof CommandError
    if (!isTyped) throw error
    refusals.push(error)
  }
  const ms = performance.now() - began
  checkFigures(receptions, 'receptions')
  return { kind, ms, receptions, refusals }
}

interface Tally {
  inputs: number
  good: number
  /** Good receptions of bytes that nobody sent. */
  wrong: number
  failed: number
  refused: number
  slowestMs: number
  slowestSeed: number
}

/** Tries inputs one after the other; an error that is no refusal ends it, with the seed that brings it again. */
function tried(
  what: string,
  sent: readonly Uint8Array[],
  fuzzOne: (seed: number) => Outcome,
): { rows: Row[]; refusals: Row[]; perSecond: number } {
  const first = Number(process.env['FUZZ_FIRST'] ?? 0)
  const count = Number(process.env['FUZZ_COUNT'] ?? 20_000)
  const packets = new Set(sent.map(String))
  const tallies = new Map<string, Tally>()
  const refusals = new Map<string, number>()
  const began = performance.now()
  for (let seed = first; seed < first + count; seed++) {
    if (seed % 1000 === 0) progress(`fuzz: ${what} ${seed}`)
    let outcome: Outcome
    try {
      outcome = fuzzOne(seed)
    } catch (cause) {
      throw new Error(
        `${what}: number ${seed} ends in neither a result nor a typed error (FUZZ_FIRST=${seed} FUZZ_COUNT=1)`,
        {
          cause,
        },
      )
    }
    const tally = tallies.get(outcome.kind) ?? {
      inputs: 0,
      good: 0,
      wrong: 0,
      failed: 0,
      refused: 0,
      slowestMs: 0,
      slowestSeed: 0,
    }
    tallies.set(outcome.kind, tally)
    tally.inputs++
    tally.refused += Number(outcome.refusals.length > 0)
    for (const reception of outcome.receptions) {
      const ok = 'config' in reception
      tally.good += Number(ok)
      tally.failed += Number(!ok)
      tally.wrong += Number(ok && !packets.has(String(reception.packet)))
    }
    if (outcome.ms > tally.slowestMs)
      Object.assign(tally, { slowestMs: outcome.ms, slowestSeed: seed })
    for (const { name, message } of outcome.refusals) {
      const sentence = `${name}: ${message.replace(/-?(\d+(\.\d+)?(e[+-]?\d+)?|Infinity)|NaN/g, '#')}`
      refusals.set(sentence, (refusals.get(sentence) ?? 0) + 1)
    }
  }
  return {
    rows: [...tallies].map(([kind, tally]) => ({
      kind,
      ...tally,
      slowestMs: round(tally.slowestMs, 1),
    })),
    refusals: [...refusals]
      .sort(([, a], [, b]) => b - a)
      .map(([error, times]) => ({ error, times })),
    perSecond: round((1000 * count) / (performance.now() - began), 0),
  }
}

/** Anything at all, as captures and as files: a result or a typed error. */
export function fuzz(): Section {
  const heapMib = (): number => {
    globalThis.gc?.()
    return process.memoryUsage().heapUsed / 2 ** 20
  }
  const heapBeforeMib = heapMib()
  const captures = tried('captures', SENT, fuzzCapture)
  const files = tried('files', SENT_IN_FILES, fuzzFile)
  return {
    tables: {
      'Random, mutated and truncated captures': captures.rows,
      'Blocks of captures that were refused': captures.refusals,
      'Random, mutated and truncated files': files.rows,
      'Files that were refused': files.refusals,
      'Fuzzing in all': [
        {
          capturesASecond: captures.perSecond,
          filesASecond: files.perSecond,
          heapGrowthMib: round(heapMib() - heapBeforeMib, 1),
          peakRssMib: round(process.resourceUsage().maxRSS / 2 ** 10, 0),
        },
      ],
    },
  }
}
