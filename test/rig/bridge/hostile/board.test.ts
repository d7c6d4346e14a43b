import { expect, test } from 'vitest'
import { Bench } from '../../../firmware-bridge/bench.js'
import { HostileBoard } from './board.js'
import { VirtualTime } from './clocks.js'
import type { Topic } from './lies.js'
import { crcOf, withCrc } from './lines.js'
import { FIELDS } from './random-lies.js'

const COMMANDS = [
  ...['hello', 'keepalive 2000', 'level 1000 520', 'sample 1000 10', 'rate 60', 'rate 142'],
  ...['rate 5', 'load 0 0102', 'load 96 01', 'load 4 0201', 'play 7 0000'],
  ...[`play 8 ${crcOf('01020201')}`, 'status', 'rate 60', 'stop', 'status', 'sense on', 'status'],
  ...['sense off', 'edges on', 'status', 'edges off', 'stop', 'baud 115200', 'nonsense'],
]

/** What may differ is how long something took, and the words of a refusal. */
const shape = (reply: string): string =>
  reply
    .replace(/(?<=(now|start|count)=)\d+|(?<=(status|stop) .*symbols=)\d+/g, 'N')
    .replace(/^(error \w+).*/, '$1')

/** An honest board, asked in the process. */
function honest(): { ask: (command: string) => string; end: () => void } {
  const time = new VirtualTime()
  let said: string[] = []
  const board = new HostileBoard(time, {
    floodBytes: 1,
    send: (bytes) => said.push(Buffer.from(bytes).toString('latin1')),
    unplug: () => {},
  })
  const ask = (command: string): string => {
    said = []
    board.receive(withCrc(command))
    return said.find((line) => /^(ok|error)/.test(line))?.replace(/\*....\n$/, '') ?? ''
  }
  return { ask, end: () => time.stop() }
}

test('an honest board answers what the firmware answers', () => {
  const firmware = new Bench()
  const board = honest()
  for (const command of COMMANDS) {
    expect(shape(board.ask(command)), command).toBe(shape(firmware.ask(command)))
  }
  board.end()
})

test('each field that it says can be lied about', () => {
  const board = honest()
  for (const command of COMMANDS) {
    const reply = board.ask(command)
    if (reply.startsWith('error')) continue
    const topic = /^((sense|edges) \w+|\w+)/.exec(command)?.[0] as Topic
    const fields = [...reply.matchAll(/ (\w+)=/g)].map(([, name]) => name)
    expect(FIELDS[topic] ?? [], command).toEqual(fields)
  }
  board.end()
})
