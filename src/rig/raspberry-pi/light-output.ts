import { BLACK, type SymbolLevel } from '../../light/symbols.js'
import { mayBeLit } from './sysfs.js'

/** Where a process finds the one file that it has inherited, behind the standard ones and its IPC channel. */
export const INHERITED_FD = 4

/** What an LED hangs on: shows one level at a time. */
export interface LightOutput {
  /**
   * The file by which it is this program's, until the last process has closed it: one that opens the same output
   * inherits it.
   */
  readonly fd: number
  /** The light has changed when it returns. Throws what the kernel refuses. */
  show(level: SymbolLevel): void
  /** Turns dark all that can be, and throws RigError when something cannot. */
  dark(): void
  /** Gives it back, dark or not. Never throws. */
  release(): void
}

/** Shows black on an output that does so by one step. Throws RigError when it cannot. */
export function showBlack(output: Pick<LightOutput, 'show'>): void {
  try {
    output.show(BLACK)
  } catch (error) {
    throw mayBeLit(error)
  }
}
