import { darkenAtExit } from '../darken-at-exit.js'
import { claimDeviceLine } from './gpio-device.js'
import type { RequestedLines } from './gpio-uapi.js'
import { refusalOf } from './sysfs.js'

/** What is either on or off, such as a lamp. Disposing turns it off. */
export interface DigitalOutput extends Disposable {
  /** It has changed when it returns. Throws RigError where that fails. */
  set(on: boolean): void
}

/**
 * Takes a line of the header, by BCM number, as an output that is off from the first moment on, and however this process
 * ends, but for SIGKILL: the kernel frees the line then and pulls it to off, unless it is Raspberry Pi's own, which keeps it as
 * it was last.
 *
 * @param activeLow it is on with the line low
 * @throws RigError 'missing', 'locked' or 'forbidden'
 */
export async function openGpioSwitch(line: number, activeLow: boolean): Promise<DigitalOutput> {
  return claimDeviceLine(line, (chip) => new GpioSwitch(line, chip.request([line], activeLow)))
}

class GpioSwitch implements DigitalOutput {
  readonly #takeBack = darkenAtExit(() => this.lines.set(0))
  #isClosed = false

  constructor(
    private readonly line: number,
    private readonly lines: RequestedLines,
  ) {}

  set(on: boolean): void {
    try {
      this.lines.set(on ? 1 : 0)
    } catch (error) {
      throw refusalOf(error, `BCM ${this.line}`)
    }
  }

  [Symbol.dispose](): void {
    if (this.#isClosed) return
    this.#isClosed = true
    try {
      this.set(false)
    } finally {
      this.#takeBack()
      this.lines.close()
    }
  }
}
