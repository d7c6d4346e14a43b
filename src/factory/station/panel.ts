import { openGpioInput } from '../../rig/raspberry-pi/gpio-input.js'
import { openGpioSwitch } from '../../rig/raspberry-pi/gpio-switch.js'
import type { Pull } from '../../rig/raspberry-pi/gpio-uapi.js'
import { LAMPS, type Lamp, LampPanel } from './lamps.js'
import type { Station } from './station.js'
import { type Contact, triggers } from './trigger.js'

/** What an operator has in front of a rig, at the header of a Raspberry Pi. Lines are BCM numbers. */
export interface PanelConfig {
  /** A button or a footswitch; null for none. */
  readonly button: (Contact & { readonly line: number; readonly pull: Pull }) | null
  readonly lamps: Readonly<Partial<Record<Lamp, number>>>
  /** A lamp is on with its line low. */
  readonly lampsActiveLow: boolean
}

export interface PanelOptions extends PanelConfig {
  readonly station: Station
  readonly rig: string
  /** Is told why a line cannot be used any more. The station goes on. */
  readonly onFault: (error: unknown) => void
}

/** Starts cycles of one rig by a button, and shows what becomes of them by lamps and a buzzer. Disposing turns them off. */
export class Panel implements AsyncDisposable {
  /** What is to be undone, the last first. */
  readonly #undo: (() => void | Promise<void>)[] = []

  private constructor() {}

  /** @throws RigError 'missing', 'locked' or 'forbidden' for a line */
  static async open(options: PanelOptions): Promise<Panel> {
    const panel = new Panel()
    try {
      await panel.#openLamps(options)
      await panel.#openButton(options)
      return panel
    } catch (error) {
      await panel[Symbol.asyncDispose]()
      throw error
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const undo of this.#undo.splice(0).reverse()) await undo()
  }

  async #openLamps({ station, rig, lamps, lampsActiveLow, onFault }: PanelOptions): Promise<void> {
    const outputs: ConstructorParameters<typeof LampPanel>[0] = {}
    for (const lamp of LAMPS) {
      const line = lamps[lamp]
      if (line === undefined) continue
      const output = await openGpioSwitch(line, lampsActiveLow)
      this.#undo.push(() => output[Symbol.dispose]())
      Object.assign(outputs, { [lamp]: output })
    }
    const shown = new LampPanel(outputs, onFault)
    this.#undo.push(() => shown[Symbol.dispose]())
    const show = (): void => {
      const snapshot = station.snapshot.rigs.find((one) => one.rig === rig)
      if (snapshot) shown.show(snapshot)
    }
    this.#undo.push(station.onChange(show))
    show()
  }

  async #openButton({ station, rig, button, onFault }: PanelOptions): Promise<void> {
    if (!button) return
    const input = await openGpioInput(button.line, button.pull)
    const end = new AbortController()
    const listening = (async () => {
      for await (const _ of triggers(input, button, { signal: end.signal })) {
        station.trigger(rig, 'gpio')
      }
    })().catch(onFault)
    this.#undo.push(async () => {
      end.abort()
      await listening
      await input[Symbol.asyncDispose]()
    })
  }
}
