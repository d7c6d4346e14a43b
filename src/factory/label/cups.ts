import { execFile } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { LabelError } from './errors.js'
import { askIpp, type IppAnswer, type IppPlace } from './ipp.js'
import type { Label, LabelOutput } from './printing.js'

/** Longer than a printer takes to wake up, and shorter than an operator waits. */
const PATIENCE_S = 30
const LOOK_MS = 200
/** For each program of CUPS. With one more to cancel the job it is less than a service has to stop. */
const ASIDE_MS = 5000
/** Of a printer, and of a job: RFC 8011, 5.4.11 and 5.3.7. */
const PRINTER_STOPPED = 5
const JOB = { processing: 5, canceled: 7, aborted: 8, completed: 9 } as const

/**
 * Prints by a queue of CUPS, with its programs `lp`, `lpstat` and `cancel`. What they print does not say whether a job that has left the queue was
 * printed, so that is asked by IPP.
 */
export class CupsPrinter implements LabelOutput {
  /** @param patienceS how long a label may take until it is printed; its job is cancelled then, as a label that comes late is another unit's */
  constructor(
    private readonly queue: string,
    private readonly patienceS = PATIENCE_S,
  ) {}

  async put(label: Label, stop: AbortSignal): Promise<void> {
    const tooLong = AbortSignal.timeout(1000 * this.patienceS)
    const signal = AbortSignal.any([stop, tooLong])
    try {
      const place = await placeOfCups(signal)
      await this.#checkReady(place, signal)
      const job = await this.#submit(label)
      await this.#untilPrinted(place, job, signal).catch(async (error) => {
        await run('cancel', [job], AbortSignal.timeout(ASIDE_MS)).catch(() => {}) // it may be gone
        throw error
      })
    } catch (cause) {
      if (tooLong.aborted) {
        const sentence = `printer ${this.queue} has not printed it in ${this.patienceS} s: look after it`
        throw new LabelError('not-printed', sentence, { cause })
      }
      throw cause
    }
  }

  async doubt(): Promise<string | null> {
    const signal = AbortSignal.timeout(ASIDE_MS)
    try {
      await this.#checkReady(await placeOfCups(signal), signal)
      return null
    } catch (error) {
      return error instanceof LabelError ? error.message : 'CUPS does not answer: start it'
    }
  }

  /** @throws LabelError 'no-printer' */
  async #checkReady(place: IppPlace, signal: AbortSignal): Promise<void> {
    const uri = `ipp://localhost/printers/${this.queue}`
    const names = ['printer-state', 'printer-state-message', 'printer-is-accepting-jobs']
    const printer = await ask(place, 'printer', uri, names, signal)
    if (!printer) {
      throw new LabelError(
        'no-printer',
        `CUPS has no printer ${this.queue}: add it, or give the name of another one`,
      )
    }
    const why = because(printer.get('printer-state-message'))
    if (printer.get('printer-state') === PRINTER_STOPPED) {
      throw new LabelError(
        'no-printer',
        `printer ${this.queue} is stopped${why}: look after it, and enable it`,
      )
    }
    if (printer.get('printer-is-accepting-jobs') === 0) {
      throw new LabelError(
        'no-printer',
        `printer ${this.queue} takes no jobs${why}: let it accept them`,
      )
    }
  }

  /** Returns the name of the job. It is not ended by the station: whoever does not know the job cannot cancel it. */
  async #submit({ name, pdf, design }: Label): Promise<string> {
    const media = `media=Custom.${design.widthMm}x${design.heightMm}mm`
    const args = ['-d', this.queue, '-t', name, '-o', media, '-o', 'print-scaling=none', '-']
    const told = await run('lp', args, AbortSignal.timeout(ASIDE_MS), pdf)
    const [, job] = /^request id is (\S+)/.exec(told) ?? []
    if (job === undefined)
      throw new LabelError('no-printer', `lp does not say which job it is, but: ${told}`)
    return job
  }

  async #untilPrinted(place: IppPlace, job: string, signal: AbortSignal): Promise<void> {
    const uri = `ipp://localhost/jobs/${job.slice(job.lastIndexOf('-') + 1)}`
    for (;;) {
      const told = await ask(place, 'job', uri, ['job-state', 'job-printer-state-message'], signal)
      const state = told?.get('job-state') ?? JOB.completed // CUPS may be told to forget jobs
      if (state === JOB.completed) return
      if (state === JOB.canceled || state === JOB.aborted) {
        const what = state === JOB.canceled ? 'was told not to print it' : 'could not print it'
        const why = because(told?.get('job-printer-state-message'))
        throw new LabelError('not-printed', `printer ${this.queue} ${what}${why}: look after it`)
      }
      if (state !== JOB.processing) await this.#checkReady(place, signal)
      await sleep(LOOK_MS, undefined, { signal })
    }
  }
}

const because = (message: string | number | undefined): string => (message ? ` (${message})` : '')

/** Where the programs of CUPS look for it. */
const placeOfCups = async (signal: AbortSignal): Promise<IppPlace> =>
  (await run('lpstat', ['-H'], signal)).trim()

/** @throws LabelError 'no-printer' where CUPS does not answer */
async function ask(...question: Parameters<typeof askIpp>): Promise<IppAnswer | null> {
  return askIpp(...question).catch((cause) => {
    throw new LabelError('no-printer', `CUPS does not answer (${cause.message}): start it`, {
      cause,
    })
  })
}

/** What a program of CUPS prints. @throws LabelError 'no-printer' */
function run(
  program: string,
  args: string[],
  signal: AbortSignal,
  input?: Buffer,
): Promise<string> {
  // Our secrets are none of its business; its sentences are read.
  const theirs = Object.entries(process.env).filter(([name]) => /^(PATH|HOME|CUPS_\w+)$/.test(name))
  const env = { ...Object.fromEntries(theirs), LC_ALL: 'C' }
  // Killed for certain: one that hangs may not listen.
  const options = { signal, killSignal: 'SIGKILL', env } as const
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, options, (error, stdout, stderr) => {
      if (!error) return resolve(stdout)
      const why =
        error.code === 'ENOENT'
          ? `${program} is not there: install the programs of CUPS (on Debian: cups-client)`
          : `${program} fails (${stderr.trim() || error.message}): look after CUPS`
      reject(new LabelError('no-printer', why, { cause: error }))
    })
    child.stdin?.on('error', () => {}) // it has ended before it has read all, and says why
    child.stdin?.end(input)
  })
}
