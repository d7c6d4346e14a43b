import { afterEach, describe, expect, test } from 'vitest'
import { greet } from '../../../src/rig/bridge/identity.js'
import { Link } from '../../../src/rig/bridge/link.js'
import { openBridge } from '../../../src/rig/bridge/open.js'
import { openPort, START_BAUD_RATE } from '../../../src/rig/bridge/port.js'
import { emulatedBinding } from '../../../src/rig/emulated/binding.js'
import { Board } from '../../../src/rig/emulated/board.js'
import { Emulation } from '../../../src/rig/emulated/emulation.js'

const OPTIONS = { brightness: 1, greyRatio: 0.52, sampleRateHz: 1000 }
/** More than the first baud rate can carry. */
const FAST = { ...OPTIONS, sampleRateHz: 8000 }

/** A board that opening does not reset, as when its auto-reset is cut, with what a killed program has left of it. */
class Leftover {
  readonly emulation = new Emulation()
  readonly board = this.emulation.board
  readonly binding: typeof this.inner
  private readonly inner = emulatedBinding(this.emulation)

  constructor() {
    this.board.reset = () => {}
    // At a wrong rate no byte is what it was, to either end.
    const receive = this.board.receive.bind(this.board)
    this.board.receive = (bytes, baudRate) =>
      receive(this.#isAt(baudRate) ? bytes : bytes.map(() => 0xe0), baudRate)
    this.binding = {
      ...this.inner,
      open: async (options) => {
        const port = await this.inner.open(options)
        const deliver = this.emulation.onTransmit
        this.emulation.onTransmit = (byte) =>
          deliver(this.#isAt(port.openOptions.baudRate) ? byte : 0xf8)
        return port
      },
    }
  }

  #isAt(baudRate: number): boolean {
    return Math.abs(this.board.baudRate / baudRate - 1) < 0.04
  }

  get isAtStartRate(): boolean {
    return this.#isAt(START_BAUD_RATE)
  }

  /** A command of the program before, which the board obeys. */
  async say(command: string): Promise<void> {
    let heard = ''
    this.emulation.onTransmit = (byte) => {
      heard += String.fromCharCode(byte)
    }
    await this.emulation.sleep(10) // or it has not started yet
    this.board.receive(Buffer.from(`${command}\n`), this.board.baudRate)
    await this.emulation.sleep(50)
    expect(heard).toMatch(new RegExp(`^ok ${command.split(' ', 1)}`, 'm'))
  }

  /** Ten seconds of white, samples and edges, with a minute of silence allowed. */
  async leaveAllOn(): Promise<void> {
    await this.say('keepalive 60000')
    await this.say('rate 10')
    await this.say(`load 0 ${'2'.repeat(100)}`)
    await this.say('sample 9000 8')
    await this.say('play 100 be3c')
    await this.say('edges on')
    await this.say('sense on')
    await this.emulation.sleep(300)
    expect(this.board.lit).toBe(true)
  }

  async openLink(): Promise<Link> {
    return new Link(await openPort('emulated', this.binding), this.emulation)
  }

  openBridge(options = OPTIONS) {
    return openBridge('emulated', options, this.binding, this.emulation)
  }
}

let leftover: Leftover
const leave = (): Leftover => {
  leftover = new Leftover()
  return leftover
}
afterEach(() => leftover.emulation.stop())

describe('what a killed program has left of a board that opening does not reset', () => {
  test('ends when the board is asked who it is', async () => {
    const { board } = leave()
    await leftover.leaveAllOn()
    const link = await leftover.openLink()
    await greet(link, undefined)
    expect(board.lit).toBe(false)
    expect(await link.request('status')).toMatchObject({
      playing: false,
      sense: false,
      edges: false,
    })
    await link.close()
  })

  test('changes nothing of the light, of the samples, or of the edges', async () => {
    leave()
    await leftover.leaveAllOn()
    await leftover.say('stop')
    await leftover.say('level 100 900')
    const bridge = await leftover.openBridge()
    expect(bridge.photodiode.sampleRateHz).toBe(1000)
    const { symbols, greyRatio } = await bridge.emitter.play(
      { levels: Uint8Array.of(0, 2) },
      { symbolRateHz: 60 },
    )
    expect({ symbols, greyRatio }).toEqual({ symbols: 2, greyRatio: 128 / 246 })
    const abort = new AbortController()
    for await (const { levels } of bridge.photodiode.samples({ signal: abort.signal })) {
      expect(Math.max(...levels)).toBeLessThan(0.2)
      break
    }
    await bridge[Symbol.asyncDispose]()
  })

  test('a minute of silence allowed is a second again: the LED of a killed program goes dark', async () => {
    const { board, emulation } = leave()
    await leftover.say('keepalive 60000')
    const bridge = await leftover.openBridge()
    let isDeaf = false
    const receive = board.receive.bind(board)
    board.receive = (bytes, baudRate) => isDeaf || receive(bytes, baudRate)
    const played = bridge.emitter.play(
      { levels: new Uint8Array(600).fill(2) },
      {
        symbolRateHz: 60,
        onProgress: (symbols) => {
          isDeaf = symbols > 100
        },
      },
    )
    await expect(played).rejects.toMatchObject({ code: 'no-answer' })
    await emulation.sleep(1100)
    expect(board.lit).toBe(false)
  })
})

describe('a board that was left at 500,000 baud', () => {
  test.each([
    ['slowly', OPTIONS],
    ['fast', FAST],
  ])('is found, %s sampled, and left at 115,200', async (_, options) => {
    const { board } = leave()
    await leftover.openBridge(FAST) // and never closed
    expect(board.baudRate).toBe(500_000)
    const bridge = await leftover.openBridge(options)
    expect(
      (await bridge.emitter.play({ levels: Uint8Array.of(0, 2) }, { symbolRateHz: 60 })).symbols,
    ).toBe(2)
    await bridge[Symbol.asyncDispose]()
    expect(leftover.isAtStartRate).toBe(true)
  })

  test('lit and sampling is dark at once', async () => {
    const { board } = leave()
    await leftover.say('baud 500000')
    await leftover.leaveAllOn()
    const bridge = await leftover.openBridge()
    expect(board.lit).toBe(false)
    await bridge[Symbol.asyncDispose]()
    expect(leftover.isAtStartRate).toBe(true)
  })
})

test('a board whose bootloader listens for 2 s is found after it was asked at the other rate', async () => {
  const { board, binding, emulation } = leave()
  const { open } = binding
  board.reset = Board.prototype.reset
  binding.open = async (options) => {
    const port = await open(options)
    board.reset('external', 2000)
    return port
  }
  const bridge = await leftover.openBridge()
  expect(emulation.nowMs()).toBeGreaterThan(2000)
  await bridge[Symbol.asyncDispose]()
})
