// Random conversations: `tsx benchmarks/hostile/lies-worker.ts COUNT SEED`, forked by lies.ts.
import fc from 'fast-check'
import {
  type Conversation,
  converse,
  WORKS,
  type Work,
} from '../../test/rig/bridge/hostile/converse.js'
import { anyConversation } from '../../test/rig/bridge/hostile/random-lies.js'
import type { Tally, Wrong } from './lies.js'

const BATCH = 1000
const [count = 0, seed = 0] = process.argv.slice(2).map(Number)

const works = Object.fromEntries(
  WORKS.map((work) => [
    work,
    { conversations: 0, done: 0, refused: 0, told: 0, givenUp: 0, wrong: 0, longestMs: 0 },
  ]),
) as Record<Work, Tally>
const wrongs: Record<string, Wrong> = {}
let current: Conversation | undefined

function note(wrong: string, conversation: Conversation): void {
  works[conversation.work].wrong++
  const text = JSON.stringify(conversation)
  const kind = wrong.replace(/-?\d[\d.]*/g, '#').slice(0, 150)
  const before = wrongs[kind]
  const shorter = before && before.conversation.length <= text.length ? before.conversation : text
  wrongs[kind] = { times: (before?.times ?? 0) + 1, conversation: shorter }
}

// Nobody catches what is thrown where a line is heard: the whole command would end there.
process.on('uncaughtException', (error) => {
  if (current) note(`uncaught: ${error.stack}`, current)
})

for (let begun = 0; begun < count; begun += BATCH) {
  const numRuns = Math.min(BATCH, count - begun)
  for (const conversation of fc.sample(anyConversation, {
    seed: seed * 100_003 + begun,
    numRuns,
  })) {
    current = conversation
    const { result, endMs, wrongs } = await converse(conversation)
    const tally = works[conversation.work]
    tally.conversations++
    tally.longestMs = Math.max(tally.longestMs, endMs)
    if (/^(pass|played|done)$/.test(result)) tally.done++
    else if (result.startsWith('fail: ')) tally.refused++
    else if (result === 'aborted') tally.givenUp++
    else if (!/^(hang|bug)/.test(result)) tally.told++
    for (const wrong of wrongs) note(wrong, conversation)
  }
}
process.send?.({ works, wrongs }, () => process.exit())
