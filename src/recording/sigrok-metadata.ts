import { RecordingError } from './errors.js'

/** What `metadata` tells of the first device of a sigrok session. */
export interface SigrokMetadata {
  /** Null where it is missing or zero, as in an import of raw data without one. */
  readonly sampleRateHz: number | null
  /** Bytes of one logic sample. */
  readonly unitBytes: number
  /** Of the files with logic samples, before the number of a chunk. */
  readonly logicFile: string
  /** Names of the logic channels that were recorded, by number from 1. */
  readonly probes: ReadonlyMap<number, string>
  /** Names of the analog channels that were recorded, by number, which is in the names of their files. */
  readonly analogs: ReadonlyMap<number, string>
}

const HZ: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9 }
const SAMPLE_RATES_HZ = [1e-3, 1e12] as const
// Far more than any instrument has.
const MOST_UNIT_BYTES = 64
const MOST_ANALOGS = 64

/**
 * Reads `metadata`, which is in the form of a key file with a section for each device.
 *
 * @throws RecordingError that names the line
 */
export function readMetadata(text: string): SigrokMetadata {
  let sampleRateHz: number | null = null
  let unitBytes = 1
  let logicFile = 'logic-1'
  const probes = new Map<number, string>()
  const analogs = new Map<number, string>()
  let devices = 0
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (/^\s*\[device/i.test(line) && ++devices > 1) break
    const equals = line.indexOf('=')
    const key = line.slice(0, Math.max(0, equals)).trim().toLowerCase()
    const value = line.slice(equals + 1).trim()
    const refuse = (what: string): never => {
      throw new RecordingError('range', `metadata, line ${index + 1}: ${what}`)
    }
    const [, kind, number] = /^(probe|analog)(\d{1,9})$/.exec(key) ?? []
    if (kind) (kind === 'probe' ? probes : analogs).set(Number(number), value)
    if (key === 'capturefile') logicFile = value
    if (key === 'unitsize') {
      unitBytes = Number(value)
      const isSize = Number.isInteger(unitBytes) && unitBytes > 0 && unitBytes <= MOST_UNIT_BYTES
      if (!isSize) refuse(`the unit size is not a number from 1 to ${MOST_UNIT_BYTES}`)
    }
    if (key === 'samplerate') {
      const [, amount, prefix = ''] = /^([\d.]+)\s*([kmg]?)(?:hz)?$/i.exec(value) ?? []
      const rateHz = Number(amount) * (HZ[prefix.toLowerCase()] ?? 1)
      const [least, most] = SAMPLE_RATES_HZ
      if (rateHz !== 0 && !(rateHz >= least && rateHz <= most)) {
        refuse('the sample rate is not a number from 0.001 Hz to 1,000 GHz')
      }
      sampleRateHz = rateHz || null
    }
  }
  if (analogs.size > MOST_ANALOGS) {
    throw new RecordingError(
      'range',
      `metadata: there are more than ${MOST_ANALOGS} analog channels`,
    )
  }
  return { sampleRateHz, unitBytes, logicFile, probes, analogs }
}
