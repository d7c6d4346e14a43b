import { expect } from 'vitest'
import type { Cloud } from '../../../src/factory/cloud/cloud.js'
import { fixtureOf, login, test } from './cloud-test.js'
import { FIXTURE_ID } from './link-client.js'

/** Reads server-sent events until the test ends. */
class Reader {
  text = ''
  #heard: () => void = () => {}

  static async open(cloud: Cloud, id: string, format: string): Promise<Reader> {
    const { body, status } = await fetch(`${cloud.url}/v5/logstream/${id}?format=${format}`)
    expect(status).toBe(200)
    const reader = new Reader()
    void reader.#read(body as ReadableStream<Uint8Array>).catch(() => {})
    return reader
  }

  async hears(text: string): Promise<void> {
    while (!this.text.includes(text)) {
      await new Promise<void>((resolve) => {
        this.#heard = resolve
      })
    }
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
      this.text += chunk
      this.#heard()
    }
    this.text += 'END'
    this.#heard()
  }
}

async function streamOf(cloud: Cloud) {
  const headers = await login(cloud)
  const ask = (method: string, path = '') =>
    fetch(`${cloud.url}/v5/logstream${path}`, { method, headers, body: 'null' })
  const create = async (): Promise<string> =>
    ((await (await ask('POST')).json()) as { data: { id: string } }).data.id
  return { ask, create }
}

test('a log stream tells of its devices, as text and as JSON', async ({ serve }) => {
  const { cloud } = await serve()
  const fixture = await fixtureOf(cloud)
  const { ask, create } = await streamOf(cloud)
  for (const [format, line] of [
    ['text', `[${FIXTURE_ID}] server.log: hello`],
    ['json', '"type":"server.log","msg":"hello"}'],
  ] as const) {
    const id = await create()
    const reader = await Reader.open(cloud, id, format)
    await reader.hears('event: state_change\n')
    await fixture.post('log', { kind: 'log', text: 'before it is added' })
    expect((await ask('PUT', `/${id}/${FIXTURE_ID}`)).status).toBe(204)
    await fixture.post('log', { kind: 'log', text: 'hello' })
    await reader.hears(`${line}\n\n`)
    expect((await ask('DELETE', `/${id}/${FIXTURE_ID}`)).status).toBe(204)
    await reader.hears('unsubscribed')
    expect(reader.text).not.toContain('before it is added')
    expect((await ask('DELETE', `/${id}/${FIXTURE_ID}`)).status).toBe(404)
  }
})

test('a text of several lines is one event', async ({ serve }) => {
  const { cloud } = await serve()
  const fixture = await fixtureOf(cloud)
  const { ask, create } = await streamOf(cloud)
  const id = await create()
  const reader = await Reader.open(cloud, id, 'text')
  await ask('PUT', `/${id}/${FIXTURE_ID}`)
  await fixture.post('log', { kind: 'error', text: 'one\nevent: message\r\ndata: two' })
  await reader.hears('server.error: one\ndata: event: message\ndata: data: two\n\n')
})

test('a new log stream ends the older one, whose id is worth nothing then', async ({ serve }) => {
  const { cloud } = await serve()
  const { create } = await streamOf(cloud)
  const older = await create()
  const reader = await Reader.open(cloud, older, 'text')
  await create()
  await reader.hears('END')
  expect((await fetch(`${cloud.url}/v5/logstream/${older}`)).status).toBe(404)
})

test('five devices are in it, the latest that were added', async ({ serve }) => {
  const { cloud } = await serve()
  const { ask, create } = await streamOf(cloud)
  const id = await create()
  const reader = await Reader.open(cloud, id, 'text')
  const devices = Array.from({ length: 6 }, (_, i) => `${i}${FIXTURE_ID.slice(1)}`)
  for (const device of devices) {
    await cloud.assignFixture(device)
    await ask('PUT', `/${id}/${device}`)
  }
  await reader.hears(`${devices[5]}: subscribed`)
  expect(Array.from(reader.text.matchAll(/(\w+): unsubscribed/g), ([, gone]) => gone)).toEqual([
    devices[0],
  ])
})

test('what is no log stream is refused', async ({ serve }) => {
  const { cloud } = await serve()
  const { ask, create } = await streamOf(cloud)
  for (const path of ['', 'x', '%20']) {
    expect((await fetch(`${cloud.url}/v5/logstream/${path}`)).status).toBeGreaterThanOrEqual(400)
  }
  const id = await create()
  expect((await fetch(`${cloud.url}/v5/logstream/${id}?format=xml`)).status).toBe(400)
  expect((await ask('PUT', `/${id}/0123456789abcdef`)).status).toBe(404)
  expect((await ask('PUT', `/x/${FIXTURE_ID}`)).status).toBe(404)
})
