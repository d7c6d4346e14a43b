import { type BigIntStats, constants, createReadStream, fstatSync, statSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { parse as parseToml, TomlError } from 'smol-toml'
import { CommandError, EXIT, isSystemError, systemReason } from './errors.js'

/** Reads a text file, or standard input for `-`. Bytes that are not UTF-8 are bad data. */
export async function readText(path: string): Promise<string> {
  const file = new WholeFile(path)
  for await (const chunk of readChunks(path)) file.push(chunk)
  return toText(file.bytes, path)
}

export function toText(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new CommandError(EXIT.badData, `${nameOf(path)} is not text in UTF-8`)
  }
}

// A device or a pipe may have no end.
const MOST_BYTES = 1 << 28

/** The bytes of a file that is needed whole, as they come. */
export class WholeFile {
  readonly #chunks: Uint8Array[] = []
  #length = 0

  constructor(private readonly path: string) {}

  /** Takes the next bytes. More than 256 MiB are bad data. */
  push(chunk: Uint8Array): void {
    this.#length += chunk.length
    if (this.#length > MOST_BYTES) {
      throw new CommandError(EXIT.badData, `${nameOf(this.path)} is larger than 256 MiB: cut it`)
    }
    this.#chunks.push(chunk)
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#chunks)
  }
}

/** Reads a file, or standard input for `-`, piece by piece as it comes. */
export async function* readChunks(path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* path === '-' ? process.stdin : createReadStream(path, { highWaterMark: 1 << 20 })
  } catch (error) {
    if (!isSystemError(error)) throw error
    throw new CommandError(EXIT.noInput, `cannot read ${nameOf(path)}: ${systemReason(error)}`)
  }
}

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
  const text = await readText(path)
  const json = path.endsWith('.json') || /^\s*[[{]/.test(text)
  const refusal = (fault: string, { line, column }: Place): CommandError =>
    new CommandError(exitCode, `${nameOf(path)} ${fault}: see line ${line}, column ${column}`)
  let settings: unknown
  try {
    settings = json ? JSON.parse(text) : parseToml(text)
  } catch (error) {
    const place = error instanceof TomlError ? error : placeOf(text, jsonErrorPosition(text))
    throw refusal(`is not valid ${json ? 'JSON' : 'TOML'}`, place)
  }
  const doubts = (json ? repeatedKeys(text) : []).map((position) =>
    refusal('has a key twice, of which the last one counts', placeOf(text, position)),
  )
  return { settings, doubts }
}

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

/** Whether a file, standard input for `-`, may be read by other users of this computer. Windows does not say. */
export function isReadableByOthers(path: string): boolean {
  if (process.platform === 'win32') return false
  const stats = statsOf(path === '-' ? STANDARD_INPUT : path)
  return stats?.isFile() === true && (stats.mode & 0o044n) !== 0n
}

/**
 * Refuses an output that is one of the inputs, under whatever name, as it would be emptied before it is read; and a file
 * with something in it unless that is to be overwritten.
 *
 * @param inputs paths; `-` is standard input
 */
export function checkOutput(
  output: string | undefined,
  inputs: readonly (string | undefined)[],
  overwrite = false,
): void {
  const written = output === undefined ? null : statsOf(output)
  if (!written?.isFile()) return // a device or a pipe is not emptied
  for (const input of inputs) {
    const read = input === undefined ? null : statsOf(input === '-' ? STANDARD_INPUT : input)
    if (read?.dev === written.dev && read.ino === written.ino) {
      throw new CommandError(
        EXIT.usage,
        `${output} is also the input, and would be emptied: write to another file`,
      )
    }
  }
  // An empty file, such as mktemp makes, has nothing to lose.
  if (written.size > 0n && !overwrite) {
    throw new CommandError(
      EXIT.usage,
      `${output} is there already: write to another file, or use --force to overwrite it`,
    )
  }
}

const STANDARD_INPUT = 0

/** Null for what is not there, or not to be seen: whoever opens it will tell. */
function statsOf(file: string | number): BigIntStats | null {
  try {
    const options = { bigint: true } as const
    return typeof file === 'number' ? fstatSync(file, options) : statSync(file, options)
  } catch {
    return null
  }
}

/** A file that is being written, and what it holds is a secret. Its errors name it. */
export interface SecretFile {
  /** Writes all of the text after what has been written. */
  write(text: string): Promise<void>
  close(): Promise<void>
}

/** Creates or empties a file that only its owner may read. */
export async function createSecretFile(path: string): Promise<SecretFile> {
  const file = await naming(path, emptyFile(path))
  return {
    write: (text) => naming(path, file.writeFile(text)),
    close: () => naming(path, file.close()),
  }
}

async function emptyFile(path: string): Promise<FileHandle> {
  const file = await open(path, constants.O_WRONLY | constants.O_CREAT, 0o600)
  try {
    if ((await file.stat()).isFile()) {
      await file.chmod(0o600) // an older file keeps its mode, and its content where that cannot be changed
      await file.truncate()
    }
    return file
  } catch (error) {
    await file.close()
    throw error
  }
}

/** Names the file in what the system says of the work on it. */
async function naming<T>(path: string, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (!isSystemError(error)) throw error
    throw new CommandError(EXIT.inputOutput, `cannot write ${path}: ${systemReason(error)}`)
  }
}
