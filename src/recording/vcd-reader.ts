import { FARTHEST_S } from '../light/samples.js'
import { RecordingError, type RecordingErrorCode } from './errors.js'
import { type FileFormat, type FileReader, HEAD_BYTES } from './format.js'
import { HeldMeans } from './held.js'
import type { Channel, ReadOptions, ValueBlock } from './recording.js'
import { VcdDefinitions } from './vcd-definitions.js'

/** A value change dump of a logic analyser or a simulator. */
export const VCD: FileFormat = {
  id: 'vcd',
  extensions: ['vcd'],
  fits: (head, isWhole) => {
    if (/^(\xef\xbb\xbf)?\s*\$(date|version|comment|timescale|scope|var)\s/.test(head)) return true
    const mayBegin = /^(\xef\xbb\xbf|\xef\xbb|\xef)?\s*(\$[a-z]*)?$/.test(head)
    return mayBegin && head.length < HEAD_BYTES && !isWhole ? null : false
  },
  open: (_name, options) => new VcdReader(options),
}

/** So many rows of all channels are held at once as may be in one. */
const PIECE_BYTES = 1 << 14
const MOST_WORD_CHARACTERS = 1 << 14
const MOST_COMMAND_WORDS = 64

/** What a bit may be; VHDL has more than the four of the standard. */
const BITS: Readonly<Record<string, number>> = { '0': 0, '1': 1, l: 0, h: 1 }
const UNKNOWN_BITS = 'xzuw-'
const NUMBER = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i

/**
 * Reads a value change dump (IEEE 1364-2005, clause 18): scalars as logic, vectors as whole numbers, and reals, held between
 * changes; a bit that is unknown or at high impedance is no value. Streaming, in constant memory.
 *
 * The values, and the error where there is one, do not depend on how the bytes are cut into pieces.
 */
class VcdReader implements FileReader {
  channels: readonly Channel[] = []
  readonly #decoder = new TextDecoder()
  /** The beginning of a word whose end has not come. */
  #begun = ''
  #lineNumber = 1
  #isLineSkipped = false
  /** The words of the command that is open. */
  #command: string[] | null = null
  readonly #definitions = new VcdDefinitions()
  #unitS = 0
  /** Once the definitions have ended. */
  #means: HeldMeans | null = null
  /** The value of a vector or real, whose identifier comes next. */
  #value: number | null = null
  #timeS = 0
  #row: number[] = []
  #isChanged = false
  /** Rows that the means have not got. */
  #timesS: number[] = []
  #columns: number[][] = []

  constructor(private readonly options: ReadOptions) {}

  *push(bytes: Uint8Array): Generator<ValueBlock> {
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      const piece = bytes.subarray(at, at + PIECE_BYTES)
      const text = this.#begun + this.#decoder.decode(piece, { stream: true })
      let end = text.length
      while (end > 0 && !/\s/.test(text[end - 1] as string)) end--
      this.#begun = text.slice(end)
      yield* this.#read(text.slice(0, end))
    }
  }

  *end(): Generator<ValueBlock> {
    // A time at the very end may be cut off, and tells only how long the last value is held.
    if (!this.#begun.startsWith('#')) yield* this.#read(`${this.#begun} `)
    if (!this.#means) this.#refuse('the dump ends within its definitions')
    if (this.#row.every(Number.isNaN)) this.#refuse('there are no samples: give a capture', 'empty')
    this.#endRow()
    yield* this.#end()
  }

  /** Reads whole words. */
  *#read(text: string): Generator<ValueBlock> {
    try {
      for (const [i, line] of text.split('\n').entries()) {
        if (i > 0) this.#beginLine()
        for (const word of line.split(/\s+/)) {
          if (word !== '' && !this.#isLineSkipped) this.#take(word)
        }
      }
      if (this.#begun.length > MOST_WORD_CHARACTERS) this.#refuseWord()
    } catch (error) {
      yield* this.#end()
      throw error
    }
    yield* this.#takeRows()
  }

  #beginLine(): void {
    this.#lineNumber++
    this.#isLineSkipped = false
  }

  *#takeRows(): Generator<ValueBlock> {
    if (this.#timesS.length === 0) return
    const [timesS, columns] = [this.#timesS, this.#columns]
    this.#timesS = []
    this.#columns = columns.map(() => [])
    if (this.#means) yield* this.#means.push(timesS, columns)
  }

  *#end(): Generator<ValueBlock> {
    if (this.#isChanged) this.#endRow()
    yield* this.#takeRows()
    if (this.#means) yield* this.#means.end()
  }

  #take(word: string): void {
    if (word.length > MOST_WORD_CHARACTERS) this.#refuseWord()
    if (this.#command) this.#takeOfCommand(this.#command, word)
    else if (this.#value !== null) {
      this.#change(word, this.#value)
      this.#value = null
    } else if (word.startsWith('$')) {
      // What stands in these are values.
      if (!/^\$(dumpvars|dumpall|dumpon|dumpoff|end)$/.test(word)) this.#command = [word]
    } else if (!this.#means) this.#refuse('give the definitions of a dump before its values')
    else if (word.startsWith('#')) this.#setTime(word.slice(1))
    else this.#takeValue(word)
  }

  #takeOfCommand(command: string[], word: string): void {
    if (word !== '$end') {
      // A comment may have any number.
      if (command.length < MOST_COMMAND_WORDS) command.push(word)
      return
    }
    this.#command = null
    if (this.#means) return
    const fault = this.#definitions.take(command)
    if (fault) this.#refuse(fault)
    if (command[0] === '$enddefinitions') this.#begin()
  }

  #begin(): void {
    const unitS = this.options.timeUnitS ?? this.#definitions.unitS
    if (unitS === null) {
      this.#refuse('the dump tells no timescale: give the unit of its times', 'unit')
    }
    this.#unitS = unitS
    this.channels = this.#definitions.channels()
    if (this.channels.length === 0)
      this.#refuse('there are no variables: give a dump with one', 'empty')
    this.#means = new HeldMeans(this.channels.length)
    this.#row = this.channels.map(() => Number.NaN)
    this.#columns = this.channels.map(() => [])
  }

  #setTime(digits: string): void {
    const timeS = /^\d+$/.test(digits) ? Number(digits) * this.#unitS : Number.NaN
    if (Number.isNaN(timeS)) this.#refuse('the time is not a whole number')
    if (timeS >= FARTHEST_S) this.#refuse('the time is farther than 10^10 s from zero', 'range')
    if (timeS < this.#timeS) this.#refuse('the time is earlier than the one before it', 'order')
    if (this.#isChanged && timeS > this.#timeS) this.#endRow()
    this.#timeS = timeS
  }

  #takeValue(word: string): void {
    const kind = (word[0] as string).toLowerCase()
    const value = word.slice(1)
    if (kind === 'b' && /^[01xzlhuw-]+$/i.test(value)) {
      this.#value = /^[01]+$/.test(value) ? Number.parseInt(value, 2) : Number.NaN
    } else if (kind === 'r' && (NUMBER.test(value) || value.toLowerCase() === 'nan')) {
      this.#value = Number(value)
    } else if (kind === 's') this.#value = Number.NaN
    else if (kind in BITS) this.#change(value, BITS[kind] as number)
    else if (UNKNOWN_BITS.includes(kind)) this.#change(value, Number.NaN)
    else if (word.endsWith(':')) {
      // sigrok-cli prints analog values between the changes: `A0: 0.02 V DC`.
      this.#isLineSkipped = true
    } else this.#refuse('give a time, or a value and the identifier of a variable')
  }

  #change(id: string, value: number): void {
    const channel = this.#definitions.channelOf.get(id)
    if (channel === undefined) this.#refuse('no variable has this identifier')
    if (Object.is(this.#row[channel], value)) return
    this.#row[channel] = value
    this.#isChanged = true
  }

  #endRow(): void {
    this.#timesS.push(this.#timeS)
    for (const [i, column] of this.#columns.entries()) column.push(this.#row[i] as number)
    this.#isChanged = false
  }

  #refuseWord(): never {
    this.#refuse(`a word is longer than ${MOST_WORD_CHARACTERS / 2 ** 10} Ki characters`)
  }

  #refuse(what: string, code: RecordingErrorCode = 'format'): never {
    throw new RecordingError(code, `line ${this.#lineNumber}: ${what}`)
  }
}
