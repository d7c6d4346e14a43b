import { type FileHandle, open } from 'node:fs/promises'
import { z } from 'zod'
import { BOUNDS } from './player.js'
import type { Asked } from './sequential-test.js'
import type { PointResult, SweepKnown, SweepQuestion } from './sweep.js'

const SCHEMA = 'blinkup.sweep-state/1'

const part = z.number().min(0).max(1)
const number = z.int().min(0)
const margin = z.number().nullable()
const RESULT = z.strictObject({
  verdict: z.enum(['pass', 'fail', 'undecided', 'unplayable']),
  bound: z.enum(Object.keys(BOUNDS) as (keyof typeof BOUNDS)[]).nullable(),
  messages: number,
  passes: number,
  confidence: part,
  failures: z.record(z.string(), number),
  margins: z
    .strictObject({ bit: margin, eyeHeight: margin, eyeWidth: margin, snrDb: margin })
    .nullable(),
})
const ASKED = z.strictObject({ passRate: part, confidence: part, mostMessages: z.number() })
const LINE = z.union([
  z.strictObject({ point: number, result: RESULT }),
  z.strictObject({ confirmed: number, asked: ASKED, result: RESULT }),
])
type Line = z.output<typeof LINE>

/** A state file that this sweep cannot go on with; the message is one sentence that says what to do. */
export class SweepStateError extends Error {
  override readonly name = 'SweepStateError'
}

/**
 * Keeps what a sweep has found in a file, line by line in JSON, each of which is on the disk before the sweep goes on. There is no secret in
 * it: the messages are those of nobody.
 */
export class SweepState implements AsyncDisposable {
  readonly #points = new Map<number, PointResult>()
  readonly #confirmations = new Map<number, PointResult>()

  private constructor(
    private readonly file: FileHandle,
    private readonly question: SweepQuestion,
  ) {}

  /**
   * Opens the file, or creates it, and reads what there is of this question. A last line that was not written to its end is cut off.
   *
   * @throws SweepStateError for a file that is of another question, or no state file; errors of the system
   */
  static async open(path: string, question: SweepQuestion): Promise<SweepState> {
    const file = await open(path, 'a+', 0o644)
    try {
      const state = new SweepState(file, question)
      // A device or a pipe has nothing to go on with.
      const text = (await file.stat()).isFile() ? await file.readFile('utf8') : ''
      const whole = text.slice(0, text.lastIndexOf('\n') + 1)
      if (whole === '' && text !== '' && !headOf(question).startsWith(text)) throw notState(path)
      if (whole !== text) await file.truncate(Buffer.byteLength(whole))
      if (whole === '') await state.#append(headOf(question))
      else state.#read(path, whole.trimEnd().split('\n'))
      return state
    } catch (error) {
      await file.close()
      throw error
    }
  }

  get known(): SweepKnown {
    return { points: this.#points, confirmations: this.#confirmations }
  }

  /** Resolves when it is on the disk. Rejects with errors of the system. */
  addPoint(point: number, result: PointResult): Promise<void> {
    return this.#append(JSON.stringify({ point, result } satisfies Line))
  }

  /** The same for the confirmation of a point. */
  addConfirmation(confirmed: number, result: PointResult): Promise<void> {
    const asked = this.question.confirmation
    return this.#append(JSON.stringify({ confirmed, asked, result } satisfies Line))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.file.close()
  }

  async #append(line: string): Promise<void> {
    await this.file.appendFile(`${line}\n`)
    await this.file.sync()
  }

  #read(path: string, [head, ...lines]: readonly string[]): void {
    if (!head?.startsWith(`{"schema":"${SCHEMA}"`)) throw notState(path)
    if (head !== headOf(this.question)) {
      const fault = `${path} is of a sweep with other settings`
      throw new SweepStateError(`${fault}: give the same settings, or another file`)
    }
    for (const [index, text] of lines.entries()) {
      const line = parsedLine(text)
      if (!line) {
        const fault = `line ${index + 2} of ${path} is damaged`
        throw new SweepStateError(`${fault}: remove that line, or give another file`)
      }
      if ('point' in line) this.#points.set(line.point, line.result)
      else if (sameAsked(line.asked, this.question.confirmation)) {
        this.#confirmations.set(line.confirmed, line.result)
      }
    }
  }
}

const notState = (path: string): SweepStateError =>
  new SweepStateError(`${path} is not the state of a sweep: give another file`)

function parsedLine(text: string): Line | null {
  try {
    return LINE.parse(JSON.parse(text))
  } catch {
    return null
  }
}

const sameAsked = (a: Asked, b: Asked): boolean =>
  a.passRate === b.passRate && a.confidence === b.confidence && a.mostMessages === b.mostMessages

/** The first line: all that the results of points depend on. Where the proposal is to be may change from run to run. */
function headOf({ rig, dialect, syncSymbols, lattice, asked }: SweepQuestion): string {
  const { realTime: _, ...ofRig } = { realTime: false, ...rig }
  const { axes, base } = lattice
  const sync = syncSymbols ?? null
  return JSON.stringify({ schema: SCHEMA, rig: ofRig, dialect, sync, base, axes, asked })
}
