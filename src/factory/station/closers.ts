/** What is to be closed together, the last that was opened first. Disposing closes all of it, and rejects with the first error. */
export class Closers implements AsyncDisposable {
  readonly #closes: (() => unknown)[] = []

  add(close: () => unknown): void {
    this.#closes.push(close)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const errors: unknown[] = []
    for (const close of this.#closes.splice(0).reverse()) {
      try {
        await close()
      } catch (error) {
        errors.push(error)
      }
    }
    if (errors.length > 0) throw errors[0]
  }
}
