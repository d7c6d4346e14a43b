import type { Place } from './places.js'

/** What goes wrong on purpose, for whoever wants to see what becomes of it. */
export class Faults {
  /** How long each answer is held back after its work is done. */
  slowMs = 0
  /** Webhooks find nobody. */
  isWebhookReceiverDown = false
  /** The next so many devices that come with a token hear that another one has claimed it. */
  tokensClaimed = 0
  readonly #failures = new Map<Place, { readonly status: number; times: number }[]>()

  /** The next so many requests of a kind get this status of HTTP, after those of earlier calls, and change nothing. */
  fail(place: Place, status: number, times = 1): void {
    this.#failures.set(place, [...(this.#failures.get(place) ?? []), { status, times }])
  }

  /** The status with which this request fails, if it does. */
  takeFailure(place: Place): number | undefined {
    const failures = this.#failures.get(place) ?? []
    const [failure] = failures
    if (failure && --failure.times <= 0) failures.shift()
    return failure?.status
  }

  takeClaimed(): boolean {
    if (this.tokensClaimed === 0) return false
    this.tokensClaimed -= 1
    return true
  }
}
