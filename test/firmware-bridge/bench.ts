import { crc16xmodem } from 'crc'
import { expect } from 'vitest'
import { readImage } from '../../src/rig/bridge/image.js'
import { Board, CLOCK_HZ } from '../../src/rig/emulated/board.js'

export const CYCLES_PER_MS = CLOCK_HZ / 1000

/** RAM of the ATmega328P, and what fills it at power-on, when its content is unknown. */
const RAM_START = 0x100
const PAINT = 0xa5

/** The committed image on an emulated board, talked to as from a terminal. */
export class Bench {
  /** Edges of D3: the clock cycle, positive where it rises, negative where it falls. */
  edges: number[] = []
  /** Lines the board has sent, without their CRC. */
  lines: string[] = []
  /** The ADC code that A0 reads. */
  sensor: (cycle: number) => number = () => 0
  /** The emulator's cycles at the zero of the board's clock. */
  readonly clockZero: number
  /** What is joined to D3. */
  onLed: (lit: boolean, cycle: number) => void = () => {}
  /** The rate at which lines are sent to the board. */
  baudRate = 115_200
  readonly board: Board
  #line = ''

  constructor(image = readImage()) {
    this.board = new Board(image, {
      onLed: (lit, cycle) => {
        this.edges.push(lit ? cycle : -cycle)
        this.onLed(lit, cycle)
      },
      readSensor: (cycle) => this.sensor(cycle),
      onTransmit: (byte) => this.#receive(String.fromCharCode(byte)),
    })
    this.board.core.data.fill(PAINT, RAM_START)
    this.runMs(10)
    this.clockZero = this.#findClockZero()
  }

  /** Bytes of RAM between the variables and the deepest that the stack has been, since power-on. */
  get untouchedRamBytes(): number {
    const ram = Buffer.from(this.board.core.data.subarray(RAM_START)).toString('latin1')
    const runs = ram.match(/\xa5+/g) ?? []
    return Math.max(0, ...runs.map((run) => run.length))
  }

  runMs(ms: number): void {
    this.board.runUntil(this.board.cycle + ms * CYCLES_PER_MS)
  }

  /** Sends a line as it is. */
  send(line: string): void {
    this.board.receive(Buffer.from(`${line}\n`, 'latin1'), this.baudRate)
  }

  /** Sends a command, runs until its reply has come, and gives that. */
  ask(command: string): string {
    const before = this.lines.length
    this.send(command)
    const giveUp = this.board.cycle + 100 * CYCLES_PER_MS
    while (this.board.cycle < giveUp) {
      this.runMs(0.05)
      const reply = this.lines.slice(before).find((line) => /^(ok|error) /.test(line))
      if (reply) return reply
    }
    throw new Error(`no reply to ${command}`)
  }

  /** Loads symbols and starts them; gives the fields of the reply, `start` in the emulator's cycles. */
  play(symbols: string): Record<string, number> {
    let crc = ''
    for (let offset = 0; offset < symbols.length; offset += 96) {
      const reply = this.ask(`load ${offset} ${symbols.slice(offset, offset + 96)}`)
      crc = /crc=(\w+)/.exec(reply)?.[1] ?? ''
    }
    const started = fieldsOf(this.ask(`play ${symbols.length} ${crc}`))
    return { ...started, start: (started.start as number) + this.clockZero }
  }

  /** The first sample is held when the board says so: this ties samples and light to one clock. */
  #findClockZero(): number {
    let firstHold: number | undefined
    this.sensor = (cycle) => {
      firstHold ??= cycle
      return 0
    }
    const { start = 0 } = fieldsOf(this.ask('sense on'))
    this.ask('sense off')
    this.lines = []
    return (firstHold as number) - start
  }

  #receive(character: string): void {
    if (character !== '\n') {
      this.#line += character
      return
    }
    const text = this.#line.slice(0, -6)
    if (this.#line !== `${text}*${crcOf(text)}\r`) throw new Error(`damaged: ${this.#line}`)
    this.lines.push(text)
    this.#line = ''
  }
}

/** The CRC of a line, as it is written. */
export const crcOf = (text: string): string =>
  crc16xmodem(Buffer.from(text, 'latin1')).toString(16).padStart(4, '0')

/** The numbers among the fields of a line. */
export function fieldsOf(line: string): Record<string, number> {
  const pairs = [...line.matchAll(/(\w+)=(\d+)(?= |$)/g)]
  return Object.fromEntries(pairs.map(([, name, value]) => [name, Number(value)]))
}

/** The edges that a sequence must make on D3, in the form of `Bench.edges`, from the reply to `play`. */
export function* expectedEdges(
  symbols: string,
  {
    start = 0,
    period = 0,
    top = 0,
    white = 0,
    grey = 0,
  }: Partial<Record<'start' | 'period' | 'top' | 'white' | 'grey', number>>,
): Generator<number> {
  const compareOf = [0, grey, white]
  let high = false
  for (const [index, symbol] of [...symbols].entries()) {
    const begin = start + index * period
    const compare = compareOf[Number(symbol)] as number
    const steadyHigh = compare === top
    if (high !== steadyHigh) yield steadyHigh ? begin : -begin
    high = steadyHigh
    if (steadyHigh || compare === 0) continue
    for (let cycle = begin; cycle < begin + period; cycle += 2 * top) {
      yield cycle + top - compare
      yield -(cycle + top + compare)
    }
  }
  if (high) yield -(start + symbols.length * period)
}

/** Every edge of D3 is at its cycle, and there is no other. */
export function expectExactEdges(
  bench: Bench,
  symbols: string,
  started: Record<string, number>,
): void {
  let index = 0
  for (const expected of expectedEdges(symbols, started)) {
    if (bench.edges[index] !== expected) {
      expect({ index, edge: bench.edges[index] }).toEqual({ index, edge: expected })
    }
    index++
  }
  expect(bench.edges.length).toBe(index)
}
