import { EventEmitter, once } from 'node:events'

/** What has happened so far, oldest first, and who waits for more. */
export class Happenings<T> {
  readonly all: T[] = []
  readonly #changes = new EventEmitter()

  add(happening: T): void {
    this.all.push(happening)
    this.#changes.emit('change')
  }

  find(is: (happening: T) => boolean): T | undefined {
    return this.all.find(is)
  }

  /** Resolves to the first one, also if it has happened before, or to undefined after the time. */
  async until(is: (happening: T) => boolean, seconds: number): Promise<T | undefined> {
    const signal = AbortSignal.timeout(1000 * seconds)
    while (!this.find(is) && !signal.aborted) {
      await once(this.#changes, 'change', { signal }).catch(() => {})
    }
    return this.find(is)
  }
}
