import type { SweepProgress } from '../bench/sweep/sweep.js'
import { progressText } from './sweep-text.js'
import { tell } from './terminal.js'

/** Where no terminal shows one line that changes. */
const LINE_INTERVAL_MS = 10_000

/** Shows on standard error how far a sweep is. */
export class SweepDisplay {
  readonly #shown = process.stderr.isTTY
  #toldMs = performance.now()

  update(progress: SweepProgress): void {
    if (this.#shown) {
      if (process.stderr.writableLength > 0) return
      const columns = process.stderr.columns || 80 // some terminals say 0
      process.stderr.write(`\r${progressText(progress).slice(0, columns - 1)}\x1b[K`)
      return
    }
    if (performance.now() - this.#toldMs < LINE_INTERVAL_MS) return
    this.#toldMs = performance.now()
    tell(progressText(progress))
  }

  /** Clears the line. */
  end(): void {
    if (this.#shown) process.stderr.write('\r\x1b[K')
  }
}
