import { EventEmitter } from 'node:events'
import type { ServerResponse } from 'node:http'
import { expect, test } from 'vitest'
import { EventFeed } from '../../src/web/event-feed.js'

/** What a client that reads nothing by itself is sent; the real one hides in the kernel how much it has read. */
class Client extends EventEmitter {
  text = ''
  writableLength = 0

  write(text: string): void {
    this.text += text
    this.writableLength += text.length
  }

  end(): void {
    this.emit('close')
  }

  readAll(): void {
    this.text = ''
    this.writableLength = 0
    this.emit('drain')
  }
}

const asResponse = (client: Client) => client as unknown as ServerResponse
const LINE = 'x'.repeat(1000)

test('whoever comes late gets what is known by then, and then what happens', () => {
  let known = 'nothing'
  const feed = new EventFeed(() => [{ name: 'state', data: { known } }])
  feed.publish({ name: 'light', data: 1 })
  known = 'all'
  const client = new Client()
  feed.subscribe(asResponse(client))
  feed.publish({ name: 'light', data: 'two\nlines' })
  expect(client.text.split('\n')).toEqual([
    ...['event: state', 'data: {"known":"all"}', ''],
    ...['event: light', 'data: "two\\nlines"', '', ''],
  ])
})

test('one who does not read is not kept more than so much for, holds up nobody, and gets the greeting anew', () => {
  const feed = new EventFeed(() => [{ name: 'state', data: 'as it is' }])
  const [slow, other] = [new Client(), new Client()]
  feed.subscribe(asResponse(slow))
  feed.subscribe(asResponse(other))
  for (let n = 0; n < 1000; n++) {
    feed.publish({ name: 'light', data: LINE })
    other.readAll()
  }
  expect(slow.writableLength).toBeLessThan(2 ** 18 + 2 * LINE.length)
  slow.readAll()
  expect(slow.text).toBe('event: state\ndata: "as it is"\n\n')
  feed.publish({ name: 'light', data: 1 })
  expect(slow.text).toContain('event: light\ndata: 1\n\n')
})

test('there is room for eight, and again when one has gone', () => {
  const feed = new EventFeed(() => [])
  const clients = Array.from({ length: 8 }, () => new Client())
  for (const client of clients) {
    expect(feed.hasRoom).toBe(true)
    feed.subscribe(asResponse(client))
  }
  expect(feed.hasRoom).toBe(false)
  clients[3]?.emit('close')
  expect(feed.hasRoom).toBe(true)
  feed.end()
  feed.publish({ name: 'light', data: 1 })
  expect(clients.map(({ text }) => text).join('')).toBe('')
})

test('it is told when the last one has gone', () => {
  let left = 0
  const feed = new EventFeed(
    () => [],
    () => left++,
  )
  const [one, other] = [new Client(), new Client()]
  feed.subscribe(asResponse(one))
  feed.subscribe(asResponse(other))
  one.emit('close')
  expect([feed.isRead, left]).toEqual([true, 0])
  other.emit('close')
  expect([feed.isRead, left]).toEqual([false, 1])
})
