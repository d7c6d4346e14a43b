import { demodulate, parseSymbols } from '../modulation/index.js'
import { decodePacket, PacketError } from '../packet/index.js'
import { Receiver, type Reception, type SampleBlock } from '../receiver/index.js'
import { packetFailure } from '../receiver/packet-bits.js'
import { CsvReader } from '../recording/csv.js'
import { parseJsonPairs } from '../recording/json.js'
import { readSigrok, type ScaleV } from '../recording/sigrok.js'
import { isZip } from '../recording/zip.js'
import { toText, WholeFile } from './files.js'

/** A reception of light in a capture. */
export interface Measured extends Reception {
  /** Of the levels, where the file tells volts. */
  readonly scaleV?: ScaleV
}

/** What a file held: a reception, or bytes without a measurement when it held symbols. */
export type Decoded = Pick<Measured, 'ok' | 'reason' | 'packet' | 'config'> & Partial<Measured>

type Format = 'csv' | 'json' | 'sigrok' | 'symbols'

// A longer text of digits, whatever spaces it has, is no message.
const MOST_SYMBOLS = 1 << 20

/**
 * Finds the messages in a file that is, as its beginning tells, a capture (CSV, JSON pairs or a sigrok session) or one
 * message as symbols. CSV is read as it comes, in constant memory; the others at their end, within 256 MiB.
 *
 * What it finds, and the error where there is one, does not depend on how the bytes are cut into pieces.
 */
export class FileDecoder {
  readonly #receiver = new Receiver()
  readonly #csv = new CsvReader()
  /** What has come and is not read yet. */
  #held: WholeFile
  /** Null until enough has come to tell. */
  #format: Format | null = null

  /** @param path names the file in errors */
  constructor(private readonly path: string) {
    this.#held = new WholeFile(path)
  }

  /**
   * Takes the next bytes.
   *
   * @returns the messages that they complete, found while it is iterated; those before a fault come before its error
   * @throws RecordingError and CommandError
   */
  *push(bytes: Uint8Array): Generator<Decoded> {
    this.#held.push(bytes)
    this.#format ??= formatOf(this.#held.bytes, false)
    if (this.#format === 'csv') yield* this.#receive(this.#csv.push(this.#take()))
  }

  /**
   * Ends the file.
   *
   * @returns the message that the end completes or breaks; a file without any has one failed reception that says why
   * @throws RecordingError, ModulationError and CommandError
   */
  *end(): Generator<Decoded> {
    const bytes = this.#take()
    switch (this.#format ?? formatOf(bytes, true)) {
      case 'symbols':
        yield decodeSymbols(toText(bytes, this.path))
        return
      case 'json':
        yield* this.#receiver.push(parseJsonPairs(toText(bytes, this.path)))
        break
      case 'sigrok':
        yield* this.#receiveSession(bytes)
        return
      case 'csv':
        yield* this.#receive(this.#csv.push(bytes))
        yield* this.#receive(this.#csv.end())
    }
    yield* this.#receiver.end()
  }

  #take(): Buffer {
    const { bytes } = this.#held
    this.#held = new WholeFile(this.path)
    return bytes
  }

  *#receiveSession(bytes: Uint8Array): Generator<Measured> {
    const { scaleV, blocks } = readSigrok(bytes)
    for (const reception of this.#receive(blocks)) yield scaled(reception, scaleV)
    for (const reception of this.#receiver.end()) yield scaled(reception, scaleV)
  }

  *#receive(blocks: Iterable<SampleBlock>): Generator<Reception> {
    for (const block of blocks) yield* this.#receiver.push(block)
  }
}

const scaled = (reception: Reception, scaleV: ScaleV | null): Measured =>
  scaleV ? { ...reception, scaleV } : reception

/** The format of a file that begins so; null when more of it must be seen. */
function formatOf(bytes: Buffer, isWhole: boolean): Format | null {
  if (isZip(bytes)) return 'sigrok'
  const head = bytes.toString('latin1', 0, MOST_SYMBOLS + 1)
  if (/^(\xef\xbb\xbf)?\s*\[/.test(head)) return 'json'
  const isDigits = head.length <= MOST_SYMBOLS && /^(\xef\xbb\xbf)?[012\s]+$/.test(head)
  if (isWhole) return isDigits && /\d/.test(head) ? 'symbols' : 'csv'
  const isBegun = ['PK\x03\x04', '\xef\xbb\xbf'].some((signature) => signature.startsWith(head))
  return isDigits || isBegun ? null : 'csv'
}

/** Throws ModulationError when the symbols are no message at all. */
function decodeSymbols(text: string): Decoded {
  const { packet } = demodulate(parseSymbols(text))
  try {
    return { ok: true, reason: null, packet, config: decodePacket(packet) }
  } catch (error) {
    if (!(error instanceof PacketError)) throw error
    return { ok: false, reason: packetFailure(error), packet, config: null }
  }
}
