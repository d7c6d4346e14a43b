import { setImmediate as turn } from 'node:timers/promises'
import type { DeviceHost } from '../../../src/factory/api/host.js'
import type { Cloud } from '../../../src/factory/cloud/cloud.js'
import type { ImpEvent } from '../../../src/factory/imp/events.js'
import { identityOf } from '../../../src/factory/imp/identity.js'
import { Imp, type ImpOptions } from '../../../src/factory/imp/imp.js'
import type { Program } from '../../../src/factory/imp/life.js'
import type { LightSource, LightWatcher } from '../../../src/factory/imp/watch-light.js'
import { encodePacket, type Settings } from '../../../src/packet/index.js'
import { message, receivedMessage } from '../../helpers/receive.js'
import { scaledTime } from '../../helpers/scaled-time.js'

export const FIXTURE_ID = '3000d8c4aabbccdd'
export const DUT_ID = '600a0c2a690a1b2c'
export const WIFI = { ssid: 'net', password: 'long enough' }

/** The light of a fixture that shines on a device. */
export class Air {
  readonly #watchers = new Set<LightWatcher>()
  readonly light: LightSource = async (signal, watcher) => {
    this.#watchers.add(watcher)
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve))
    this.#watchers.delete(watcher)
  }

  /** Shines as soon as somebody looks. */
  async shine(settings: Settings): Promise<void> {
    while (this.#watchers.size === 0) await turn()
    const reception = receivedMessage(message(encodePacket(settings)))
    for (const watcher of this.#watchers) watcher.onReception(reception)
  }
}

type Told = ImpEvent & { readonly atS: number }

/** An imp that keeps what happens to it, twenty times as fast. */
export class TestImp {
  readonly events: Told[] = []
  readonly air = new Air()
  readonly imp: Imp
  #heard: () => void = () => {}

  constructor(options: ImpOptions = {}) {
    this.imp = new Imp({
      identity: identityOf({ deviceId: DUT_ID }),
      timebase: scaledTime(20),
      light: this.air.light,
      ...options,
      onEvent: (event, atS) => {
        this.events.push({ ...event, atS })
        this.#heard()
      },
    })
  }

  /** Resolves to the first event of a kind after those that were taken. */
  async tells<E extends ImpEvent['event']>(
    kind: E,
    like: Partial<Extract<ImpEvent, { event: E }>> = {},
  ): Promise<Extract<ImpEvent, { event: E }>> {
    for (;;) {
      const found = this.events.find(
        (event) =>
          event.event === kind &&
          Object.entries(like).every(([name, value]) => (event as never)[name] === value),
      )
      if (found) return found as never
      await new Promise<void>((resolve) => {
        this.#heard = resolve
      })
    }
  }

  /** Forgets what has happened. */
  forget(): void {
    this.events.length = 0
  }

  kinds(): string[] {
    return this.events.map(({ event }) => event)
  }
}

/** A token as a fixture gets it. */
export async function tokenOf(cloud: Cloud): Promise<{ planId: string; token: string }> {
  await cloud.assignFixture(FIXTURE_ID)
  const { promise, resolve } = deferred<DeviceHost>()
  const fixture = new TestImp({
    identity: identityOf({ deviceId: FIXTURE_ID, impType: 'imp005' }),
    cloudUrl: cloud.url,
    network: { medium: 'ethernet' },
    programs: { fixture: running(resolve) },
  })
  fixture.imp.powerOn()
  const token = await (await promise).server.factoryToken()
  await fixture.imp.powerOff()
  return token
}

export function deferred<T>(): { promise: Promise<T>; resolve(value: T): void } {
  let resolve: (value: T) => void = () => {}
  const promise = new Promise<T>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}

/** A program that does so, and stops when it is told to. */
export const running =
  (act: (host: DeviceHost) => unknown): Program =>
  (host) => {
    void act(host)
    return { stop: () => {} }
  }
