import { zipFormat } from './archive.js'
import { FOREIGN_ARCHIVES, FOREIGN_FILES } from './foreign.js'
import type { FileFormat, FileReader } from './format.js'
import { gzipFormat } from './gzip.js'
import { JSON_NUMBERS } from './json/reader.js'
import { RecognisedReader } from './recognised.js'
import type { ReadOptions } from './recording.js'
import { SIGROK } from './sigrok.js'
import { ENCODED_JSON, PACKET_HEX, SYMBOLS } from './symbols.js'
import { TABLE } from './text/table.js'
import { VCD } from './vcd-reader.js'
import { WAV } from './wav.js'

/** The first that fits is read: whatever fits no other is a table. */
const BARE: readonly FileFormat[] = [
  ...FOREIGN_FILES,
  VCD,
  WAV,
  ENCODED_JSON,
  JSON_NUMBERS,
  SYMBOLS,
  PACKET_HEX,
  TABLE,
]
const ARCHIVES = [SIGROK, ...FOREIGN_ARCHIVES]
const PACKED_ONCE = [zipFormat(ARCHIVES, BARE), gzipFormat(BARE), ...BARE]

/** All kinds of files that are read. */
export const FILE_FORMATS: readonly FileFormat[] = [
  zipFormat(ARCHIVES, PACKED_ONCE),
  gzipFormat(PACKED_ONCE),
  ...BARE,
]

/** @param name of the file, for errors */
export const openFile = (name: string, options: ReadOptions): FileReader =>
  new RecognisedReader(FILE_FORMATS, name, options)
