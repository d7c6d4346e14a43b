import { expect } from 'vitest'
import { CLOCK_HZ } from '../../src/rig/emulated/board.js'
import { Bench, CYCLES_PER_MS, expectedEdges, fieldsOf } from './bench.js'
import {
  AFTER_RESET,
  afterSilence,
  type BoardState,
  COMMANDS_IN_HELP,
  codeAt,
  hear,
  type Input,
  isStop,
  type Light,
  type Span,
  untold,
} from './model.js'
import { type Asked, possibleAnswers } from './possible-answers.js'

/** How long the board runs between two looks at what it has said. */
const SLICE_CYCLES = 400
/** Longer than the longest answer: `help` at 115,200 baud, or a name written to EEPROM. */
const REPLY_MS = 400
const BAUD_CHANGE_MS = 1
/** No reply comes for this long, in bytes of the line, only when all are given: samples may come between. */
const QUIET_BYTES = 600
/** The keep-alive is looked at every 4.096 ms, in whole ones; then what waits must be sent. */
const SILENCE_SLACK_CYCLES = 2 * 65_536 + 100 * CYCLES_PER_MS
const GUARD_CYCLES = 1000
/** At this rate alone the board may be too slow to take every byte (PROTOCOL.md). */
const HASTY_BAUD_RATE = 1_000_000
/** An edge's way through the interrupts. */
const EDGE_CYCLES = 2000
const INPUTS_KEPT = 300

/** A line to the board, and how it travels. */
export interface SentLine {
  readonly text: string
  readonly ending: string
  /** Place of a byte that arrives with a framing error. */
  readonly broken?: number | undefined
}

const isReply = (line: string): boolean => /^(ok|error) /.test(line)
const isStopped = (line: string): boolean => line.startsWith('ok stop ')
const isEvent = (line: string): boolean => /^(s|lost|e|elost|end|ready) /.test(line)

/** The emulated board with the model beside it: whatever the board says or shows must be what the model says. */
export class CheckedBoard {
  readonly bench = new Bench()
  state: BoardState
  #plays = 0
  #wholePlays = 0
  #lost = 0
  #inputs: Input[] = []
  #expected: Iterator<number> = [].values()
  #nextEdge: number | undefined
  #heardCycle: number
  #lineFree = 0
  #missed = 0
  #said: { line: string; cycle: number }[] = []

  constructor() {
    const { bench } = this
    const { count = 0 } = fieldsOf(bench.ask('sense off'))
    this.state = { ...AFTER_RESET, sampling: { ...AFTER_RESET.sampling, next: count } }
    bench.sensor = codeAt
    bench.lines = []
    bench.edges = []
    this.#heardCycle = this.cycle
  }

  get cycle(): number {
    return this.bench.board.cycle
  }

  /** Sends a line and checks the reply. An empty line has none. */
  ask(line: SentLine): void {
    this.#keepClearOfSilence([line])
    const [from = 0] = this.#transmit([line])
    const asked = asRead(line)
    if (asked === '') {
      this.#runUntil(from)
      return
    }
    const giveUp = from + REPLY_MS * CYCLES_PER_MS
    while (!this.#said.some((said) => isReply(said.line))) {
      if (this.cycle > giveUp) throw new Error(`no reply to ${JSON.stringify(line)}`)
      if (this.#hasMissed && this.cycle > from + this.#quietCycles) this.#endLine()
      this.#slice()
    }
    if (this.#hasMissed) this.#endLine()
    this.#heardCycle = from
    const setsBaudRate = this.#said.some((said) => said.line.startsWith('ok baud '))
    this.#explain([{ asked, from }])
    if (setsBaudRate) {
      this.run(BAUD_CHANGE_MS)
      this.bench.baudRate = this.state.baudRate
    }
  }

  /** Sends lines without waiting for replies: each may be lost, but the first. */
  burst(lines: readonly SentLine[]): void {
    this.#keepClearOfSilence(lines)
    const arrivals = this.#transmit(lines)
    this.#runUntilQuiet(Math.max(this.cycle, ...arrivals))
    if (this.#hasMissed) this.#endLine()
    const sent = lines
      .map((line, i) => ({ asked: asRead(line), from: arrivals[i] as number }))
      .filter(({ asked }) => asked !== '')
    this.#heardCycle = sent.at(-1)?.from ?? this.#heardCycle
    this.#explain(sent)
  }

  run(ms: number): void {
    this.#runUntil(this.cycle + ms * CYCLES_PER_MS)
  }

  /** Says nothing until the keep-alive has run out. */
  fallSilent(): void {
    while (this.cycle < this.#silentFrom + SILENCE_SLACK_CYCLES) this.#slice()
    this.#explain([])
    expect(this.state.light, 'the board is dark after a silence').toBeUndefined()
    this.state = afterSilence(this.state)
  }

  /** Drives D8 for a while: a level for each of the times, which are in cycles. */
  drive(times: readonly number[], safeCycles: number): void {
    const level = this.#inputs.at(-1)?.high ?? false
    let cycle = Math.max(this.cycle, this.#inputs.at(-1)?.cycle ?? 0)
    for (const [i, time] of times.entries()) {
      cycle += time
      const fast = time < safeCycles || (times[i + 1] ?? safeCycles) < safeCycles
      const input = { cycle, high: level !== (i % 2 === 0), fast }
      this.#inputs.push(input)
      this.bench.board.setInput(input.high, cycle)
    }
    const old = this.#inputs.length - INPUTS_KEPT
    if (old > 0)
      this.#inputs = this.#inputs.filter(
        ({ cycle }, i) => i > old || (this.state.edges.on && cycle > this.state.edges.last),
      )
  }

  /** What D8 goes through, up to now or later. */
  get inputsUntil(): number {
    return this.#inputs.at(-1)?.cycle ?? 0
  }

  /** What has happened so far. */
  get account() {
    return {
      plays: this.#plays,
      /** Of these have ended by themselves, or were dark already when they were ended. */
      wholePlays: this.#wholePlays,
      /** How often the board has dropped lines because they came too early. */
      lost: this.#lost,
      /** Bytes that it was too slow to take. */
      missed: this.#missed,
      seconds: this.cycle / CLOCK_HZ,
      untouchedRamBytes: this.bench.untouchedRamBytes,
    }
  }

  get isActive(): boolean {
    const { light, sampling, edges } = this.state
    return light !== undefined || sampling.on || edges.on
  }

  get #silentFrom(): number {
    return this.#heardCycle + this.state.keepaliveMs * CYCLES_PER_MS
  }

  /** Lets the keep-alive run out before lines that would come when it is about to. */
  #keepClearOfSilence(lines: readonly SentLine[]): void {
    const bytes = lines.reduce((sum, { text, ending }) => sum + text.length + ending.length + 1, 0)
    const arrival = this.cycle + (bytes * 10 * CLOCK_HZ) / this.bench.baudRate + GUARD_CYCLES
    if (this.isActive && arrival > this.#silentFrom) this.fallSilent()
  }

  /** Puts lines on the wire; gives when the end of each arrives. */
  #transmit(lines: readonly SentLine[]): number[] {
    const { board, baudRate } = this.bench
    this.#lineFree = Math.max(this.#lineFree, this.cycle)
    return lines.map(({ text, ending, broken }) => {
      let arrival = 0
      for (const [i, byte] of Buffer.from(text + ending, 'latin1').entries()) {
        const rate = i === broken ? 1.5 * baudRate : baudRate
        board.receive(Uint8Array.of(byte), rate)
        this.#lineFree += (10 * CLOCK_HZ) / rate
        if (i === text.length) arrival = Math.ceil(this.#lineFree)
      }
      return arrival
    })
  }

  /** Whether bytes of this rate were missed since the last look at what was said. */
  get #hasMissed(): boolean {
    return this.bench.board.overruns > this.#missed
  }

  /** Ends the line whose end may have been missed; the board tells so with it, or has with the next byte. */
  #endLine(): void {
    const [arrival = 0] = this.#transmit([{ text: '', ending: '\n' }])
    this.#runUntilQuiet(arrival)
  }

  get #quietCycles(): number {
    return (QUIET_BYTES * 10 * CLOCK_HZ) / this.bench.baudRate
  }

  #runUntilQuiet(cycle: number): void {
    const newest = (): number =>
      this.#said.findLast(({ line }) => !isEvent(line))?.cycle ?? Number.NEGATIVE_INFINITY
    while (this.cycle < Math.max(cycle, newest()) + this.#quietCycles) this.#slice()
  }

  #runUntil(cycle: number): void {
    while (this.cycle < cycle) this.#slice()
    this.#explain([])
  }

  #slice(): void {
    const { bench } = this
    bench.board.runUntil(bench.board.cycle + SLICE_CYCLES)
    for (const line of bench.lines) this.#said.push({ line, cycle: bench.board.cycle })
    bench.lines.length = 0
  }

  /** Goes through what was said: every line of it must be explained, and every line sent answered. */
  #explain(sent: readonly Asked[]): void {
    const open = [...sent]
    const unanswered: Asked[] = []
    let toldLost = 0
    const missed = this.bench.board.overruns - this.#missed
    if (missed > 0) expect(this.bench.baudRate).toBe(HASTY_BAUD_RATE)
    let help: string[] = []
    for (const { line, cycle } of this.#said) {
      if (isEvent(line)) this.#hear(line, cycle)
      else if (!isReply(line)) help.push(line)
      else if (line.startsWith('error lost')) toldLost++
      else if (line.startsWith('error line') && missed > 0) continue
      else {
        const text = line.replace(/^(error \w+)[^#]*?( #.*)?$/, '$1$2')
        const listed = help.map((told) => told.split(' ', 1)[0]).join(' ')
        expect(listed).toBe(/^ok help\b/.test(text) ? COMMANDS_IN_HELP : '')
        help = []
        const isFirst = open.length === sent.length
        const stopped = this.#said.find((later) => later.cycle >= cycle && isStopped(later.line))
        const said = { line, cycle, stopped: stopped?.line ?? '' }
        const answers = possibleAnswers(this.state, open, isFirst, said, this.bench.clockZero)
        const found = answers.find(({ reply }) => reply === text)
        if (!found || (isFirst && found.place > 0)) {
          const due = answers.map(({ asked, reply }) => `${JSON.stringify(asked)} → ${reply}`)
          throw new Error(`"${line}", but due is: ${due.join(', ')}; ${JSON.stringify(this.state)}`)
        }
        if (found.dark) this.#enter(found.dark.state, found.dark.span)
        this.#enter(found.state, found.span)
        unanswered.push(...open.splice(0, found.place + 1).slice(0, -1))
      }
    }
    unanswered.push(...open)
    const obeyedUntil = this.#said.findLast(({ line }) => isStopped(line))?.cycle ?? 0
    // One reply may be to several stops.
    const dropped = unanswered.filter(
      ({ asked, from }) => !isStop(asked) || from > obeyedUntil,
    ).length
    expect(help).toEqual([])
    expect(toldLost, `${dropped} lines lost`).toBeLessThanOrEqual(dropped)
    if (missed === 0) expect(toldLost > 0, `${dropped} lines lost`).toBe(dropped > 0)
    this.#lost += toldLost
    this.#missed += missed
    this.#said = []
    this.#checkLight()
  }

  #hear(line: string, cycle: number): void {
    const { state } = this
    const next = hear(state, line, cycle, this.#silentFrom, this.#inputs, this.bench.clockZero)
    const how = / keepalive /.test(line)
    this.#enter(
      next,
      how ? { from: this.#silentFrom, to: cycle } : { from: Number.POSITIVE_INFINITY, to: cycle },
    )
  }

  /** Takes up the next state; what begins or ends with it must be seen to. */
  #enter(next: BoardState, span: Span): void {
    const { light, edges } = this.state
    if (edges.on && !next.edges.on) {
      expect(untold(this.state, this.#inputs, span.from - EDGE_CYCLES)).toEqual([])
    }
    this.state = next
    if (light === next.light) return
    if (light) this.#endLight(span)
    else this.#beginLight(next.light as Light)
  }

  #beginLight(light: Light): void {
    this.#plays++
    this.#expected = expectedEdges(light.symbols, light)
    this.#advance()
  }

  /** The light was exact until the span, in which it ended with a fall if it was not dark. */
  #endLight({ from, to }: Span): void {
    this.#followLight()
    const { edges } = this.bench
    const [fall = 0] = edges
    if (fall < 0 && -fall >= from && -fall <= to) edges.shift()
    if (this.#nextEdge !== undefined && Math.abs(this.#nextEdge) < from) {
      throw new Error(`the light ended before ${from}, but ${this.#nextEdge} was to come`)
    }
    if (this.#nextEdge === undefined) this.#wholePlays++
    this.#nextEdge = undefined
  }

  /** The edges of D3 so far are those of the light, and none is missing. */
  #checkLight(): void {
    this.#followLight()
    if (!this.state.light && this.bench.board.lit) throw new Error('the LED is lit without a light')
    const [edge] = this.bench.edges
    const isMissing = this.#nextEdge !== undefined && Math.abs(this.#nextEdge) < this.cycle - 8
    if (edge !== undefined || isMissing) {
      const { light } = this.state
      throw new Error(`edge ${edge} instead of ${this.#nextEdge}, light ${JSON.stringify(light)}`)
    }
  }

  #followLight(): void {
    const { edges } = this.bench
    let count = 0
    for (; count < edges.length && edges[count] === this.#nextEdge; count++) this.#advance()
    edges.splice(0, count)
  }

  #advance(): void {
    this.#nextEdge = this.#expected.next().value
  }
}

/** The line as the board has it: a byte with a framing error, here U+FFFD, is none that it takes. */
function asRead({ text, broken }: SentLine): string {
  return broken === undefined ? text : `${text.slice(0, broken)}\ufffd${text.slice(broken + 1)}`
}
