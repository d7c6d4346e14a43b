import { Cloud, type CloudOptions } from '../../../src/factory/cloud/cloud.js'
import type { CloudEvent } from '../../../src/factory/cloud/logs.js'
import { test as base } from '../../helpers/folder.js'
import { FIXTURE_ID, TestDevice } from './link-client.js'

/** A server and what it tells. */
export interface Served {
  readonly cloud: Cloud
  readonly events: CloudEvent[]
  /** Resolves when it has told of such a thing. */
  tells(kind: CloudEvent['kind'], text?: RegExp): Promise<CloudEvent>
}

export async function open(options: CloudOptions = {}): Promise<Served> {
  const events: CloudEvent[] = []
  let heard = (): void => {}
  const cloud = await Cloud.open({
    ...options,
    onEvent: (event) => {
      events.push(event)
      heard()
    },
  })
  return {
    cloud,
    events,
    tells: async (kind, text = /./) => {
      for (;;) {
        const told = events.find((event) => event.kind === kind && text.test(event.text))
        if (told) return told
        await new Promise<void>((resolve) => {
          heard = resolve
        })
      }
    },
  }
}

/** A test with servers that end with it. */
export const test = base.extend<{
  serve(options?: CloudOptions): Promise<Served>
}>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads from the pattern what a fixture needs
  serve: async ({}, use) => {
    const served: Served[] = []
    await use(async (options) => {
      served.push(await open(options))
      return served.at(-1) as Served
    })
    for (const { cloud } of served) await cloud[Symbol.asyncDispose]()
  },
})

/** A fixture that is connected. */
export async function fixtureOf(cloud: Cloud, id = FIXTURE_ID): Promise<TestDevice> {
  await cloud.assignFixture(id)
  const fixture = new TestDevice(cloud.url, id)
  await fixture.connect()
  return fixture
}

/** A device that a fixture has lit, connected. */
export async function litBy(fixture: TestDevice, id: string): Promise<TestDevice> {
  const device = new TestDevice(fixture.url, id, await fixture.factoryToken())
  await device.connect()
  return device
}

export const basic = (key: string): string => `Basic ${Buffer.from(key).toString('base64')}`

/** A login that has an access token. */
export async function login({ url, account }: Cloud): Promise<Record<string, string>> {
  const response = await fetch(`${url}/v5/auth`, {
    method: 'POST',
    body: JSON.stringify({ id: account.login, password: account.password }),
  })
  const { access_token } = (await response.json()) as { access_token: string }
  return { authorization: `Bearer ${access_token}` }
}
