export type ModulationErrorCode =
  | 'no-marker'
  | 'not-clocked'
  | 'truncated'
  | 'lit-tail'
  | 'bad-character'

/** Symbols that carry no packet. */
export class ModulationError extends Error {
  override readonly name = 'ModulationError'

  constructor(
    readonly code: ModulationErrorCode,
    /** Index of the symbol at fault, 0 for the first. */
    readonly symbolOffset: number,
    message: string,
  ) {
    super(message)
  }
}
