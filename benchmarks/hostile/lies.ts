import { fork } from 'node:child_process'
import { once } from 'node:events'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import {
  type Conversation,
  converse,
  WORKS,
  type Work,
} from '../../test/rig/bridge/hostile/converse.js'
import { type Row, round, type Tables } from '../report.js'

/** What came of the conversations of one work. */
export interface Tally {
  conversations: number
  /** Right messages, and captures that came to their end. */
  done: number
  /** Verdicts that are no pass. */
  refused: number
  /** RigErrors. */
  told: number
  givenUp: number
  /** What must never happen. */
  wrong: number
  longestMs: number
}

/** Something that must never happen, how often it did, and the shortest conversation that brings it again. */
export interface Wrong {
  times: number
  conversation: string
}

export interface Tallies {
  readonly works: Readonly<Record<Work, Tally>>
  readonly wrongs: Readonly<Record<string, Wrong>>
}

const WORKER = fileURLToPath(new URL('lies-worker.ts', import.meta.url))

/** Conversations with boards that tell random lies, in the process and on virtual time, on all cores. */
export async function lies(count: number, seed: number): Promise<Tables> {
  const cores = cpus().length
  const tallies = await Promise.all(
    Array.from({ length: cores }, (_, core) => worked(Math.ceil(count / cores), seed + core)),
  )
  return {
    'Random lies of a board': WORKS.map((work) => row(work, tallies)),
    'What must never come of them': merged(tallies),
  }
}

async function worked(count: number, seed: number): Promise<Tallies> {
  const worker = fork(WORKER, [String(count), String(seed)], { execArgv: ['--import', 'tsx'] })
  const [tallies] = (await Promise.race([
    once(worker, 'message'),
    once(worker, 'exit').then(() => {
      throw new Error(`the conversations of seed ${seed} have ended without a result`)
    }),
  ])) as [Tallies]
  return tallies
}

function merged(tallies: readonly Tallies[]): Row[] {
  const wrongs = new Map<string, Wrong>()
  for (const [wrong, { times, conversation }] of tallies.flatMap(({ wrongs }) =>
    Object.entries(wrongs),
  )) {
    const before = wrongs.get(wrong)?.times ?? 0
    wrongs.set(wrong, { times: before + times, conversation })
  }
  return [...wrongs].map(([wrong, { times, conversation }]) => ({ wrong, times, conversation }))
}

function row(work: Work, tallies: readonly Tallies[]): Row {
  const all = tallies.map(({ works }) => works[work])
  const sum = (name: keyof Tally): number => all.reduce((total, tally) => total + tally[name], 0)
  return {
    work,
    conversations: sum('conversations'),
    done: sum('done'),
    refused: sum('refused'),
    told: sum('told'),
    givenUp: sum('givenUp'),
    wrong: sum('wrong'),
    longestVirtualS: round(Math.max(...all.map(({ longestMs }) => longestMs)) / 1000, 1),
  }
}

/** One conversation again, by what was printed of it. */
export async function again(conversation: string): Promise<Tables> {
  const { result, sentences, endMs, wrongs } = await converse(
    JSON.parse(conversation) as Conversation,
  )
  return {
    conversation: [
      {
        result,
        sentences: sentences.join(' / '),
        virtualS: endMs / 1000,
        wrongs: wrongs.join(' / '),
      },
    ],
  }
}
