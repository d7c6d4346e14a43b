import { gzipSync, strFromU8, strToU8, zipSync } from 'fflate'
import { simulateChannel } from '../../src/channel/index.js'
import { formatSymbols, modulate } from '../../src/modulation/index.js'
import { joined } from '../../src/recording/bytes.js'
import { symbolsToVcd } from '../../src/recording/vcd.js'
import { INSTRUMENT_FILES, PACKET as INSTRUMENTS_PACKET } from '../../test/recording/instruments.js'
import { Dice } from './dice.js'
import { randomPacket } from './trial.js'

const PACKET = randomPacket(1, 4)
const { timesS, levels } = simulateChannel(modulate(PACKET).levels, {
  sampleRateHz: 400,
  beforeS: 0.02,
  afterS: 0.02,
})

/** The packets of the messages in the files. */
export const SENT_IN_FILES = [PACKET, INSTRUMENTS_PACKET]

const csv = (unitS: number, header: string): Uint8Array =>
  strToU8(
    header +
      Array.from(
        timesS,
        (timeS, n) => `${Number((timeS / unitS).toFixed(6))},${levels[n]?.toFixed(4)}\n`,
      ).join(''),
  )

const METADATA = `[global]
sigrok version=0.5.2

[device 1]
capturefile=logic-1
unitsize=1
total probes=1
samplerate=400 Hz
total analog=1
probe1=D0
analog2=A0
`
const floats = (values: ArrayLike<number>) => new Uint8Array(Float32Array.from(values).buffer)
const ANALOG = floats(levels)

/** The files of a sigrok session, in one chunk or two. */
const sessions: readonly Readonly<Record<string, Uint8Array>>[] = [
  { 'analog-1-2-1': ANALOG },
  { 'analog-1-2-1': ANALOG.subarray(0, 1600), 'analog-1-2-2': ANALOG.subarray(1600) },
  { 'logic-1-1': Uint8Array.from(levels, (level) => Number(level > 0.4)) },
].map((channel) => ({ version: strToU8('2'), metadata: strToU8(METADATA), ...channel }))

const ARCHIVES = sessions.flatMap((files) => [
  zipSync(files, { level: 0 }),
  zipSync(files, { level: 6 }),
])

/** Some 20 KB that inflate to 20 MB: as many zeros as deflate packs into them. */
const BOMB = zipSync(
  {
    version: strToU8('2'),
    metadata: strToU8(METADATA),
    'logic-1-1': new Uint8Array(2e7),
  },
  { level: 9 },
)

/** What stands in texts, and what should not. */
const TOKENS = [
  ...[
    'NaN',
    'Infinity',
    '-',
    '1e999',
    '1e-999',
    '0x10',
    '.',
    ',',
    ',,',
    '\n',
    '\r\n',
    '\r',
    ' ',
    '\t',
  ],
  ...['[', ']', '[[', '],[', '{}', 'null', '"', 'time (ms)', 'time_us,level\n', 't [µs],v\n', ';'],
  ...[
    '\uFEFF',
    '\0',
    '\u2028',
    '１',
    'µs',
    '0',
    '1',
    '2',
    '12345',
    '9'.repeat(2000),
    ' '.repeat(2000),
  ],
  ...['∞', 'nan', '#', ': ', '->', '12:34:56.7', '2026-01-02T03:04:05.6Z', '1,5', 'CH1 (mV)'],
  ...[
    '\nSample rate: 1 kHz\n',
    '; Channels (1/1): A0\n',
    'tInc = 1ns',
    '#5 ',
    '$end',
    'b10 ',
    'r1 ',
  ],
]
const KEYS = ['samplerate', 'unitsize', 'total analog', '[device 2]', '']
const VALUES = [
  '0',
  '-1',
  '1e9',
  '9'.repeat(400),
  `0.${'0'.repeat(400)}1`,
  'NaN',
  '',
  '3 GHz',
  '1.2.3 k',
  '2',
  '1e300',
]
const NAMES = [
  'analog-1-1-1',
  `analog-1-1-${'9'.repeat(30)}`,
  'logic-1-1',
  'logic-1',
  '__proto__',
  'version',
  'metadata',
  '../x',
]

/** Wrong bytes, bytes that are missing or there twice. */
function damaged(whole: Uint8Array, dice: Dice): Uint8Array {
  let bytes: Uint8Array = whole.slice()
  for (let hits = dice.sizeUpTo(8); hits > 0 && bytes.length > 0; hits--) {
    const at = dice.below(bytes.length)
    const end = at + dice.sizeUpTo(bytes.length)
    if (dice.below(3) > 0) bytes[at] = dice.below(256)
    else if (dice.below(2) > 0) bytes = joined([bytes.subarray(0, at), bytes.subarray(end)])
    else bytes = joined([bytes.subarray(0, end), bytes.subarray(at, at + 1000)])
  }
  return bytes
}

function withTokens(whole: Uint8Array, dice: Dice): Uint8Array {
  let text = strFromU8(whole)
  for (let hits = dice.sizeUpTo(5); hits > 0; hits--) {
    const at = dice.below(text.length + 1)
    text = text.slice(0, at) + dice.oneOf(TOKENS) + text.slice(at + dice.below(4))
  }
  return strToU8(text)
}

/** A file that is whole, is cut, or is damaged in one way. */
function mutated(whole: Uint8Array, dice: Dice, own: typeof damaged): Uint8Array {
  switch (dice.below(8)) {
    case 0:
      return whole
    case 1:
      return whole.subarray(0, dice.below(whole.length))
    case 2:
    case 3:
      return damaged(whole, dice)
    default:
      return own(whole, dice)
  }
}

/** Sizes, offsets and counts of an archive's own tables that are not true. */
function withFalseTables(whole: Uint8Array, dice: Dice): Uint8Array {
  const bytes = whole.slice()
  const view = new DataView(bytes.buffer)
  const directory = view.getUint32(bytes.length - 6, true)
  for (let hits = 1 + dice.below(4); hits > 0; hits--) {
    const at =
      dice.below(2) > 0
        ? dice.below(bytes.length - 4)
        : directory + dice.below(bytes.length - directory - 4)
    view.setUint32(
      at,
      dice.oneOf([
        0,
        1,
        0xffff,
        0x10000,
        0x7fffffff,
        0xffffffff,
        dice.below(2 ** 32),
        dice.below(bytes.length),
      ]),
      true,
    )
  }
  return bytes
}

/** A whole archive of a session that is not. */
function session(dice: Dice): Uint8Array {
  const files: Record<string, Uint8Array> = { ...dice.oneOf(sessions) }
  for (let hits = 1 + dice.below(3); hits > 0; hits--) {
    const name = dice.oneOf(Object.keys(files))
    const content = files[name] as Uint8Array
    if (name === 'metadata') {
      const lines = METADATA.split('\n')
      lines[dice.below(lines.length)] = `${dice.oneOf(KEYS)}=${dice.oneOf(VALUES)}`
      files[name] = strToU8(lines.join('\n'))
    } else files[dice.below(2) > 0 ? name : dice.oneOf(NAMES)] = damaged(content, dice)
    if (dice.below(4) === 0) delete files[name]
  }
  return zipSync(files, { level: dice.oneOf([0, 1]) })
}

const KINDS: Readonly<Record<string, (dice: Dice) => Uint8Array>> = {
  'CSV in s': (dice) => mutated(csv(1, dice.oneOf(['', 'time_s,level\n'])), dice, withTokens),
  'CSV in ms': (dice) => mutated(csv(1e-3, 'time (ms),"A0"\n'), dice, withTokens),
  'CSV in µs': (dice) => mutated(csv(1e-6, 't [µs], volts\n'), dice, withTokens),
  'a table of an instrument': (dice) => mutated(dice.oneOf(TABLES), dice, withTokens),
  'JSON objects': (dice) => mutated(dice.oneOf(JSON_OBJECTS), dice, withTokens),
  VCD: (dice) => mutated(DUMP, dice, withTokens),
  WAV: (dice) => mutated(dice.oneOf(SOUNDS), dice, damaged),
  packed: (dice) => {
    const inner = mutated(dice.oneOf([CSV, DUMP, JSON_PAIRS, ...SOUNDS]), dice, damaged)
    const packed =
      dice.below(2) > 0
        ? gzipSync(inner)
        : zipSync({ [dice.oneOf(['capture.csv', 'a/b', 'metadata'])]: inner })
    return dice.below(2) > 0 ? packed : damaged(packed, dice)
  },
  'JSON pairs': (dice) => mutated(JSON_PAIRS, dice, withTokens),
  symbols: (dice) => mutated(SYMBOLS, dice, withTokens),
  'sigrok archive': (dice) =>
    mutated(dice.below(1000) > 0 ? dice.oneOf(ARCHIVES) : BOMB, dice, withFalseTables),
  'sigrok session': session,
  'any bytes': (dice) => {
    const start = dice.oneOf(['', '', 'PK\x03\x04', '[', '0,'])
    const most = dice.oneOf([256, 128, 64])
    return Uint8Array.of(
      ...strToU8(start),
      ...Array.from({ length: dice.sizeUpTo(20_000) }, () => dice.below(most)),
    )
  },
}
const JSON_PAIRS = strToU8(
  JSON.stringify(
    Array.from(timesS, (timeS, n) => [
      Math.round(timeS * 1e6),
      Math.round(65535 * (levels[n] ?? 0)),
    ]),
  ),
)
const CSV = csv(1, 'time_s,level\n')
const TABLES = Object.values(INSTRUMENT_FILES).map(({ text }) => strToU8(text))
const JSON_OBJECTS = [
  Array.from(timesS, (time_s, n) => ({ time_s, level: levels[n], other: null })),
  { time_ms: Array.from(timesS, (timeS) => 1000 * timeS), level: Array.from(levels) },
].map((value) => strToU8(JSON.stringify(value)))
const DUMP = strToU8(symbolsToVcd(modulate(PACKET), 60))
const SOUNDS = [16, 32].map((bits) => wav(bits))

/** Light at a sound card, in whole numbers of so many bits. */
function wav(bits: number): Uint8Array {
  const frameBytes = bits / 8
  const bytes = new Uint8Array(44 + frameBytes * levels.length)
  const view = new DataView(bytes.buffer)
  bytes.set(strToU8('RIFF'))
  view.setUint32(4, bytes.length - 8, true)
  bytes.set(strToU8('WAVEfmt '), 8)
  for (const [at, value] of [
    [16, 16],
    [24, 400],
    [28, 400 * frameBytes],
    [40, frameBytes * levels.length],
  ] as const) {
    view.setUint32(at, value, true)
  }
  for (const [at, value] of [
    [20, 1],
    [22, 1],
    [32, frameBytes],
    [34, bits],
  ] as const) {
    view.setUint16(at, value, true)
  }
  bytes.set(strToU8('data'), 36)
  for (const [n, level] of levels.entries()) {
    const value = Math.round((level - 0.5) * 2 ** (bits - 1))
    if (bits === 16) view.setInt16(44 + frameBytes * n, value, true)
    else view.setInt32(44 + frameBytes * n, value, true)
  }
  return bytes
}

const SYMBOLS = strToU8(formatSymbols(modulate(PACKET)))

const KIND_NAMES = Object.keys(KINDS)

/** A file that `decode` may be given, cut into pieces as a pipe may cut it. */
export function randomFile(seed: number): { kind: string; pieces: Uint8Array[] } {
  const dice = new Dice(seed)
  const kind = KIND_NAMES[seed % KIND_NAMES.length] as string
  const bytes = (KINDS[kind] as (dice: Dice) => Uint8Array)(dice)
  const pieces: Uint8Array[] = []
  const most = dice.oneOf([1, 100, 1 << 16, 1 << 16])
  for (let start = 0; start < bytes.length; ) {
    const end = start + 1 + dice.below(most)
    pieces.push(bytes.subarray(start, end))
    start = end
  }
  return { kind, pieces }
}
