import { SI_PREFIXES } from './units.js'

/** What a file tells of its times before its data, in seconds. */
export interface Timebase {
  /** Between two samples. */
  readonly sampleS: number
  /** Of the first sample. */
  readonly startS: number
}

// A name, up to two dozen letters that are no number, such as ` (Hz)=` or `,Analog:`, and the number.
const VALUE = /([^\d\n+-]{0,24}?)([-+]?[\d.]+(?:e[-+]?\d+)?)\s*/.source
/** Of a unit that is part of the name, as in `Sample Rate (kHz)`. */
const UNIT_BEFORE = /(?<![a-z])([kmgunp\u00b5\u03bc])(?:hz|s)(?![a-z])/i
const RATE = new RegExp(`samp\\w*[ _-]*(?:rate|freq\\w*)${VALUE}([kmg]?)`, 'i')
const INTERVAL = new RegExp(
  `(?:samp\\w*[ _-]*(?:interval|period)|time[ _-]*interval|[tx]_?inc|increment|delta_x|\\bdt\\b)${VALUE}([munp\\u00b5\\u03bc]?)`,
  'i',
)
const START = new RegExp(`(?:^|[^a-z])(?:[tx]0|xorg|start)${VALUE}([munp\\u00b5\\u03bc]?)`, 'im')
const RATE_PREFIXES: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9 }

/** Finds a sample rate or interval in the lines above the data, and the time of the first sample; null where there is none. */
export function readTimebase(preamble: string): Timebase | null {
  const startS = valueIn(START, preamble, SI_PREFIXES) ?? 0
  const intervalS = valueIn(INTERVAL, preamble, SI_PREFIXES)
  if (intervalS !== null && intervalS > 0) return { sampleS: intervalS, startS }
  const rateHz = valueIn(RATE, preamble, RATE_PREFIXES)
  return rateHz !== null && rateHz > 0 ? { sampleS: 1 / rateHz, startS } : null
}

function valueIn(
  pattern: RegExp,
  text: string,
  prefixes: Readonly<Record<string, number>>,
): number | null {
  const [, before = '', number, after] = pattern.exec(text) ?? []
  const prefix = after || UNIT_BEFORE.exec(before)?.[1] || ''
  const value = Number(number) * (prefixes[prefix.toLowerCase()] ?? Number.NaN)
  return Number.isFinite(value) ? value : null
}
