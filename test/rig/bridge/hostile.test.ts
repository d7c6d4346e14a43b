import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Conversation, converse, type Outcome, WORKS, type Work } from './hostile/converse.js'
import { FLOODS, type FloodKind, INDEX_RUNS, type Lie, type Topic } from './hostile/lies.js'
import { anyConversation } from './hostile/random-lies.js'

/** Fails where something came of it that must never come, and says what the board was asked and what it lied. */
async function conversed(conversation: Conversation): Promise<Outcome> {
  const outcome = await converse(conversation)
  expect(outcome.wrongs, JSON.stringify(conversation)).toEqual([])
  return outcome
}

const verify = (...lies: Lie[]): Promise<Outcome> => conversed({ work: 'verify', lies })
const send = (...lies: Lie[]): Promise<Outcome> => conversed({ work: 'send', lies })
const capture = (...lies: Lie[]): Promise<Outcome> => conversed({ work: 'samples', lies })

/** Something that the board said was not so. */
const REFUSED = /^(damaged|foreign|refused|broken-off|no-answer)$/
const NOT_THIS_LIGHT = 'fail: not-this-light'

test.each([
  ['verify', 'pass'],
  ['send', 'played'],
  ['samples', 'done'],
  ['edges', 'done'],
  ['levels', 'done'],
] as const)('an honest board: %s', async (work, result) => {
  expect((await conversed({ work, lies: [] })).result).toBe(result)
  expect((await conversed({ work, lies: [], sampleRateHz: 4000 })).result).toBe(result)
})

describe('a light that is not this one', () => {
  const neighbour = (delayS: number, symbolRateHz: number, grey: number): Lie => ({
    lie: 'neighbour',
    delayS,
    symbolRateHz,
    grey,
  })

  test.each([
    ['seconds later', neighbour(3, 142, 0.52)],
    ['a little later', neighbour(0.1, 142, 0.52)],
    ['faster', neighbour(0, 160, 0.52)],
    ['slower', neighbour(0, 130, 0.52)],
    ['later and so much faster that it ends sooner', neighbour(0.3, 250, 0.52)],
    ['later and slower', neighbour(2, 100, 0.52)],
  ])('a neighbour plays the same message %s', async (_, lie) => {
    expect((await verify(lie)).result).toMatch(/^fail: (not-this-light|no-light)$/)
  })

  test('one that is told by its light alone is told as such', async () => {
    expect((await verify(neighbour(0.1, 142, 0.52))).result).toBe(NOT_THIS_LIGHT)
    expect((await verify(neighbour(0, 160, 0.52))).result).toBe(NOT_THIS_LIGHT)
    expect((await verify(neighbour(0, 142, 0.8))).result).not.toBe('pass')
  })

  test.each([0.5, 0.8, 1.25, 2])('a clock %f times as fast as the board says', async (times) => {
    const slowly = { symbolRateHz: 30 } // 5 s
    for (const of of ['light', 'everything'] as const) {
      const lies: Lie[] = [{ lie: 'clock', times, of }]
      const verified = await conversed({ work: 'verify', lies, ...slowly })
      expect(verified.result).toMatch(/^(damaged|broken-off|fail: .*)$/)
      expect((await conversed({ work: 'send', lies, ...slowly })).result).toMatch(REFUSED)
    }
    const samples: Lie = { lie: 'clock', times, of: 'samples' }
    expect((await verify(samples)).result).toMatch(/^(damaged|broken-off|fail: .*)$/)
  })

  test('a dead LED', async () => {
    expect((await verify({ lie: 'dead' })).result).toBe('fail: no-light')
  })
})

describe('a field', () => {
  const field = (topic: Topic, name: string, value: string): Lie => ({
    lie: 'field',
    topic,
    field: name,
    value,
  })

  test.each<[Topic, string, string[]]>([
    ['hello', 'clock', ['0', '-16000000', 'NaN', '1e309', '99999999999999999999', '8000000', '']],
    ['hello', 'now', ['garbage', '-1', '4294967296', 'NaN']],
    ['hello', 'symbols', ['NaN', '-1', 'garbage']],
    ['sample', 'period', ['0', '-1', 'NaN', '1', '1e3', '4294967296']],
    ['sense on', 'start', ['NaN', '-1', '4294967296', '']],
    ['play', 'start', ['NaN', '-1', '4294967296', '']],
    ['play', 'period', ['NaN', '0', '-112676', '1', '']],
    ['play', 'white', ['0', 'NaN', '-1', '']],
    ['play', 'grey', ['NaN', '-1', '1000000', '']],
    ['rate', 'period', ['NaN', '0', '-112676', '1']],
    ['status', 'playing', ['NaN', '2', '-1', '']],
    ['status', 'symbols', ['NaN', '-1', '1e309', '']],
    ['end', 'symbols', ['1', 'NaN', '-1', '151', '']],
  ])('%s %s', async (topic, name, values) => {
    for (const value of values) {
      const { result, sentences } = await verify(field(topic, name, value))
      expect(result, `${name}=${value}`).toMatch(REFUSED)
      expect(sentences[0]).toMatch(/\S/)
    }
  })
})

describe('the end of the light', () => {
  const EARLY = 'end done symbols=150 late=200 limit=390'

  test.each([100, 300, 600, 800])('comes too early, after %i ms of 1056', async (afterMs) => {
    const lie: Lie = { lie: 'after', topic: 'play', text: EARLY, afterMs }
    expect((await send(lie)).result).toMatch(REFUSED)
    expect((await verify(lie)).result).toMatch(/^(damaged|broken-off|fail: .*)$/)
  })

  test('comes before the reply to play', async () => {
    expect((await send({ lie: 'before', topic: 'play', text: EARLY })).result).toMatch(
      /^(played|damaged|broken-off)$/,
    )
  })

  test('comes twice', async () => {
    expect((await send({ lie: 'doubled', topic: 'end' })).result).toBe('played')
  })

  test.each([
    ['the board is dark', []],
    [
      'the board says that it plays',
      [{ lie: 'field', topic: 'status', field: 'playing', value: '1' }],
    ],
  ] as [string, Lie[]][])('never comes, and %s', async (_, lies) => {
    expect((await send({ lie: 'dropped', topic: 'end' }, ...lies)).result).toBe('broken-off')
    expect((await verify({ lie: 'dropped', topic: 'end' }, ...lies)).result).toBe('broken-off')
  })

  test('never comes, as the light goes on for ever', async () => {
    expect((await send({ lie: 'endless' })).result).toBe('broken-off')
    expect((await verify({ lie: 'endless' })).result).toBe('broken-off')
  })

  test('has not come when the board says that it never played', async () => {
    const lie: Lie = { lie: 'field', topic: 'status', field: 'playing', value: '0' }
    expect((await send(lie)).result).toMatch(/^(played|broken-off|damaged)$/)
  })
})

describe('samples', () => {
  test.each([
    ['never come', [{ lie: 'dropped', topic: 's' }]],
    ['stop', [{ lie: 'dropped', topic: 's', from: 20 }]],
    ['have no content', [{ lie: 'replaced', topic: 's', text: 's {1} ' }]],
    ['are no words', [{ lie: 'replaced', topic: 's', text: 's' }]],
    ['are no hex digits', [{ lie: 'replaced', topic: 's', text: 's {1} zzz' }]],
    ['have no index', [{ lie: 'replaced', topic: 's', text: 's zz {2}' }]],
    ['have an index below zero', [{ lie: 'replaced', topic: 's', text: 's -1 {2}' }]],
    ['are beyond 10 bits', [{ lie: 'replaced', topic: 's', text: 's {1} fff{2}' }]],
    ['are uneven', [{ lie: 'replaced', topic: 's', text: 's {1} {2}0' }]],
    ['are too many a line', [{ lie: 'replaced', topic: 's', text: 's {1} {2}{2}' }]],
  ] as [string, Lie[]][])('%s', async (_, lies) => {
    for (const work of ['verify', 'samples', 'levels'] as const) {
      expect((await conversed({ work, lies })).result, work).toMatch(REFUSED)
    }
  })

  test.each(INDEX_RUNS.filter((runs) => runs !== 'skip'))(
    'whose index goes wrong: %s',
    async (runs) => {
      expect((await capture({ lie: 'index', topic: 's', runs })).result).toMatch(REFUSED)
      expect((await verify({ lie: 'index', topic: 's', runs, from: 10 })).result).toMatch(REFUSED)
    },
  )

  test('each twice', async () => {
    expect((await capture({ lie: 'doubled', topic: 's' })).result).toMatch(REFUSED)
  })

  test('a line now and then that is lost is a gap', async () => {
    expect((await capture({ lie: 'index', topic: 's', runs: 'skip' })).result).toBe('done')
  })

  test.each(['0', '-1', 'NaN', '4294967295', 'garbage'])(
    'of which %s are counted',
    async (value) => {
      const lie: Lie = { lie: 'field', topic: 'sense off', field: 'count', value }
      expect((await capture(lie)).result).toMatch(REFUSED)
    },
  )
})

test.each([
  'e {1} 00000000 1',
  'e {1} {2} 2',
  'e {1} {2}',
  'e zz {2} 1',
  'e {1} zz 1',
  'e -1 {2} 1',
  'e 00000000 {2} 1',
])('edges that are %s', async (text) => {
  const lies: Lie[] = [{ lie: 'replaced', topic: 'e', text, from: 3 }]
  expect((await conversed({ work: 'edges', lies })).result).toMatch(REFUSED)
})

/** The commands of each work, in their order. */
const COMMANDS: Readonly<Record<Work, readonly Topic[]>> = {
  verify: [
    'hello',
    'stop',
    'keepalive',
    'level',
    'sample',
    'sense on',
    'load',
    'rate',
    'play',
    'status',
  ],
  send: ['hello', 'stop', 'keepalive', 'level', 'sample', 'load', 'rate', 'play', 'status'],
  samples: ['sense on', 'sense off', 'status'],
  edges: ['edges on', 'edges off', 'status'],
  levels: ['sense on', 'play', 'sense off', 'status'],
}

describe.each(WORKS)('at any command of %s', (work) => {
  const commands = COMMANDS[work]

  test.each(['deaf', 'mute', 'hung', 'unplugged', 'reset'] as const)(
    'the board is %s',
    async (lie) => {
      for (const topic of commands) {
        const { result } = await conversed({ work, lies: [{ lie, topic }] })
        const isStart = /^(hello|stop|keepalive|level|sample)$/.test(topic)
        if (lie === 'unplugged') expect(result, topic).toBe('unplugged')
        else if (lie === 'reset' && !isStart) expect(result, topic).toMatch(/^(reset|refused)$/)
        else expect(result, topic).not.toMatch(/^bug/)
      }
    },
  )

  test('the reply is lost, damaged, late, doubled, for another, or no reply', async () => {
    for (const topic of commands) {
      for (const deed of ['dropped', 'damaged', 'doubled'] as const) {
        await conversed({ work, lies: [{ lie: deed, topic }] })
        await conversed({ work, lies: [{ lie: deed, topic, times: 1 }] })
      }
      for (const afterMs of [400, 1500, 9000]) {
        await conversed({ work, lies: [{ lie: 'late', topic, afterMs, times: 1 }] })
      }
      for (const text of [
        '{0} {1} #0',
        'ok {-1}',
        'ok status {-1}',
        'error busy no {-1}',
        '',
        'ok',
      ]) {
        await conversed({ work, lies: [{ lie: 'replaced', topic, text }] })
      }
    }
  })

  test('the board says that it has restarted', async () => {
    for (const topic of commands) {
      const text = 'ready name=blinkup-bridge reset=brown-out'
      await conversed({ work, lies: [{ lie: 'before', topic, text, times: 1 }] })
      await conversed({ work, lies: [{ lie: 'after', topic, text, times: 1, afterMs: 200 }] })
    }
  })

  test('a flood begins', async () => {
    for (const topic of commands) {
      for (const of of FLOODS as readonly FloodKind[]) {
        await conversed({ work, lies: [{ lie: 'flood', of, topic, times: 1 }] })
      }
    }
  })
})

test('a reply to another command is none, whatever its tag', async () => {
  const lies: Lie[] = [
    { lie: 'replaced', topic: 'stop', text: 'ok hello symbols=0 {-1}', from: 1 },
    { lie: 'hung', topic: 'play', afterMs: 300 },
  ]
  await send(...lies)
})

test('a board that hangs with its LED lit: nobody says that it is dark', async () => {
  for (const work of ['verify', 'send', 'levels'] as const) {
    for (const afterMs of [50, 300, 301, 305, 310, 500]) {
      const { result } = await conversed({ work, lies: [{ lie: 'hung', topic: 'play', afterMs }] })
      expect(result).toMatch(/^(no-answer|broken-off|damaged)$/)
    }
  }
})

test('a byte a second', async () => {
  for (const work of WORKS) {
    const { result } = await conversed({ work, lies: [{ lie: 'slow', bytesPerS: 1 }] })
    expect(result).toBe('no-answer')
  }
})

test('giving up is obeyed at any time, whatever the board does', async () => {
  const lies: Lie[][] = [
    [],
    [{ lie: 'endless' }],
    [{ lie: 'dropped', topic: 's', from: 25 }],
    [{ lie: 'hung', topic: 'play', afterMs: 200 }],
    [{ lie: 'mute', topic: 'status' }],
  ]
  for (const work of WORKS) {
    for (const told of lies) {
      for (const abortMs of [0, 20, 60, 100, 700, 1000, 1600]) {
        const { endMs } = await conversed({ work, lies: told, abortMs })
        expect(endMs).toBeLessThan(abortMs + 10_000)
      }
    }
  }
})

test('any lie at any place gives a right message, a typed error or a right refusal', async () => {
  await fc.assert(
    fc.asyncProperty(anyConversation, async (conversation) => {
      await conversed(conversation)
    }),
    { numRuns: 2000 },
  )
})
