import { EventEmitter, on } from 'node:events'
import dut from '../../examples/factory/dut.js'
import fixture from '../../examples/factory/fixture.js'
import { Happenings } from '../../examples/factory/happenings.js'
import { simulateChannel } from '../../src/channel/index.js'
import { runDevice } from '../../src/factory/api/run-device.js'
import { FactoryBlinkUp } from '../../src/factory/fixture/factory-blink-up.js'
import type { ImpEvent } from '../../src/factory/imp/events.js'
import { identityOf } from '../../src/factory/imp/identity.js'
import { Imp, type ImpOptions } from '../../src/factory/imp/imp.js'
import { photodiodeLight } from '../../src/factory/imp/watch-light.js'
import type { SampleBlock } from '../../src/light/samples.js'
import type { SymbolSequence } from '../../src/light/symbols.js'
import type { Emitter, Photodiode, PlayOptions, PlayReport } from '../../src/rig/rig.js'
import { machineClock, machineTimebase, type Timebase } from '../../src/rig/timebase.js'

/** Time that passes so many times as fast. */
export const timesAsFast = (times: number): Timebase => ({
  nowMs: () => machineTimebase.nowMs() * times,
  sleep: (ms, signal) => machineTimebase.sleep(ms / times, signal),
})

const SAMPLE_RATE_HZ = 1000
const BLOCK_SAMPLES = 50
const BLACK_LEVEL = 0.05

/** An LED and a photodiode with the channel's model between them. Time passes only while the LED plays. */
export class ModelledLight {
  /** Something lies between them. */
  isBlocked = false
  isPlaying = false
  /** Packets, or what there was of them, in the order in which they were played. */
  readonly sequences: SymbolSequence[] = []
  readonly #samples = new EventEmitter()
  #nowS = 0

  constructor(private readonly timebase: Timebase) {
    this.#samples.setMaxListeners(0)
  }

  readonly emitter: Emitter = {
    clock: machineClock,
    off: async () => {},
    play: (sequence, options) => this.#play(sequence, options),
  }

  readonly photodiode: Photodiode = {
    clock: machineClock,
    sampleRateHz: SAMPLE_RATE_HZ,
    samples: (options) => this.#seen(options.signal),
  }

  async #play(
    sequence: SymbolSequence,
    { symbolRateHz, signal }: PlayOptions,
  ): Promise<PlayReport> {
    this.isPlaying = true
    this.sequences.push(sequence)
    const startS = this.#nowS
    const { timesS, levels } = simulateChannel(sequence.levels, {
      ...{ symbolRateHz, startS, sampleRateHz: SAMPLE_RATE_HZ },
    })
    try {
      for (let at = 0; at < timesS.length; at += BLOCK_SAMPLES) {
        await this.timebase.sleep((1000 * BLOCK_SAMPLES) / SAMPLE_RATE_HZ, signal)
        const block = {
          timesS: timesS.slice(at, at + BLOCK_SAMPLES),
          levels: levels.slice(at, at + BLOCK_SAMPLES),
        }
        if (this.isBlocked) block.levels.fill(BLACK_LEVEL)
        this.#nowS = (block.timesS.at(-1) ?? startS) + 1 / SAMPLE_RATE_HZ
        this.#samples.emit('block', block)
      }
    } finally {
      this.isPlaying = false
    }
    const { length: symbols } = sequence.levels
    return { symbols, symbolRateHz, greyRatio: null, startS, clock: machineClock.id }
  }

  async *#seen(signal: AbortSignal): AsyncIterable<SampleBlock> {
    try {
      for await (const [block] of on(this.#samples, 'block', { signal })) yield block
    } catch (error) {
      if (!signal.aborted) throw error
    }
  }
}

export const FIXTURE_ID = '5000020000000000'
/** The ID of the device with that number. */
export const deviceIdOf = (number: number): string => `500002${String(number).padStart(10, '0')}`

/** A device, and what has happened to it. */
export interface Seat {
  readonly imp: Imp
  readonly happenings: Happenings<ImpEvent>
}

type Others = Pick<ImpOptions, 'memory' | 'programs'>

/** A fixture with the example's firmware before a modelled light, in a time of its own. */
export class Desk {
  readonly light: ModelledLight

  constructor(
    private readonly cloudUrl: string,
    readonly timebase: Timebase,
  ) {
    this.light = new ModelledLight(timebase)
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

  #common(happenings: Happenings<ImpEvent>) {
    const { cloudUrl, timebase } = this
    return { cloudUrl, timebase, onEvent: (event: ImpEvent) => happenings.add(event) }
  }
}

/** Presses the button of a fixture. */
export function press({ imp }: Seat): void {
  imp.pins.drive('pinC', 1)
  imp.pins.drive('pinC', 0)
}

/** The example's fixture waits for the first press. */
export const isReady = (event: ImpEvent): boolean =>
  event.event === 'said' && event.text === 'ready for the first device'
