import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { crc16xmodem } from 'crc'
import { IMAGE_URL, readImage } from '../../src/rig/bridge/image.js'
import { Board, CLOCK_HZ } from '../../src/rig/emulated/board.js'

/** An input or an event of witness.c, in its words. */
export interface Event {
  readonly cycle: number
  readonly name: string
  readonly value: number
}

const CYCLES_PER_MS = CLOCK_HZ / 1000
const BAUD_RATE = 115_200
/** More than simavr's 11 bits, so that both emulators can keep the times. */
const BYTE_SPACING_CYCLES = 2000

const REGISTERS = { tccr1b: 0x81, tccr2a: 0xb0, ocr2b: 0xb4 }

/** What is done to a board, and when. */
export class Conversation {
  readonly inputs: Event[] = []
  #cycle = 10 * CYCLES_PER_MS

  wait(cycles: number): this {
    this.#cycle += Math.round(cycles)
    return this
  }

  /** A command, and the time for its reply. */
  send(command: string, replyMs = 50): this {
    for (const byte of Buffer.from(`${command}\n`)) {
      this.#add('byte', byte)
      this.wait(BYTE_SPACING_CYCLES)
    }
    return this.wait(replyMs * CYCLES_PER_MS)
  }

  play(symbols: string, replyMs: number): this {
    const crc = crc16xmodem(Buffer.from(symbols)).toString(16).padStart(4, '0')
    return this.send(`load 0 ${symbols}`).send(`play ${symbols.length} ${crc}`, replyMs)
  }

  d8(high: boolean): this {
    return this.#add('d8', Number(high)).wait(BYTE_SPACING_CYCLES)
  }

  end(): this {
    return this.#add('end', 0)
  }

  #add(name: string, value: number): this {
    this.inputs.push({ cycle: this.#cycle, name, value })
    return this
  }
}

/** Compiles witness.c. */
export function buildWitness(program: string): void {
  const source = fileURLToPath(new URL('witness.c', import.meta.url))
  const options = ['-std=c11', '-O2', '-Wall', '-Wextra', '-Werror']
  execFileSync('gcc', [...options, source, '-lsimavr', '-o', program])
}

/** The conversation in simavr. */
export function runInWitness(program: string, inputs: readonly Event[]): Event[] {
  const script = inputs.map(({ cycle, name, value }) => `${cycle} ${name} ${value}\n`).join('')
  const output = execFileSync(program, [fileURLToPath(IMAGE_URL)], {
    input: script,
    encoding: 'latin1',
    maxBuffer: 100e6,
  })
  return output
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [cycle, name = '', value] = line.split(' ')
      return { cycle: Number(cycle), name, value: Number(value) }
    })
}

/** The conversation on the emulated board. */
export function runOnBoard(inputs: readonly Event[]): Event[] {
  const events: Event[] = []
  const add = (name: string, value: number): void => {
    events.push({ cycle: board.cycle, name, value })
  }
  const board: Board = new Board(readImage(), {
    onLed: () => {},
    readSensor: () => 0,
    onTransmit: (byte) => add('byte', byte),
  })
  const { writeHooks } = board.core
  for (const [name, address] of Object.entries(REGISTERS)) {
    const hook = writeHooks[address]
    writeHooks[address] = (value, ...rest) => {
      add(name, value)
      return hook?.(value, ...rest)
    }
  }
  for (const { cycle, name, value } of inputs) {
    if (name === 'byte') {
      board.runUntil(cycle - Math.ceil((10 * CLOCK_HZ) / BAUD_RATE))
      board.receive(Uint8Array.of(value), BAUD_RATE)
    } else if (name === 'd8') {
      board.setInput(value === 1, cycle)
      board.runUntil(cycle)
      events.push({ cycle, name, value })
    } else {
      board.runUntil(cycle)
    }
  }
  return events
}
