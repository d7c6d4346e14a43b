import type { SymbolSequence } from '../modulation/index.js'
import type { BadPacket, ReceivedMessage } from '../receiver/index.js'
import type { Light } from './recent-light.js'
import { linesOf, type SeenMessage, SYMBOL_LINES, seenMessage } from './seen-message.js'

/** The light's short name in the dump. */
const LIGHT_ID = 'l'
const LEVEL_DIGITS = 6
const NO_LIGHT: Light = { timesS: new Float64Array(), levels: new Float64Array() }

/**
 * The symbols as a value change dump for a waveform viewer (IEEE 1364-2005, clause 18) on a timescale of 1 µs: one-bit
 * variables `white` and `grey`, as a gpio rig drives its lines, where grey's alone lights grey, and both light white. The
 * first symbol begins at zero.
 */
export const symbolsToVcd = ({ levels }: SymbolSequence, symbolRateHz: number): string =>
  dump({ lines: levels.map(linesOf), startS: 0, symbolRateHz }, SYMBOL_LINES.slice(0, 2), NO_LIGHT)

/**
 * A message, good or with a whole packet that is wrong, as it was seen: `white` and `grey` as in `symbolsToVcd`, `packet`,
 * which is high from the packet's first bit to its last, and the light, where it is given, as a real variable: in the
 * unit of its recording, each level until the next one. GTKWave shows all of it. libsigrok 0.5.2, which PulseView 0.4.2 has, takes
 * one-bit variables only and leaves the light out ("Unsupported signal type: 'real'").
 *
 * It begins where the light or the message does, as libsigrok makes samples from the first time on, and is on the clock of the
 * capture; a dump has no times below zero, where whole seconds are added, and a comment says how many.
 */
export function receptionToVcd(
  reception: ReceivedMessage | BadPacket,
  light: Light = NO_LIGHT,
): string {
  const { startS, ...seen } = seenMessage(reception)
  const firstS = Math.min(reception.startS, light.timesS[0] ?? Infinity)
  const addedS = Math.max(0, Math.ceil(-firstS))
  const comment =
    addedS > 0 ? `$comment times are those of the capture plus ${addedS} s $end\n` : ''
  const { timesS, levels } = light
  const shifted = { timesS: timesS.map((timeS) => timeS + addedS), levels }
  return comment + dump({ ...seen, startS: startS + addedS }, SYMBOL_LINES, shifted)
}

function dump(
  { lines, startS, symbolRateHz }: SeenMessage,
  names: readonly string[],
  { timesS, levels }: Light,
): string {
  const ends = [
    startS,
    startS + lines.length / symbolRateHz,
    ...timesS.subarray(0, 1),
    ...timesS.subarray(-1),
  ]
  const startUs = toUs(Math.min(...ends))
  const rows = [
    '$timescale 1 us $end',
    '$scope module blinkup $end',
    ...names.map((name) => `$var wire 1 ${idOf(name)} ${name} $end`),
    ...(timesS.length > 0 ? [`$var real 64 ${LIGHT_ID} light $end`] : []),
    '$upscope $end',
    '$enddefinitions $end',
    `#${startUs}`,
    ...names.map((name) => `0${idOf(name)}`),
  ]
  let lastUs = startUs
  for (const { timeUs, text } of merged(symbolChanges(), lightChanges())) {
    if (timeUs !== lastUs) rows.push(`#${timeUs}`)
    rows.push(text)
    lastUs = timeUs
  }
  const endUs = toUs(Math.max(...ends))
  if (endUs !== lastUs) rows.push(`#${endUs}`)
  return `${rows.join('\n')}\n`

  function* symbolChanges(): Generator<Change> {
    let shown = 0
    for (const [symbol, next] of lines.entries()) {
      const timeUs = toUs(startS + symbol / symbolRateHz)
      for (const [bit, name] of names.entries()) {
        const value = (next >> bit) & 1
        if (value !== ((shown >> bit) & 1)) yield { timeUs, text: `${value}${idOf(name)}` }
      }
      shown = next
    }
  }

  function* lightChanges(): Generator<Change> {
    let shown = ''
    for (const [i, timeS] of timesS.entries()) {
      const text = `r${Number((levels[i] as number).toFixed(LEVEL_DIGITS))} ${LIGHT_ID}`
      if (text !== shown) yield { timeUs: toUs(timeS), text }
      shown = text
    }
  }
}

interface Change {
  readonly timeUs: number
  readonly text: string
}

/** Of both, in the order of their times. */
function* merged(left: Generator<Change>, right: Generator<Change>): Generator<Change> {
  let [a, b] = [left.next(), right.next()]
  while (!a.done || !b.done) {
    if (!a.done && (b.done || a.value.timeUs <= b.value.timeUs)) {
      yield a.value
      a = left.next()
    } else if (!b.done) {
      yield b.value
      b = right.next()
    }
  }
}

/** A first symbol, which is black, may begin before zero. */
const toUs = (timeS: number): number => Math.max(0, Math.round(1e6 * timeS))

/** A variable's short name in the dump. */
const idOf = (name: string): string => name.charAt(0)
