import { crc16xmodem } from 'crc'
import fc from 'fast-check'
import { SerialPortMock } from 'serialport'
import { describe, expect, test } from 'vitest'
import { CappedReadlineParser } from '../../../src/rig/bridge/capped-readline.js'
import { Link } from '../../../src/rig/bridge/link.js'
import { openPort } from '../../../src/rig/bridge/port.js'
import { machineTimebase } from '../../../src/rig/timebase.js'

function openParser(): { parser: CappedReadlineParser; lines: string[] } {
  const parser = new CappedReadlineParser({ delimiter: '\n', encoding: 'latin1' })
  const lines: string[] = []
  parser.on('data', (line: string) => lines.push(line))
  return { parser, lines }
}

const line = fc
  .uint8Array({ minLength: 1, maxLength: 256 })
  .map((bytes) =>
    Buffer.from(bytes.map((byte) => (byte === 0x0a ? 0x20 : byte))).toString('latin1'),
  )

describe('lines', () => {
  test('up to 256 characters come whole, however their bytes arrive', () => {
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.integer({ min: 1, max: 600 })), (sent, sizes) => {
        const { parser, lines } = openParser()
        let bytes = Buffer.from(sent.map((text) => `${text}\n`).join(''), 'latin1')
        for (const size of [...sizes, bytes.length]) {
          parser.write(bytes.subarray(0, size))
          bytes = bytes.subarray(size)
        }
        expect(lines).toEqual(sent)
      }),
    )
  })

  test('without an end are given in pieces, and the next line is whole again', () => {
    const { parser, lines } = openParser()
    for (let i = 0; i < 257; i++) parser.write('x')
    expect(lines).toEqual(['x'.repeat(257)])
    parser.write('yy\nnext\n')
    expect(lines.slice(1)).toEqual(['yy', 'next'])
  })

  test('of 10 MB are not kept', () => {
    const { parser, lines } = openParser()
    const chunk = Buffer.alloc(1000, 'x')
    for (let sent = 0; sent < 10e6; sent += chunk.length) {
      parser.write(chunk)
      expect(parser.buffer.length + parser.readableLength).toBeLessThanOrEqual(256)
    }
    expect(lines.join('')).toHaveLength(10e6)
  })
})

test('a link drops an endless line and understands the next', async () => {
  const { binding } = SerialPortMock
  binding.reset()
  binding.createPort('/dev/x', {
    readyData: Buffer.from(`${'x'.repeat(3000)}\n${signed('ready name=x reset=watchdog')}\n`),
  })
  const link = new Link(await openPort('/dev/x', binding), machineTimebase)
  const event = await new Promise((resolve) => {
    link.onEvent = resolve
  })
  expect(event).toMatchObject({ name: 'ready' })
  await link.close()
})

function signed(text: string): string {
  return `${text}*${crc16xmodem(Buffer.from(text)).toString(16).padStart(4, '0')}`
}
