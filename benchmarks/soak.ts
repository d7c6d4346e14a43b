// Whether a soak stays as large as it is: the resident memory of the process over a thousand messages on one emulated rig, by the hundred.
// `npm run bench:soak [-- --json] [-- --write] [-- --messages N]`
import { parseArgs } from 'node:util'
import { makeMessage } from '../src/bench/message.js'
import { soak } from '../src/bench/soak.js'
import { openRig } from '../src/rig/open.js'
import { SupervisedRig } from '../src/rig/supervised.js'
import { progress, type Row, report, round } from './report.js'

const { values } = parseArgs({
  options: {
    json: { type: 'boolean' },
    write: { type: 'boolean' },
    messages: { type: 'string', default: '1000' },
  },
})
const MESSAGES = Number(values.messages)
const STEP = MESSAGES / 10
const SYMBOL_RATE_HZ = 142

const message = makeMessage({ ssid: 'net' }, { symbolRateHz: SYMBOL_RATE_HZ })
const rssMB: number[] = []
const heapMB: number[] = []

const rig = new SupervisedRig({ open: (signal) => openRig({ kind: 'emulated' }, signal) })
await rig.ready()
const { passed } = await soak(rig, message, {
  symbolRateHz: SYMBOL_RATE_HZ,
  messages: MESSAGES,
  signal: new AbortController().signal,
  onMessage: ({ number }) => {
    const { rss, heapUsed } = process.memoryUsage()
    rssMB.push(rss / 1e6)
    heapMB.push(heapUsed / 1e6)
    progress(`${number} of ${MESSAGES} messages`)
  },
})
await rig[Symbol.asyncDispose]()

const meanOf = (all: readonly number[]): number =>
  all.reduce((sum, one) => sum + one, 0) / all.length

const tenths = Array.from({ length: 10 }, (_, n) => [n * STEP, (n + 1) * STEP] as const)
const second = meanOf(rssMB.slice(STEP, 2 * STEP))
report('blinkup.bench-memory/1', {
  [`${passed} of ${MESSAGES} messages passed`]: tenths.map(([from, to]): Row => {
    const rss = rssMB.slice(from, to)
    return {
      messages: `${from + 1} to ${to}`,
      rssMB: round(meanOf(rss), 1),
      mostRssMB: round(Math.max(...rss), 1),
      toTheSecond: round(meanOf(rss) / second, 3),
      heapMB: round(meanOf(heapMB.slice(from, to)), 1),
    }
  }),
})
