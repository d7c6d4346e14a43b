import type { DigitalOutput } from '../../rig/raspberry-pi/gpio-switch.js'
import type { RigSnapshot } from './snapshot.js'

/** What an operator sees and hears of a rig without a screen. */
export const LAMPS = ['pass', 'fail', 'busy', 'buzzer'] as const
export type Lamp = (typeof LAMPS)[number]

/** How long it is on, off, on and so on, in ms; it ends off. */
type Pattern = readonly number[]

/** A unit that passes is heard once and short, any other for as long as nobody can miss it. */
const BUZZER_MS: Readonly<Record<'pass' | 'fail', Pattern>> = { pass: [120], fail: [1000] }
/** Of the busy lamp while the rig cannot be used; then anew. */
const LOST_MS: Pattern = [200, 800]

export interface LampState {
  readonly on: ReadonlySet<Lamp>
  /** In how many ms to look again, if no newer snapshot comes before; undefined where nothing changes by itself. */
  readonly changesInMs: number | undefined
}

/**
 * Which lamps are on. Pass or fail stays from the end of a cycle until the next trigger; whatever is no pass is fail, as such a unit
 * must not go on. Busy is on in a cycle, and blinks while the rig cannot be used.
 */
export function lampsOf({ activity, sinceMs, last }: RigSnapshot, nowMs: number): LampState {
  if ('cycleId' in activity) return { on: new Set(['busy']), changesInMs: undefined }
  const on = new Set<Lamp>()
  const changes: number[] = []
  const play = (lamp: Lamp, pattern: Pattern, elapsedMs: number): void => {
    const step = stepAt(pattern, elapsedMs)
    if (!step) return
    if (step.on) on.add(lamp)
    changes.push(step.leftMs)
  }
  if (last) {
    const result = last.end.outcome === 'pass' ? 'pass' : 'fail'
    on.add(result)
    play('buzzer', BUZZER_MS[result], nowMs - last.endedAtMs)
  }
  if (activity.state === 'opening' || activity.state === 'lost') {
    const periodMs = LOST_MS.reduce((sum, ms) => sum + ms)
    play('busy', LOST_MS, Math.max(0, nowMs - sinceMs) % periodMs)
  }
  return { on, changesInMs: changes.length > 0 ? Math.min(...changes) : undefined }
}

/** What a pattern does so long after its begin; undefined before and after it. The wall's clock may have been set. */
function stepAt(pattern: Pattern, elapsedMs: number): { on: boolean; leftMs: number } | undefined {
  if (elapsedMs < 0) return undefined
  let endMs = 0
  for (const [i, ms] of pattern.entries()) {
    endMs += ms
    if (elapsedMs < endMs) return { on: i % 2 === 0, leftMs: endMs - elapsedMs }
  }
  return undefined
}

/** Drives the lamps of a rig that there are. Disposing turns all of them off; it does not dispose the outputs. */
export class LampPanel implements Disposable {
  #timer: NodeJS.Timeout | undefined
  readonly #broken = new Set<Lamp>()

  /** @param failed is told once why an output cannot be set any more; the others go on */
  constructor(
    private readonly outputs: Partial<Readonly<Record<Lamp, Pick<DigitalOutput, 'set'>>>>,
    private readonly failed: (error: unknown) => void,
  ) {}

  /** Shows the newest snapshot. */
  show(snapshot: RigSnapshot): void {
    clearTimeout(this.#timer)
    const { on, changesInMs } = lampsOf(snapshot, Date.now())
    this.#set(on)
    if (changesInMs !== undefined) this.#timer = setTimeout(() => this.show(snapshot), changesInMs)
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
    this.#set(new Set())
  }

  #set(on: ReadonlySet<Lamp>): void {
    for (const lamp of LAMPS) {
      try {
        this.outputs[lamp]?.set(on.has(lamp))
        this.#broken.delete(lamp)
      } catch (error) {
        if (!this.#broken.has(lamp)) this.failed(error)
        this.#broken.add(lamp)
      }
    }
  }
}
