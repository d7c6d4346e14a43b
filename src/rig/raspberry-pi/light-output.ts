import type { SymbolLevel } from '../../modulation/symbols.js'

/** What an LED hangs on: shows one level at a time. */
export interface LightOutput {
  /** The light has changed when it returns. Throws what the kernel refuses. */
  show(level: SymbolLevel): void
  /** Turns dark all that can be, and throws RigError when something cannot. */
  dark(): void
  /** Gives it back, dark or not. */
  release(): void
}
