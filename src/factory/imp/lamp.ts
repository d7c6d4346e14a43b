import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { darkenAtExit } from '../../rig/darken-at-exit.js'
import { RigError } from '../../rig/errors.js'
import { machineTimebase, type Timebase } from '../../rig/timebase.js'
import { type LedColour, type LedState, STATUS_LED } from './status-led.js'

/** Where Linux has the LEDs of a computer (Documentation/leds/leds-class.rst). */
const LEDS_FOLDER = '/sys/class/leds'
/** How long colours alternate whose times are not public; ours. */
const STEP_MS = 500

/** Names of two LEDs, or the two of one with two colours. Orange is both. */
export interface LampLeds {
  readonly green?: string | undefined
  readonly red?: string | undefined
}

const LIT_BY: Readonly<Record<keyof LampLeds, readonly (LedColour | 'dark')[]>> = {
  green: ['green', 'orange'],
  red: ['red', 'orange'],
}

interface Options {
  readonly timebase?: Timebase
  readonly folder?: string
  /** An LED that cannot be written any more. */
  readonly onFailure?: (error: RigError) => void
}

/** Shows the status LED of a device on LEDs of this computer. What has no published colour is dark. */
export class Lamp implements Disposable {
  readonly #leds: readonly (readonly [keyof LampLeds, Led])[]
  readonly #timebase: Timebase
  readonly #onFailure: (error: RigError) => void
  readonly #leaveToOthers: () => void
  #shown = new AbortController()

  /** Takes the LEDs, dark. Throws RigError 'missing' or 'forbidden'. */
  constructor(names: LampLeds, options: Options = {}) {
    const { timebase = machineTimebase, folder = LEDS_FOLDER, onFailure = () => {} } = options
    this.#timebase = timebase
    this.#onFailure = onFailure
    this.#leds = (['green', 'red'] as const).flatMap((colour) => {
      const name = names[colour]
      return name === undefined ? [] : [[colour, new Led(folder, name)] as const]
    })
    this.#leaveToOthers = darkenAtExit(() => this.#giveBack())
  }

  show(state: LedState): void {
    const { colours, stepMs } = STATUS_LED[state]
    this.#shown.abort()
    this.#shown = new AbortController()
    this.#play(colours ?? ['dark'], stepMs ?? STEP_MS, this.#shown.signal).catch(this.#onFailure)
  }

  /** Dark, and the LEDs are what they were for before. */
  [Symbol.dispose](): void {
    this.#shown.abort()
    this.#leaveToOthers()
    this.#giveBack()
  }

  async #play(
    colours: readonly (LedColour | 'dark')[],
    stepMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    for (let n = 0; !signal.aborted; n++) {
      const colour = colours[n % colours.length] as LedColour | 'dark'
      for (const [kind, led] of this.#leds) led.light(LIT_BY[kind].includes(colour))
      if (colours.length === 1) return
      await this.#timebase.sleep(stepMs, signal).catch(() => {})
    }
  }

  #giveBack(): void {
    for (const [, led] of this.#leds) led.giveBack()
  }
}

/** An LED as the kernel has it. */
class Led {
  readonly #path: string
  readonly #lit: string
  /** What the kernel has lit it for. */
  readonly #trigger: string | undefined

  constructor(folder: string, name: string) {
    this.#path = join(folder, name)
    if (/[/\0]|^\.*$/.test(name) || !existsSync(this.#file('brightness'))) {
      const names = existsSync(folder) ? readdirSync(folder) : []
      const remedy = names.length > 0 ? `choose one of ${names.join(', ')}` : 'there is none at all'
      throw new RigError(
        'missing',
        `this computer has no LED called ${JSON.stringify(name)}: ${remedy}`,
      )
    }
    try {
      this.#lit = readFileSync(this.#file('max_brightness'), 'utf8').trim()
      const triggers = readFileSync(this.#file('trigger'), 'utf8')
      this.#trigger = /\[(.*?)\]/.exec(triggers)?.[1]
      this.#write('trigger', 'none')
      this.light(false)
    } catch (error) {
      if (error instanceof RigError) throw error
      throw this.#refusal(error)
    }
  }

  light(isLit: boolean): void {
    this.#write('brightness', isLit ? this.#lit : '0')
  }

  giveBack(): void {
    this.light(false)
    if (this.#trigger !== undefined && this.#trigger !== 'none')
      this.#write('trigger', this.#trigger)
  }

  #write(file: string, text: string): void {
    try {
      writeFileSync(this.#file(file), text)
    } catch (error) {
      throw this.#refusal(error)
    }
  }

  #refusal(error: unknown): RigError {
    const { code } = error as NodeJS.ErrnoException
    const isForbidden = code === 'EACCES' || code === 'EPERM' || code === 'EROFS'
    const sentence = `the LED ${this.#path} cannot be used (${code}): ${isForbidden ? 'let this user write its files' : 'check that it is still there'}`
    return new RigError(isForbidden ? 'forbidden' : 'missing', sentence, { cause: error })
  }

  #file(name: string): string {
    return join(this.#path, name)
  }
}
