import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fieldsOf } from '../firmware-bridge/bench.js'
import { needs } from '../helpers/requirements.js'
import { buildWitness, Conversation, type Event, runInWitness, runOnBoard } from './conversation.js'

const RATES_HZ = [10, 60, 142, 500, 2000]
const SYMBOLS = '0120102010022'

/** From the compare match to the entry of the interrupt out of sleep: the flag rises a cycle later, ... */
const ENTRY_OUT_OF_SLEEP_CYCLES = {
  board: 1 + 8, // ... and the response takes 8 ("Interrupt Response Time" of the datasheet)
  witness: 1 + 1, // ... and simavr wakes a cycle too late, and enters in no time
}
/** Handovers closer than this after an overflow of Timer 1, which wakes the board too, find it awake. */
const AFTER_OVERFLOW_CYCLES = 1000

/** What one of the emulators has shown. */
class Account {
  readonly lines: string[]
  constructor(
    readonly events: readonly Event[],
    /** When the board's clock was zero. */
    readonly clockZero: number,
  ) {
    const bytes = this.named('byte').map(({ value }) => value)
    this.lines = Buffer.from(bytes).toString('latin1').split('\r\n')
  }

  named(...names: string[]): Event[] {
    return this.events.filter(({ name }) => names.includes(name))
  }

  /** The handovers of every play, from the compare match that each answers to the write to OCR2B. */
  get plays() {
    const replyEnds = this.named('byte').filter(({ value }) => value === 10)
    return this.lines.flatMap((line, index) => {
      if (!line.startsWith('ok play')) return []
      const { start = 0, period = 0, top = 0 } = fieldsOf(line.replace(/\*.*/, ''))
      const firstMatch = this.clockZero + start - 2 * top + 8
      const replied = (replyEnds[index] as Event).cycle + 10_000
      const writes = this.named('ocr2b').filter(({ cycle }) => cycle >= firstMatch)
      const handovers = writes.slice(0, SYMBOLS.length + 1).map(({ cycle, value }, symbol) => {
        const match = firstMatch + symbol * period
        const sinceOverflow = (match - this.clockZero) % 65_536
        const isQuiet = match > replied && sinceOverflow > AFTER_OVERFLOW_CYCLES
        return { value, delay: cycle - match, isQuiet }
      })
      return [{ start, top, handovers }]
    })
  }
}

describe.skipIf(needs('/usr/bin/gcc') || needs('/usr/include/simavr/sim_avr.h'))(
  'simavr bears out the emulated board',
  () => {
    let board: Account
    let witness: Account

    beforeAll(() => {
      const conversation = new Conversation()
      for (const command of ['help', 'hello', 'hello*0000', 'rate 5', 'dance', 'sense off']) {
        conversation.send(command, 200)
      }
      conversation.send('serial line-1').send('hello').send('keepalive 60000')
      for (const rateHz of RATES_HZ) {
        conversation.send(`rate ${rateHz}`).play(SYMBOLS, (1000 * SYMBOLS.length) / rateHz + 50)
      }
      conversation.send('edges on').send('rate 142').play(SYMBOLS, 0)
      for (let edge = 0; edge < 60; edge++) {
        conversation.wait(58_000 + ((edge * 7919) % 500)).d8(edge % 2 === 0)
        if (edge % 10 === 0) conversation.send('status', 0)
      }
      conversation.send('edges off').send('dark').send('stop').send('status').end()

      const folder = mkdtempSync(join(tmpdir(), 'blinkup-witness-'))
      afterAll(() => rmSync(folder, { recursive: true }))
      const program = join(folder, 'witness')
      buildWitness(program)
      const inWitness = runInWitness(program, conversation.inputs)
      const onBoard = runOnBoard(conversation.inputs)
      const clockStart = (events: readonly Event[]) =>
        events.find(({ name }) => name === 'tccr1b')?.cycle as number
      // The chip's STS writes in its second cycle, simavr's in its first.
      board = new Account(onBoard, clockStart(onBoard) + 1)
      witness = new Account(inWitness, clockStart(inWitness))
    })

    test('the set-up takes the same cycles, but for the one of CBI that avr8js leaves out', () => {
      expect(witness.clockZero).toBe(board.clockZero)
    })

    test('the lines of the link are the same, text for text', () => {
      const withoutTimes = ({ lines }: Account) =>
        lines.map((line) =>
          line
            .replace(/\*[0-9a-f]{4}$/, '')
            .replace(/(now|start|late)=\d+/, '$1=N')
            .replace(/^(e \w+) \w+/, '$1 TIME'),
        )
      expect(withoutTimes(witness)).toEqual(withoutTimes(board))
      expect(withoutTimes(board)).toContainEqual(
        expect.stringMatching(/^ok hello .* serial=line-1$/),
      )
    })

    test('the levels are written to the timer in the same order, from its start to its stop', () => {
      const writes = ({ events }: Account) =>
        events
          .filter(({ name }) => name === 'ocr2b' || name === 'tccr2a')
          .map(({ name, value }) => `${name}=${value}`)
      expect(writes(witness)).toEqual(writes(board))
      expect(writes(board).filter((write) => write === 'tccr2a=33').length).toBe(6)
    })

    test('a play begins when its command came, the later by the interrupt responses on the way', () => {
      // The last byte's, out of sleep, and at most one more; an input waits for the instruction's end (4).
      const mostCycles = 8 + 4 + 4
      const starts = witness.plays.map(({ start }) => start)
      for (const [index, { start }] of board.plays.entries()) {
        expect(start - (starts[index] as number)).toBeGreaterThanOrEqual(0)
        expect(start - (starts[index] as number)).toBeLessThanOrEqual(mostCycles)
      }
    })

    test.each([
      ['board', () => board],
      ['witness', () => witness],
    ] as const)('%s: every handover is within its PWM cycle', (_, account) => {
      expect(account().plays.length).toBe(6)
      for (const { top, handovers } of account().plays) {
        expect(handovers.length).toBe(SYMBOLS.length + 1)
        for (const { delay } of handovers) {
          expect(delay).toBeGreaterThan(0)
          expect(delay).toBeLessThan(2 * top - 8)
        }
      }
    })

    test('the schedule is the same to the cycle: from match to handover as long as the interrupt’s way', () => {
      const waysOf = (account: Account, entryCycles: number) =>
        account.plays
          .slice(0, RATES_HZ.length)
          .flatMap(({ handovers }) => handovers.filter(({ isQuiet }) => isQuiet))
          .map(({ delay }) => delay - entryCycles)
      const onBoard = waysOf(board, ENTRY_OUT_OF_SLEEP_CYCLES.board)
      const inWitness = waysOf(witness, ENTRY_OUT_OF_SLEEP_CYCLES.witness)
      expect(onBoard.length).toBeGreaterThan(40)
      expect(new Set(onBoard).size).toBe(1)
      expect(new Set(inWitness)).toEqual(new Set(onBoard))
    })

    test('edges on D8 are timed to the cycle', () => {
      for (const account of [board, witness]) {
        const told = account.lines
          .filter((line) => line.startsWith('e '))
          .map((line) => Number.parseInt(line.split(' ')[2] ?? '', 16) + account.clockZero)
        expect(told).toEqual(account.named('d8').map(({ cycle }) => cycle))
        expect(told.length).toBe(60)
      }
      // simavr takes an input between two instructions, or a cycle late out of sleep.
      for (const [index, { cycle }] of witness.named('d8').entries()) {
        expect(cycle - (board.named('d8')[index] as Event).cycle).toBeLessThanOrEqual(4)
      }
    })
  },
)
