import { setTimeout as sleep } from 'node:timers/promises'
import dut from '../../examples/factory/dut.js'
import fixture from '../../examples/factory/fixture.js'
import { Happenings } from '../../examples/factory/happenings.js'
import { runDevice } from '../../src/factory/api/run-device.js'
import { FactoryBlinkUp } from '../../src/factory/fixture/factory-blink-up.js'
import type { ImpEvent } from '../../src/factory/imp/events.js'
import { identityOf } from '../../src/factory/imp/identity.js'
import { Imp, type ImpOptions } from '../../src/factory/imp/imp.js'
import { photodiodeLight } from '../../src/factory/imp/watch-light.js'
import type { Timebase } from '../../src/rig/timebase.js'
import { SimulatedRig } from './simulated-rig.js'

const PRESSED_MS = 20
const LOOK_MS = 5
const LIT_WITHIN_MS = 1000

export const FIXTURE_ID = '5000020000000000'
/** The ID of the device with that number. */
export const deviceIdOf = (number: number): string => `500002${String(number).padStart(10, '0')}`

/** A device, and what has happened to it. */
export interface Seat {
  readonly imp: Imp
  readonly happenings: Happenings<ImpEvent>
}

type Others = Pick<ImpOptions, 'memory' | 'programs'>

/** A fixture with the example's firmware before a simulated light, in a time of its own. */
export class Desk {
  readonly light: SimulatedRig

  constructor(
    private readonly cloudUrl: string,
    readonly timebase: Timebase,
  ) {
    this.light = new SimulatedRig(timebase)
  }

  fixture(others: Others = {}): Seat {
    const happenings = new Happenings<ImpEvent>()
    const imp = new Imp({
      ...this.#common(happenings),
      identity: identityOf({ deviceId: FIXTURE_ID }),
      network: { medium: 'ethernet' },
      programs: { fixture: (host) => runDevice(fixture, host) },
      factoryLight: new FactoryBlinkUp(this.light, { lockoutS: 0, timebase: this.timebase }),
      ...others,
    })
    return { imp, happenings }
  }

  device(number: number, others: Others = {}): Seat {
    const happenings = new Happenings<ImpEvent>()
    const imp = new Imp({
      ...this.#common(happenings),
      identity: identityOf({ deviceId: deviceIdOf(number) }),
      light: photodiodeLight(this.light.photodiode),
      programs: { dut: (host) => runDevice(dut, host) },
      ...others,
    })
    imp.pins.drive('pin1', 1)
    return { imp, happenings }
  }

  /** Presses the button of a fixture until it plays. */
  async lightUp(fixture: Seat): Promise<void> {
    const { length: before } = this.light.sequences
    for (let waitedMs = 0; this.light.sequences.length === before; waitedMs += LOOK_MS) {
      if (waitedMs % LIT_WITHIN_MS === 0) await press(fixture)
      await sleep(LOOK_MS)
    }
  }

  #common(happenings: Happenings<ImpEvent>) {
    const { cloudUrl, timebase } = this
    return { cloudUrl, timebase, onEvent: (event: ImpEvent) => happenings.add(event) }
  }
}

/** Presses the button of a fixture: one that is busy may not notice. */
export async function press({ imp }: Seat): Promise<void> {
  imp.pins.drive('pinC', 1)
  await sleep(PRESSED_MS)
  imp.pins.drive('pinC', 0)
}

/** The example's fixture waits for the first press. */
export const isReady = (event: ImpEvent): boolean =>
  event.event === 'said' && event.text === 'ready for the first device'
