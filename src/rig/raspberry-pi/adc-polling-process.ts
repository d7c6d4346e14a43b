/**
 * The process that reads an ADC's value over and over, and does nothing else. What it tells goes to a pipe of its own, a line of
 * JSON each. While nobody takes that it waits, and then tells the samples that it has missed.
 */
import { openSync, readSync, writeSync } from 'node:fs'
import { endIfOverheard } from '../../guard-memory.js'

/** What to read: a sysfs attribute with a whole number. */
export interface PollingJob {
  readonly file: string
  /** The number at full scale. */
  readonly fullScale: number
  readonly sampleRateHz: number
}

/** What the process tells: samples, as in a SampleBlock, or why there will be none. */
export type PollingNews =
  | {
      readonly kind: 'samples'
      readonly timesS: readonly number[]
      readonly levels: readonly number[]
      readonly gap?: { readonly startS: number; readonly samples: number }
    }
  | { readonly kind: 'slow'; readonly valueS: number }
  | { readonly kind: 'failed'; readonly message: string }

/** Not standard output, which Node.js may set so that a write to a full pipe fails. */
const NEWS_FD = 3
const BLOCK_MS = 20
/** So many in a row are no accident. */
const SLOW_VALUES = 100

const nowS = (): number => Number(process.hrtime.bigint()) / 1e9
const tell = (news: PollingNews): void => {
  writeSync(NEWS_FD, `${JSON.stringify(news)}\n`)
}

endIfOverheard()
try {
  poll(JSON.parse(process.argv[2] as string))
} catch (error) {
  try {
    tell({ kind: 'failed', message: (error as Error).message })
  } catch {} // nobody is there any more to be told
}

/** Ends when nobody is there any more to be told. */
function poll({ file, fullScale, sampleRateHz }: PollingJob): never {
  const fd = openSync(file, 'r')
  const text = Buffer.alloc(16)
  const cell = new Int32Array(new SharedArrayBuffer(4))
  const blockLength = Math.max(1, Math.round((sampleRateHz * BLOCK_MS) / 1000))
  const periodS = 1 / sampleRateHz
  let times: number[] = []
  let levels: number[] = []
  let gap: { startS: number; samples: number } | undefined
  /** A value is due at each beat. This is that of the last value. */
  let beat: number | undefined
  let due = 0
  let slowValues = 0
  const firstS = nowS()

  const send = (): void => {
    if (times.length > 0) tell({ kind: 'samples', timesS: times, levels, ...(gap && { gap }) })
    times = []
    levels = []
    gap = undefined
  }

  for (;;) {
    const startS = nowS()
    const bytes = readSync(fd, text, 0, text.length, 0)
    const endS = nowS()
    const value = text.toString('latin1', 0, bytes)
    if (!/^-?\d+\s*$/.test(value)) throw new Error('it does not hold a number')
    // The ADC holds its sample somewhere within the transfer: one that was held up is of no use.
    if (endS - startS < periodS / 2) {
      const timeS = (startS + endS) / 2
      const now = Math.floor((timeS - firstS) / periodS)
      // One that is late is not missing.
      const next = beat === undefined ? now : beat + 1
      if (now > next) {
        send()
        gap = { startS: firstS + next * periodS, samples: now - next }
      }
      beat = Math.max(now, next)
      times.push(timeS)
      levels.push(Math.min(1, Math.max(0, Number(value) / fullScale)))
      if (times.length === blockLength) send()
      slowValues = 0
    } else if (++slowValues === SLOW_VALUES) {
      tell({ kind: 'slow', valueS: endS - startS })
    }
    // Beats that are past are left out, instead of hurrying after them.
    due = Math.max(due + 1, Math.floor((nowS() - firstS) / periodS))
    const napMs = 1000 * (firstS + due * periodS - nowS())
    if (napMs > 0) Atomics.wait(cell, 0, 0, napMs)
  }
}
