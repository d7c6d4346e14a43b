import { strToU8, zipSync } from 'fflate'
import { expect, it } from 'vitest'
import { RecordingError } from '../../src/recording/errors.js'
import { readFile } from './read-file.js'

const some = strToU8('some')

it.each<[string, Uint8Array, string]>([
  [
    'Saleae binary',
    strToU8('<SALEAE>\0\0\0\0'),
    'a binary export of Saleae Logic: export the data as CSV',
  ],
  [
    'Saleae Logic 2',
    zipSync({ 'meta.json': some, 'digital-0.bin': some }),
    'export the raw data as CSV',
  ],
  ['DSView', zipSync({ header: some, 'L-0/0': some }), 'a session of DSView: export it as CSV'],
  [
    'Excel',
    zipSync({ '[Content_Types].xml': some, 'xl/workbook.xml': some }),
    'Office program: save it as CSV',
  ],
  [
    'old Excel',
    Uint8Array.of(0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, 0),
    'old Microsoft Office program: save it as CSV',
  ],
  [
    'LTspice',
    Buffer.from(
      'Title: * a.asc\nDate: Fri Jan  2 03:04:05 2026\nPlotname: Transient Analysis\n',
      'utf16le',
    ),
    'raw file of SPICE: export the time and the light as text',
  ],
])('%s', (_, bytes, text) => {
  expect(() => readFile(bytes)).toThrow(RecordingError)
  expect(() => readFile(bytes)).toThrow(text)
})
