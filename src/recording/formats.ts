import { CSV } from './csv.js'
import { type FileFormat, HEAD_BYTES } from './format.js'
import { JSON_PAIRS } from './json.js'
import { SIGROK } from './sigrok.js'
import { SYMBOLS } from './symbols.js'

/** All kinds of files that are read, the first that fits first: whatever fits no other is CSV, whose errors name the line. */
export const FILE_FORMATS: readonly FileFormat[] = [SIGROK, JSON_PAIRS, SYMBOLS, CSV]

/** The format of a file that begins so; null when more of it must be seen. */
export function formatOf(bytes: Uint8Array, isWhole: boolean): FileFormat | null {
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, HEAD_BYTES))
  for (const format of FILE_FORMATS) {
    const fits = format.fits(head, isWhole)
    if (fits === null) return null
    if (fits) return format
  }
  return null
}
