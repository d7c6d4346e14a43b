import { EventEmitter } from 'node:events'
import type { PinHost } from '../api/host.js'

/** The levels at a device's pins: what drives its inputs from outside, and what its program writes. */
export class Pins implements PinHost {
  readonly #driven = new Map<string, 0 | 1>()
  readonly #written = new Map<string, number>()
  readonly #changes = new EventEmitter()

  /** @param onWrite is told of each output that gets another level */
  constructor(private readonly onWrite: (pin: string, level: number) => void) {
    this.#changes.setMaxListeners(0)
  }

  /** Drives an input from outside, such as a button does. */
  drive(pin: string, level: 0 | 1): void {
    if (this.#driven.get(pin) === level) return
    this.#driven.set(pin, level)
    this.#changes.emit(pin)
  }

  read(pin: string): 0 | 1 | undefined {
    return this.#driven.get(pin)
  }

  write(pin: string, level: number): void {
    if (this.#written.get(pin) === level) return
    this.#written.set(pin, level)
    this.onWrite(pin, level)
  }

  watch(pin: string, onChange: () => void): () => void {
    this.#changes.on(pin, onChange)
    return () => void this.#changes.off(pin, onChange)
  }

  /** Without power no output is driven. */
  forget(): void {
    this.#written.clear()
  }
}
