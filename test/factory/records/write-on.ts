import { writeSync } from 'node:fs'
import { RecordsError } from '../../../src/factory/records/errors.js'
import { Records } from '../../../src/factory/records/records.js'
import { STATION, T0, wholeCycle } from './example.js'

// Writes cycles, two side by side, and tells on standard output what has been written, until it is killed or a write fails; then why.
// FILE
const [, , path = ''] = process.argv
const tell = (what: string, id: string): void => void writeSync(1, `${what} ${id}\n`)

tell('opening', path)
try {
  const records = Records.open(path, STATION, T0)
  const cycles = [0, 1].map(() => wholeCycle(records, T0, tell))
  for (;;) {
    for (const [i, cycle] of cycles.entries()) {
      if (cycle.next().done) cycles[i] = wholeCycle(records, T0, tell)
    }
  }
} catch (error) {
  if (!(error instanceof RecordsError)) throw error
  tell('failed', error.code)
}
