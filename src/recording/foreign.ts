import type { ArchiveFormat } from './archive.js'
import { RecordingError } from './errors.js'
import type { FileFormat } from './format.js'

const refuse = (what: string): never => {
  throw new RecordingError('format', what)
}

/** A file that begins with `signature`, and is not read. */
const foreignFile = (
  id: string,
  extensions: readonly string[],
  signature: string,
  what: string,
): FileFormat => ({
  id,
  extensions,
  fits: (head, isWhole) =>
    head.startsWith(signature) || (signature.startsWith(head) && !isWhole ? null : false),
  open: () => refuse(what),
})

const RAW_HEAD_BYTES = 1024

/** What SPICE writes by itself; LTspice in UTF-16. */
const SPICE_RAW: FileFormat = {
  id: 'spice-raw',
  extensions: ['raw'],
  fits: (head, isWhole) => {
    const text = head.slice(0, RAW_HEAD_BYTES).replaceAll('\0', '')
    if (/^Title:.*\n.*\nPlotname:/.test(text)) return true
    const mayBegin = text.startsWith('Title:') || 'Title:'.startsWith(text)
    return mayBegin && head.length < RAW_HEAD_BYTES && !isWhole ? null : false
  },
  open: () => refuse('this is a raw file of SPICE: export the time and the light as text'),
}

/** Files of other programs that are not read, and how to export what is in them. */
export const FOREIGN_FILES: readonly FileFormat[] = [
  foreignFile(
    'saleae-binary',
    ['bin'],
    '<SALEAE>',
    'this is a binary export of Saleae Logic: export the data as CSV',
  ),
  foreignFile(
    'ole',
    ['xls'],
    '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1',
    'this is a file of an old Microsoft Office program: save it as CSV',
  ),
  SPICE_RAW,
]

/** Archives of other programs that are not read, and how to export what is in them. */
export const FOREIGN_ARCHIVES: readonly ArchiveFormat[] = [
  {
    id: 'saleae-capture',
    extensions: ['sal'],
    fits: (names) => names.includes('meta.json'),
    read: () => refuse('this is a capture of Saleae Logic 2: export the raw data as CSV'),
  },
  {
    id: 'dsview',
    extensions: ['dsl'],
    fits: (names) => names.includes('header'),
    read: () => refuse('this is a session of DSView: export it as CSV'),
  },
  {
    id: 'excel',
    extensions: ['xlsx'],
    fits: (names) => names.includes('[Content_Types].xml'),
    read: () => refuse('this is a file of a Microsoft Office program: save it as CSV'),
  },
]
