import type { CycleEnd } from '../factory/records/cycle-record.js'
import type { EndedCycle, RigSnapshot, ShownLabel } from '../factory/station/snapshot.js'
import type { Station } from '../factory/station/station.js'
import { type Coloured, colour, shown, tell } from './terminal.js'

const REFRESH_MS = 200

/** How an end is told, in a word and its colour. */
const WORDS: Readonly<Record<CycleEnd['outcome'], Coloured>> = {
  pass: { colour: 'green', text: 'PASS' },
  fail: { colour: 'red', text: 'FAIL' },
  error: { colour: 'yellow', text: 'ERROR' },
  timeout: { colour: 'yellow', text: 'TIMEOUT' },
  aborted: { colour: 'yellow', text: 'ABORTED' },
}

/** How a cycle has ended, in a line without colour. */
export function endLine(rig: string, { number, deviceId, end }: EndedCycle): string {
  const cycle = number === 0 ? 'a cycle without a record' : `cycle ${number}`
  const device = deviceId === null ? '' : `, device ${deviceId}`
  const why = end.reason === null ? '' : `, ${end.reason}: ${end.detail}`
  return `${rig}: ${cycle} ${WORDS[end.outcome].text}${device}${why}`
}

/** Shows a station on the whole terminal, as over ssh; without one tells only how each cycle ends, and which rigs are there. */
export class StationDisplay implements Disposable {
  readonly #isShown = process.stderr.isTTY === true
  /** Of each rig the last that was told. */
  readonly #told = new Map<string, EndedCycle>()
  /** Of each rig the last label that was told. */
  readonly #toldLabels = new Map<string, ShownLabel>()
  /** By the rigs that are not there, why, as it was told. */
  readonly #missing = new Map<string, string>()
  readonly #stop: () => void
  #timer: NodeJS.Timeout | undefined
  #lines = 0

  constructor(private readonly station: Pick<Station, 'snapshot' | 'onChange'>) {
    for (const { rig } of station.snapshot.rigs) this.#missing.set(rig, '')
    this.#stop = station.onChange(() => {
      this.#tellEnds()
      this.#tellLabels()
      this.#tellRigs()
    })
    if (this.#isShown) this.#timer = setInterval(() => this.#draw(), REFRESH_MS).unref()
  }

  #tellEnds(): void {
    for (const { rig, last } of this.station.snapshot.rigs) {
      if (!last || this.#told.get(rig) === last) continue
      this.#told.set(rig, last)
      this.#erase()
      tell(endLine(rig, last))
    }
  }

  /** Those that are printed are seen. */
  #tellLabels(): void {
    for (const { rig, labels } of this.station.snapshot.rigs) {
      const label = labels?.last
      if (!label || label.state === 'printing' || label.state === 'printed') continue
      if (this.#toldLabels.get(rig) === label) continue
      this.#toldLabels.set(rig, label)
      this.#erase()
      const what =
        label.state === 'failed'
          ? `no label of cycle ${label.number}: ${label.why}`
          : `cycle ${label.number} may have no label: the station was killed while it was printed`
      tell(`warning: ${rig}: ${what}`)
    }
  }

  #tellRigs(): void {
    for (const { rig, activity } of this.station.snapshot.rigs) {
      if (activity.state === 'lost') {
        const { why } = activity
        if (why === null || this.#missing.get(rig) === why) continue // told, or told to end
        this.#missing.set(rig, why)
        this.#erase()
        tell(`warning: ${rig}: the rig is not there: ${why}`)
      } else if (activity.state !== 'opening' && this.#missing.delete(rig)) {
        this.#erase()
        tell(`${rig}: the rig is ready`)
      }
    }
  }

  /** Draws no more; how cycles end is still told. */
  end(): void {
    clearInterval(this.#timer)
    this.#erase()
  }

  [Symbol.dispose](): void {
    this.end()
    this.#stop()
  }

  #draw(): void {
    if (process.stderr.writableLength > 0) return
    this.#erase()
    const columns = (process.stderr.columns || 80) - 1 // some terminals say 0, and a full line would wrap
    const lines = this.station.snapshot.rigs.flatMap((rig, index) => rigLines(rig, index, columns))
    process.stderr.write(`${lines.join('\n')}\n`)
    this.#lines = lines.length
  }

  #erase(): void {
    if (this.#lines > 0) process.stderr.write(`\x1b[${this.#lines}A\x1b[J`)
    this.#lines = 0
  }
}

function rigLines(snapshot: RigSnapshot, index: number, columns: number): string[] {
  const { rig, activity, instruction, last, counts, labels } = snapshot
  const { pass, fail, error, timeout, aborted, ignoredTriggers } = counts
  const word =
    last && ['waiting', 'label', 'lockout'].includes(activity.state)
      ? WORDS[last.end.outcome]
      : null
  const state = word?.text ?? activity.state.toUpperCase()
  const head = `${index + 1} ${shown(rig)}  ${state}  ${shown(instruction)}`.slice(0, columns)
  const labelTally = labels ? `; ${labels.printed} labels, ${labels.failed} failed` : ''
  const tally = `    ${pass} passed, ${fail} failed, ${error} errors, ${timeout} timed out, ${aborted} aborted; ${ignoredTriggers} triggers ignored${labelTally}`
  return [word ? colour(word.colour, head, process.stderr) : head, tally.slice(0, columns)]
}
