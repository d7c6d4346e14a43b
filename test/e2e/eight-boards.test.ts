import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect } from 'vitest'
import { formatSymbols, parseSymbols } from '../../src/modulation/index.js'
import { openRig } from '../../src/rig/open.js'
import { blinkup, type Ended, type Run, start } from '../helpers/blinkup.js'
import { test as base } from '../helpers/folder.js'
import { needs } from '../helpers/requirements.js'
import { type HostileTerminal, serveHostileBoard } from '../rig/bridge/hostile/terminal.js'

interface Place {
  readonly port: string
  /** That no other place gets. */
  readonly message: readonly string[]
  readonly terminal: HostileTerminal
}

/** Eight places of a line, each with an honest board at a pseudo terminal of its own. */
const test = base.extend<{ places: Place[] }>({
  places: async ({ folder }, use) => {
    const places = Array.from({ length: 8 }, async (_, i) => {
      const port = folder.at(`board-${i}`)
      const message = ['--ssid', `net-${i}`, '--open', '--rate', '142']
      return { port, message, terminal: await serveHostileBoard(port, []) }
    })
    await use(await Promise.all(places))
    for (const place of places) await (await place).terminal.end()
  },
})

const startSending = ({ port, message }: Place): Run =>
  start(['send', '--rig', 'bridge', '--port', port, ...message])

const send = (place: Place): Promise<Ended> => startSending(place).ended

/** What the LED of a place has played, or is playing, last. */
const played = ({ terminal }: Place): string => terminal.board.light?.levels ?? ''

async function messageOf({ message }: Place): Promise<string> {
  return (await blinkup(['encode', ...message.slice(0, 3)])).stdout.trim()
}

async function expectAllSent(places: readonly Place[], ended: readonly Ended[]): Promise<void> {
  for (const [i, place] of places.entries()) {
    expect(ended[i]).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^sent /) })
    expect(played(place)).toBe(await messageOf(place))
    expect(place.terminal.board.isLit).toBe(false)
  }
}

/** More than a minute of light, of which programs that begin meanwhile see no end. */
const LONG = ['--dummy', '--rate', '10', '--sync', '600']

async function untilLit({ terminal: { board } }: Place): Promise<void> {
  while (!board.isLit) await sleep(5)
}

describe.skipIf(needs('socat'))('eight boards at once', () => {
  test('each plays the message that was sent to it', async ({ places }) => {
    await expectAllSent(places, await Promise.all(places.map(send)))
  })

  test('do so by one program, too', async ({ places }) => {
    const playing = places.map(async (place) => {
      {
        await using rig = await openRig({ kind: 'bridge', port: place.port })
        const sequence = parseSymbols(await messageOf(place))
        const { symbols } = await rig.emitter.play(sequence, { symbolRateHz: 142 })
        expect(symbols).toBe(sequence.levels.length)
        expect(played(place)).toBe(formatSymbols(sequence))
      }
      expect(place.terminal.board.isLit).toBe(false)
    })
    await Promise.all(playing)
  })

  test('are dark and free for the next message when all programs were killed', async ({
    places,
  }) => {
    const long = places.map((place) => ({ ...place, message: LONG }))
    const killed = long.map(startSending)
    await Promise.all(places.map(untilLit))
    for (const run of killed) run.process.kill('SIGKILL')
    await Promise.all(killed.map((run) => run.ended))
    await expect.poll(() => places.some(({ terminal: { board } }) => board.isLit)).toBe(false)
    await expectAllSent(places, await Promise.all(places.map(send)))
  })
})

describe.skipIf(needs('socat'))('two programs at one board', () => {
  test('one sends its message, the other one ends', async ({ places }) => {
    const [place, other] = places as [Place, Place]
    const both = [place, { ...other, port: place.port }]
    const ended = await Promise.all(both.map(send))
    expect(ended.map(({ exitCode }) => exitCode).sort()).toEqual([0, 75])
    const winner = ended.findIndex(({ exitCode }) => exitCode === 0)
    expect(played(place)).toBe(await messageOf(both[winner] as Place))
    expect(ended[1 - winner]?.stderr).toMatch(
      new RegExp(
        `^blinkup: another program uses ${place.port}: close it, or wait until it ends`,
        'm',
      ),
    )
  })

  test('the second one can send as soon as the first one was killed', async ({ places }) => {
    const [place] = places as [Place]
    const holder = startSending({ ...place, message: LONG })
    await untilLit(place)
    expect(await send(place)).toMatchObject({ exitCode: 75 })
    holder.process.kill('SIGKILL')
    await holder.ended
    await expectAllSent([place], [await send(place)])
  })

  test('off is refused while the first one sends, and turns dark what it left', async ({
    places,
  }) => {
    const [place] = places as [Place]
    const holder = startSending({ ...place, message: LONG })
    await untilLit(place)
    const off = ['off', '--rig', 'bridge', '--port', place.port]
    expect(await blinkup(off)).toMatchObject({
      exitCode: 75,
      stderr: expect.not.stringMatching(/is dark/),
    })
    holder.process.kill('SIGKILL')
    await holder.ended
    expect(await blinkup(off)).toMatchObject({ exitCode: 0, stderr: 'blinkup: the LED is dark\n' })
    expect(place.terminal.board.isLit).toBe(false)
  })
})
