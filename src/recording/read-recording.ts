import { RecordingError } from './errors.js'
import { type Decoded, type DecodeOptions, FileDecoder } from './file-decoder.js'
import { openFile } from './formats.js'
import type { Channel, ReadOptions, ValueBlock } from './recording.js'

/** A file as a path, where there is Node.js, or its bytes as they come. */
export type RecordingSource = string | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>

export interface Recording {
  readonly channels: readonly Channel[]
  /** To be iterated once, to read on. Errors: RecordingError, and what the source rejects with; what comes before one is given first. */
  readonly blocks: AsyncIterable<ValueBlock>
}

/**
 * Opens a recording in any of `FILE_FORMATS`, and reads it as its blocks are iterated.
 *
 * @returns as soon as its channels are known
 * @throws RecordingError, also for a file of symbols, which is no recording, and what the source rejects with
 */
export async function readRecording(
  source: RecordingSource,
  options: ReadOptions = {},
): Promise<Recording> {
  const reader = openFile(nameOf(source), options)
  const blocks = blocksOf()
  const first = await blocks.next()
  if (first.done) throw new RecordingError('empty', 'there are no samples: give a capture')
  return { channels: reader.channels, blocks: from(first.value) }

  async function* blocksOf(): AsyncGenerator<ValueBlock> {
    for await (const piece of piecesOf(source)) yield* reader.push(piece)
    for (const part of reader.end()) {
      if ('kind' in part) {
        throw new RecordingError(
          'format',
          'there are symbols, and no samples: decode them as what they are',
        )
      }
      yield part
    }
  }

  async function* from(block: ValueBlock): AsyncGenerator<ValueBlock> {
    yield block
    yield* blocks
  }
}

/**
 * Finds the messages in a file, each as soon as it is there.
 *
 * @throws RecordingError, ModulationError, and what the source rejects with; what was found before comes first
 */
export const decodeRecording = (
  source: RecordingSource,
  options?: DecodeOptions,
): AsyncGenerator<Decoded> =>
  decodePieces(new FileDecoder(nameOf(source), null, options), piecesOf(source))

/** Pushes a whole file into a decoder. Errors as of `decodeRecording`. */
export async function* decodePieces(
  decoder: FileDecoder,
  pieces: AsyncIterable<Uint8Array>,
): AsyncGenerator<Decoded> {
  try {
    for await (const piece of pieces) yield* decoder.push(piece)
  } catch (fault) {
    yield* decoder.breakOff()
    throw fault
  }
  yield* decoder.end()
}

const nameOf = (source: RecordingSource): string =>
  typeof source === 'string' ? source : 'the recording'

function piecesOf(source: RecordingSource): AsyncIterable<Uint8Array> {
  if (typeof source === 'string') return fileOf(source)
  return 'getReader' in source ? streamOf(source) : source
}

/** Not imported, so that a bundle for a browser needs no `node:fs`. */
function fileOf(path: string): AsyncIterable<Uint8Array> {
  const { createReadStream } = process.getBuiltinModule('node:fs')
  return createReadStream(path, { highWaterMark: 1 << 20 })
}

/** Not every browser iterates a stream. */
async function* streamOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      yield value
    }
  } finally {
    await reader.cancel()
  }
}
