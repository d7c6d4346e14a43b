import { expect, test } from 'vitest'
import { seededRandom } from '../../src/channel/index.js'
import { CYCLES_PER_MS } from './bench.js'
import { CheckedBoard } from './checked-board.js'
import { endOf } from './model.js'
import { Dice, RandomLines } from './random-lines.js'

const LINES = Number(process.env.FUZZ_LINES ?? 6000)
/** The seed of the first board; the next one has the next. */
const SEED = Number(process.env.FUZZ_SEED ?? 1)
const LINES_A_BOARD = 2000
/** Edges on D8 that are further apart than this must all be told. */
const SAFE_EDGE_CYCLES = 1600
const LONGEST_WAIT_MS = 300

/** From edge to edge on D8: slow enough to be told, or wildly fast, or a flood of even pulses. */
function edgeTimes(dice: Dice): number[] {
  const count = 1 + dice.below(40)
  const spread = dice.pick([1000, 16_000, 160_000])
  const even = 20 + dice.below(600)
  return dice.pick([
    () => dice.list(count, () => SAFE_EDGE_CYCLES + dice.below(spread)),
    () => dice.list(count, () => SAFE_EDGE_CYCLES + dice.below(spread)),
    () => dice.list(count, () => 20 + dice.below(2000)),
    () => dice.list(200, () => even),
  ])()
}

/** One board's life; gives what happened in it. */
function live(seed: number, lines: number) {
  const dice = new Dice(seededRandom(seed))
  const checked = new CheckedBoard()
  const source = new RandomLines(dice, () => checked.state)
  const isQuiet = dice.once(3) // some boards never see an edge on D8
  const begin = (text: string): void => checked.ask({ text, ending: '\n' })
  if (!dice.once(4)) begin('baud 1000000')
  if (dice.once(2)) begin(`rate ${dice.pick([500, 1000, 2000])}`)

  let sent = 0
  while (sent < lines) {
    if (dice.once(40)) {
      const burst = source.burst()
      checked.burst(burst)
      sent += burst.length
      continue
    }
    checked.ask(source.any())
    sent++
    if (!isQuiet && dice.once(10) && checked.inputsUntil < checked.cycle) {
      checked.drive(edgeTimes(dice), SAFE_EDGE_CYCLES)
    }
    const { light, keepaliveMs } = checked.state
    const leftMs = light ? (endOf(light) - checked.cycle) / CYCLES_PER_MS + 2 : 0
    if (dice.once(3) && leftMs > 0 && leftMs < Math.min(keepaliveMs / 2, LONGEST_WAIT_MS)) {
      checked.run(leftMs)
    }
    if (dice.once(200) && checked.isActive && keepaliveMs < 2 * LONGEST_WAIT_MS)
      checked.fallSilent()
  }
  begin('stop')
  expect(checked.bench.board.lit).toBe(false)
  return { sent, ...checked.account }
}

test(`${LINES} random and mutated lines from seed ${SEED} on: every reply, sample, edge and light is explained`, {
  timeout: 0,
}, () => {
  const startMs = performance.now()
  const total = { boards: 0, sent: 0, plays: 0, wholePlays: 0, lost: 0, missed: 0, seconds: 0 }
  let untouchedRamBytes = Number.POSITIVE_INFINITY
  while (total.sent < LINES) {
    const seed = SEED + total.boards++
    try {
      const life = live(seed, Math.min(LINES_A_BOARD, LINES - total.sent))
      total.sent += life.sent
      total.plays += life.plays
      total.wholePlays += life.wholePlays
      total.lost += life.lost
      total.missed += life.missed
      total.seconds += life.seconds
      untouchedRamBytes = Math.min(untouchedRamBytes, life.untouchedRamBytes)
    } catch (error) {
      throw new Error(`FUZZ_SEED=${seed} FUZZ_LINES=${LINES_A_BOARD}: ${error}`, { cause: error })
    }
  }
  const hostSeconds = (performance.now() - startMs) / 1000
  console.log({ ...total, untouchedRamBytes, hostSeconds, linesASecond: total.sent / hostSeconds })
  expect(total.plays).toBeGreaterThan(LINES / 200)
})
