import {
  type BigIntStats,
  constants,
  createReadStream,
  fstatSync,
  openSync,
  statSync,
} from 'node:fs'
import { Socket } from 'node:net'
import { resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { isatty, ReadStream } from 'node:tty'
import { CommandError, EXIT, isOutOfResources, isSystemError, systemReason } from './errors.js'
import { checkSecretFile } from './secret-file.js'

/** Settings fill a hundredth of it; a device or a pipe may have no end. */
const MOST_TEXT_BYTES = 2 ** 16

/**
 * Reads a text file of at most 64 KiB, or standard input for `-`.
 *
 * @param exitCode for a longer one, and for bytes that are not UTF-8
 */
export async function readText(path: string, exitCode: number = EXIT.badData): Promise<string> {
  let bytes: Uint8Array = new Uint8Array()
  for await (const chunk of readChunks(path)) {
    bytes = Buffer.concat([bytes, chunk])
    if (bytes.length > MOST_TEXT_BYTES) {
      throw new CommandError(exitCode, `${nameOf(path)} is larger than 64 KiB: give only settings`)
    }
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new CommandError(exitCode, `${nameOf(path)} is not text in UTF-8`, { cause })
  }
}

/** Reads a file, or standard input for `-`, piece by piece as it comes. */
export async function* readChunks(path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* path === '-' ? process.stdin : openInput(path)
  } catch (error) {
    if (!isSystemError(error) || isOutOfResources(error)) throw error
    throw new CommandError(EXIT.noInput, `cannot read ${nameOf(path)}: ${systemReason(error)}`, {
      cause: error,
    })
  }
}

/** A read of what may never come, from a FIFO or a terminal, must not hold a thread: the program could not end. */
function openInput(path: string): Readable {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
  if (isatty(fd)) return new ReadStream(fd)
  if (fstatSync(fd).isFIFO()) return new Socket({ fd, readable: true, writable: false })
  return createReadStream(path, { fd, highWaterMark: 1 << 16 })
}

export type Fields = Readonly<Record<string, unknown>>

export const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What a file of settings says, and the errors with which a careful reader refuses it. */
export interface SettingsFile {
  readonly settings: unknown
  readonly doubts: readonly CommandError[]
}

/**
 * Reads a file of settings, JSON if its name says so or it starts with a brace, and TOML otherwise. Errors
 * name the place, never the text there, which may be a secret. A key that stands twice in JSON is a doubt: its readers
 * take the last one in silence, those of TOML refuse it.
 */
export async function readSettings(path: string, exitCode: number): Promise<SettingsFile> {
  const text = await readText(path, exitCode)
  // A TOML table in brackets is hardly ever JSON; what is would be taken for one whose name is what may be a secret.
  const json = path.endsWith('.json') || /^\s*\{/.test(text) || isJsonList(text)
  const refusal = (fault: string, { line, column }: Place): CommandError =>
    new CommandError(exitCode, `${nameOf(path)} ${fault}: see line ${line}, column ${column}`)
  const toml = json ? undefined : await import('smol-toml')
  let settings: unknown
  try {
    settings = toml ? toml.parse(text) : JSON.parse(text)
  } catch (error) {
    const place =
      toml && error instanceof toml.TomlError ? error : placeOf(text, jsonErrorPosition(text))
    // No cause: the parsers' errors quote the text.
    throw refusal(`is not valid ${json ? 'JSON' : 'TOML'}`, place)
  }
  const doubts = (json ? repeatedKeys(text) : []).map((position) =>
    refusal('has a key twice, and only the last one counts', placeOf(text, position)),
  )
  return { settings, doubts }
}

const isJsonList = (text: string): boolean => /^\s*\[/.test(text) && jsonError(text) === ''

interface Place {
  readonly line: number
  readonly column: number
}

function placeOf(text: string, position: number): Place {
  const lines = text.slice(0, position).split('\n')
  return { line: lines.length, column: (lines.at(-1) ?? '').length + 1 }
}

/** Indices of the keys, in valid JSON, that their object has had before. */
function repeatedKeys(json: string): number[] {
  const repeated: number[] = []
  const keysOfObjects: Set<string>[] = [] // of all that are open, the innermost last
  let isInText = false
  let start = 0
  let end = 0
  for (const { 0: token, index } of json.matchAll(/\\.|["{}:]/g)) {
    if (token === '"') {
      isInText = !isInText
      if (isInText) start = index
      else end = index + 1
    } else if (isInText) continue
    else if (token === '{') keysOfObjects.push(new Set())
    else if (token === '}') keysOfObjects.pop()
    else {
      const keys = keysOfObjects.at(-1)
      const key: string = JSON.parse(json.slice(start, end)) // an escape may stand for any letter
      if (keys?.has(key)) repeated.push(start)
      keys?.add(key)
    }
  }
  return repeated
}

/** Index of the character that JSON.parse refuses, or the end of a text that is not complete. */
function jsonErrorPosition(text: string): number {
  const [, position] = /at position (\d+)( \(.*\))?$/.exec(jsonError(text)) ?? []
  if (position !== undefined) return Number(position)
  // Some refusals quote the text instead: the character is the last of the shortest text refused so.
  let accepted = 0
  let refused = text.length + 1
  while (refused - accepted > 1) {
    const length = Math.floor((accepted + refused) / 2)
    if (jsonError(text.slice(0, length)).endsWith('is not valid JSON')) refused = length
    else accepted = length
  }
  return refused - 1
}

function jsonError(text: string): string {
  try {
    JSON.parse(text)
    return ''
  } catch (error) {
    return String(error)
  }
}

/** A path as it is told. */
export function nameOf(path: string): string {
  return path === '-' ? 'standard input' : path
}

/** Whether a file, standard input for `-` or a descriptor's, may be read by other users of this computer. Windows does not say. */
export function isReadableByOthers(file: string | number): boolean {
  if (process.platform === 'win32') return false
  const stats = statsOf(file === '-' ? STANDARD_INPUT : file)
  return stats?.isFile() === true && (stats.mode & 0o044n) !== 0n
}

/**
 * Refuses an output that is one of the inputs, under whatever name, as it would be emptied before it is read; and whatever else
 * `createSecretFile` would.
 *
 * @param inputs paths; `-` is standard input
 */
export function checkOutput(
  output: string | undefined,
  inputs: readonly (string | undefined)[],
  overwrite = false,
): void {
  if (output === undefined) return
  const written = statsOf(output)
  for (const input of written?.isFile() ? inputs : []) {
    const read = input === undefined ? null : statsOf(input === '-' ? STANDARD_INPUT : input)
    if (read?.dev === written?.dev && read?.ino === written?.ino) {
      throw new CommandError(
        EXIT.usage,
        `${output} is also the input, and would be emptied: write to another file`,
      )
    }
  }
  checkSecretFile(output, overwrite)
}

/** Whether two paths are of one file, or would be when they are written. */
export function isSameFile(one: string, other: string): boolean {
  const [stats, otherStats] = [statsOf(one), statsOf(other)]
  if (!stats || !otherStats) return resolve(one) === resolve(other)
  return stats.isFile() && stats.dev === otherStats.dev && stats.ino === otherStats.ino
}

/** Descriptors of this process. */
export const STANDARD_INPUT = 0
export const STANDARD_OUTPUT = 1

/** Null for what is not there, or not to be seen: whoever opens it will tell. */
function statsOf(file: string | number): BigIntStats | null {
  try {
    const options = { bigint: true } as const
    return typeof file === 'number' ? fstatSync(file, options) : statSync(file, options)
  } catch {
    return null
  }
}
