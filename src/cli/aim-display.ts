import { type AimView, isGood } from '../bench/aiming.js'
import { aimLine, aimLines } from './aim-text.js'
import { colour, print } from './terminal.js'

/** Shows views as they come; times are of the samples. */
export interface AimDisplay {
  show(view: AimView, timeS: number): Promise<void> | void
  end(): void
}

const REFRESH_S = 0.1

/** Two lines of the terminal, written over and over. */
export class LiveDisplay implements AimDisplay {
  #dueS = Number.NEGATIVE_INFINITY

  show(view: AimView, timeS: number): void {
    if (timeS < this.#dueS || process.stderr.writableLength > 0) return
    this.#dueS = timeS + REFRESH_S
    const columns = process.stderr.columns || 80 // some terminals say 0
    const [bar, advice] = aimLines(view, columns - 1) // a full line would wrap
    const coloured = colour(isGood(view) ? 'green' : 'yellow', advice, process.stderr)
    process.stderr.write(`\r${bar}\x1b[K\n${coloured}\x1b[K\x1b[A`)
  }

  /** Clears both lines. */
  end(): void {
    process.stderr.write('\r\x1b[J')
  }
}

const LINE_S = 1

/** A line of standard output for each second. */
export class LineDisplay implements AimDisplay {
  #dueS = Number.NEGATIVE_INFINITY

  async show(view: AimView, timeS: number): Promise<void> {
    if (timeS < this.#dueS) return
    this.#dueS = timeS + LINE_S
    await print(aimLine(view))
  }

  end(): void {}
}

/** Shows nothing. */
export const NO_DISPLAY: AimDisplay = { show: () => {}, end: () => {} }
