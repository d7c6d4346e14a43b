/** How long each of the first two states lasts. */
const STATE_MS = 60_000

/** From this release of impOS on a call of `imp.enableblinkup` counts at once. */
const AT_ONCE_FROM_IMPOS = 42

type BlinkUpState = 'booting' | 'connecting' | 'idle'

/** Whether BlinkUp is on in each state: without a call, and after one. */
const TABLE: Readonly<Record<'none' | 'false' | 'true', Readonly<Record<BlinkUpState, boolean>>>> =
  {
    none: { booting: true, connecting: true, idle: false },
    false: { booting: true, connecting: false, idle: false },
    true: { booting: true, connecting: true, idle: true },
  }

/**
 * When an imp takes BlinkUp, by what is published of `imp.enableblinkup` (docs/factory.md): BOOTING for 60 s from a cold start,
 * CONNECTING for 60 s from the first attempt, then IDLE. As both are said to make 120 s where nothing disables BlinkUp, CONNECTING
 * begins when BOOTING ends, if the first attempt was before; a device that gets its first credentials later attempts then. A warm start has no BOOTING, and its program runs before the first
 * attempt, so that a call of it counts almost at once. Pure: whoever has it tells it the time, in milliseconds of any clock.
 *
 * Ours, as it is not public: from impOS 42 on `true` counts at once, too, as `false` does; until impOS 40 a call within IDLE counts at
 * the next start; before the first attempt of a warm start BlinkUp is as in IDLE.
 */
export class BlinkUpWindows {
  #setting: keyof typeof TABLE = 'none'
  /** What was set when the state was entered, which counts until impOS 40. */
  #settingOfState: keyof typeof TABLE = 'none'
  #state: BlinkUpState
  #endsMs: number
  #hasAttempted = false

  constructor(
    private readonly impOs: number,
    isColdStart: boolean,
    nowMs: number,
  ) {
    this.#state = isColdStart ? 'booting' : 'idle'
    this.#endsMs = isColdStart ? nowMs + STATE_MS : Number.POSITIVE_INFINITY
  }

  /** An attempt to connect: the first one counts. */
  attempt(nowMs: number): void {
    this.#advance(nowMs)
    if (this.#hasAttempted) return
    this.#hasAttempted = true
    if (this.#state === 'idle') this.#enter('connecting', nowMs)
  }

  /** `imp.enableblinkup`. */
  enable(isEnabled: boolean, nowMs: number): void {
    this.#advance(nowMs)
    this.#setting = isEnabled ? 'true' : 'false'
  }

  /** Whether BlinkUp is on. A device without credentials keeps it, whatever is set: that is not asked here. */
  isOpenAt(nowMs: number): boolean {
    this.#advance(nowMs)
    if (this.impOs < AT_ONCE_FROM_IMPOS) return TABLE[this.#settingOfState][this.#state]
    return this.#setting !== 'false' && TABLE[this.#setting][this.#state]
  }

  /** When the state ends; Infinity where it does not. */
  nextChangeMs(nowMs: number): number {
    this.#advance(nowMs)
    return this.#endsMs
  }

  #advance(nowMs: number): void {
    while (nowMs >= this.#endsMs) {
      const isToConnect = this.#state === 'booting' && this.#hasAttempted
      this.#enter(isToConnect ? 'connecting' : 'idle', this.#endsMs)
    }
  }

  #enter(state: BlinkUpState, atMs: number): void {
    this.#state = state
    this.#endsMs = state === 'idle' ? Number.POSITIVE_INFINITY : atMs + STATE_MS
    this.#settingOfState = this.#setting
  }
}
