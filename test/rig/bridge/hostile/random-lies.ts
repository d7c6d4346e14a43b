import fc from 'fast-check'
import { type Conversation, SYMBOL_RATE_HZ, WORKS, type Work } from './converse.js'
import {
  type BoardLie,
  type CommandLie,
  FLOODS,
  INDEX_RUNS,
  type Lie,
  type LineLie,
  TOPICS,
  type Topic,
} from './lies.js'

/** The fields of each line of the protocol that has any (firmware-bridge/PROTOCOL.md). */
export const FIELDS: Readonly<Partial<Record<Topic, readonly string[]>>> = {
  hello: ['name', 'firmware', 'protocol', 'clock', 'symbols', 'line', 'now', 'serial'],
  rate: ['period'],
  level: ['white', 'grey'],
  load: ['symbols', 'crc'],
  play: ['start', 'period', 'top', 'white', 'grey'],
  sample: ['period', 'bits'],
  'sense on': ['start', 'period'],
  'sense off': ['count'],
  'edges on': ['count'],
  'edges off': ['count'],
  dark: ['symbols'],
  stop: ['symbols'],
  status: ['playing', 'symbols', 'sense', 'edges', 'now'],
  keepalive: ['ms'],
  baud: ['rate'],
  end: ['symbols', 'late', 'limit'],
  ready: ['name', 'reset'],
}

/** Words that are no value of any field, or only of some. */
const WORDS = [
  ...['', '0', '1', '2', '-1', '-0', '+1', '1.5', '1e3', '1e309', '0x10', '1_000', '007', ' '],
  ...['NaN', 'Infinity', '-Infinity', 'null', 'undefined', 'true', '=', '=1', '#1', '*0000'],
  ...['16000000', '-16000000', '4294967295', '4294967296', '99999999999999999999'],
  ...[
    '__proto__',
    'constructor',
    '\x1b[2J',
    '\x1b]0;owned\x07',
    '\x9b31m',
    'é\xad',
    'x'.repeat(300),
  ],
]

const TEXTS = [
  ...['', ' ', 'ok', 'ok {-1}', 'ok {1} {-1}', 'ok ok ok {-1}', '{0} {1}', '{0} {1} #0'],
  ...[
    'error',
    'error {-1}',
    'error busy not now {-1}',
    'error lost',
    'error crc',
    'error \x1b[2J {-1}',
  ],
  ...['error argument {-1}', 'error sequence {-1}', 'error offset {-1}', 'error line'],
  ...['ok status playing=1 symbols=1 sense=1 edges=1 {-1}', 'ok stop symbols=0 {-1}'],
  ...['s', 's {1}', 's {1} ', 's {1} zzz', 's zz 123', 's -1 {2}', 's {1} fff{2}', 's {1} {2}{2}'],
  ...[
    's {1} {2}0',
    's {1} 400',
    's {1} 7ff',
    's {1} -01',
    's {1} 1e1',
    's {1} 12',
    's 000000000 123',
  ],
  ...['s {1} {2} {2}', 'lost', 'lost {1} count=32', 'lost {1} count=-1', 'lost zz count=1e9'],
  ...['e', 'e {1}', 'e {1} {2}', 'e {1} {2} 2', 'e {1} 00000000 1', 'e {1} zz 1', 'e zz {2} 0'],
  ...['e {1} ffffffff 0', 'elost', 'elost {1}', 'elost zz', 'e {1} {2} 10'],
  ...['end', 'end done', 'end {1}', 'end keepalive symbols=3', 'end late symbols=3 late=9 limit=8'],
  ...['end done symbols=150 late=0 limit=390', 'end done symbols=710 late=0 limit=390'],
  ...['end \x1b[2J symbols=1 late=0 limit=390', 'end done symbols=1', 'end done symbols=-150'],
  ...['ready', 'ready name=x reset=\x1b[31mowned', 'ready name=blinkup-bridge reset=brown-out'],
  ...['__proto__', 'constructor x=1', '\x00\x01\x02', 'x'.repeat(1000)],
]

const word = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...WORDS) },
  { weight: 1, arbitrary: fc.integer().map(String) },
  { weight: 1, arbitrary: fc.double().map(String) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary-ascii', maxLength: 12 }) },
)

const change = fc.oneof(
  fc.record({ times: fc.constantFrom(-1, 0.01, 0.5, 0.9, 0.98, 1.02, 1.1, 2, 10, 1e6) }),
  fc.record({ plus: fc.constantFrom(-1e6, -32, -1, 1, 32, 1e6, 2 ** 31, 2 ** 32) }),
)

/** Which lines of a topic: the first ones, one of them, all from some place on. */
function some<T extends Topic>(topic: T) {
  const isFrequent = /^(s|e|status|load)$/.test(topic)
  return {
    topic: fc.constant(topic),
    from: isFrequent
      ? fc.oneof(fc.constant(0), fc.nat(5), fc.nat(60))
      : fc.constantFrom(0, 0, 0, 1, 2),
    times: fc.constantFrom(1, 1, 2, 3, 1e9),
  }
}
const fewMs = fc.oneof(fc.nat(50), fc.nat(2000), fc.nat(12_000))

const fieldLie = (topic: Topic): fc.Arbitrary<LineLie> =>
  fc.record({
    lie: fc.constant('field'),
    field: fc.constantFrom(...(FIELDS[topic] ?? [''])),
    value: fc.oneof(word, change),
    ...some(topic),
  })

const lineLie = (topic: Topic): fc.Arbitrary<LineLie> => {
  const about = some(topic)
  const text = fc.constantFrom(...TEXTS)
  const runs = fc.constantFrom(...INDEX_RUNS)
  return fc.oneof(
    fc.record({ lie: fc.constantFrom('dropped', 'doubled', 'damaged'), ...about }),
    fc.record({ lie: fc.constant('replaced'), text, ...about }),
    fc.record({ lie: fc.constant('late'), afterMs: fewMs, ...about }),
    fc.record({ lie: fc.constantFrom('before', 'after'), text, afterMs: fewMs, ...about }),
    ...(/^[se]$/.test(topic)
      ? [fc.record({ lie: fc.constant('index' as const), runs, ...about })]
      : []),
  )
}

const commandLie = (topics: readonly Topic[]): fc.Arbitrary<CommandLie> => {
  const about = {
    topic: fc.constantFrom(...topics.filter((topic) => !/^(s|e|end|ready)$/.test(topic))),
    from: fc.constantFrom(0, 0, 0, 1, 2, 3),
    times: fc.constant(1),
  }
  return fc.oneof(
    fc.record(
      {
        lie: fc.constantFrom('deaf', 'mute', 'hung', 'reset', 'unplugged'),
        afterMs: fewMs,
        ...about,
      },
      { requiredKeys: ['lie', 'topic', 'from', 'times'] },
    ),
    fc.record(
      { lie: fc.constant('flood'), of: fc.constantFrom(...FLOODS), afterMs: fewMs, ...about },
      { requiredKeys: ['lie', 'of', 'topic', 'from', 'times'] },
    ),
  )
}

/** Neighbours that can be told from this rig: by when, how fast or how bright their light is. */
const neighbour = fc.oneof(
  fc.record({
    delayS: fc.double({ min: 0.05, max: 4, noNaN: true }),
    symbolRateHz: fc.constant(SYMBOL_RATE_HZ),
    grey: fc.constant(0.52),
  }),
  fc.record({
    delayS: fc.double({ min: 0, max: 4, noNaN: true }),
    symbolRateHz: fc.oneof(
      fc.double({ min: 60, max: SYMBOL_RATE_HZ * 0.95, noNaN: true }),
      fc.double({ min: SYMBOL_RATE_HZ * 1.05, max: 250, noNaN: true }),
    ),
    grey: fc.double({ min: 0.35, max: 0.7, noNaN: true }),
  }),
)

const boardLie: fc.Arbitrary<BoardLie> = fc.oneof(
  fc.constantFrom<BoardLie>({ lie: 'endless' }, { lie: 'dead' }, { lie: 'echo' }),
  fc.record({ lie: fc.constant('slow' as const), bytesPerS: fc.constantFrom(1, 10, 100, 1000) }),
  fc.record({
    lie: fc.constant('clock' as const),
    times: fc.oneof(
      fc.double({ min: 0.3, max: 0.92, noNaN: true }),
      fc.double({ min: 1.08, max: 3, noNaN: true }),
    ),
    of: fc.constantFrom('light' as const, 'samples' as const, 'everything' as const),
  }),
  neighbour.map((found) => ({ lie: 'neighbour' as const, ...found })),
)

/** What the board is asked, and says, in each work. */
const TOPICS_OF: Readonly<Record<Work, RegExp>> = {
  verify: /^(?!e$|edges)/,
  send: /^(?!e$|edges|s$|sense)/,
  samples: /^(?!e$|edges|load|play|rate|end)/,
  edges: /^(?!s$|sense|load|play|rate|end)/,
  levels: /^(?!e$|edges)/,
}

function anyLie(work: Work): fc.Arbitrary<Lie> {
  const topics = TOPICS.filter((topic) => TOPICS_OF[work].test(topic))
  const withFields = topics.filter((topic) => FIELDS[topic])
  return fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...withFields).chain(fieldLie) },
    { weight: 4, arbitrary: fc.constantFrom(...topics).chain(lineLie) },
    { weight: 2, arbitrary: commandLie(topics) },
    { weight: 1, arbitrary: boardLie },
  )
}

/** Anything that is asked of a board that tells one lie, or a few. */
export const anyConversation: fc.Arbitrary<Conversation> = fc
  .constantFrom(...WORKS, 'verify' as const)
  .chain((work) =>
    fc.record({
      work: fc.constant(work),
      lies: fc.oneof(
        { weight: 3, arbitrary: fc.tuple(anyLie(work)) },
        { weight: 1, arbitrary: fc.array(anyLie(work), { minLength: 2, maxLength: 3 }) },
      ),
      abortMs: fc.option(fc.nat(4000), { nil: undefined, freq: 3 }),
      sampleRateHz: fc.constantFrom(1000, 1000, 1000, 4000),
    }),
  )
