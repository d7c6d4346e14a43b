import type { Witness } from '../figures.js'
import type { ExpectedEdge } from './edges.js'
import type { EdgeFit } from './fit-edges.js'

/** An edge of a sequence, and what a witness says of it. */
export interface EdgeRow extends ExpectedEdge {
  readonly play: number
  readonly witness: Witness
  /** By the witness's clock; null for one that was not seen. */
  readonly seenS: number | null
  /** Positive for a late one; null for one that was not seen. */
  readonly tieS: number | null
  /** Of the TIE, with 95 % confidence, alone. */
  readonly uncertaintyS: number | null
}

/** What one witness says of the light. */
export interface WitnessTiming {
  readonly witness: Exclude<Witness, 'emitter'>
  /** All edges of all plays, also those that were not seen. */
  readonly rows: readonly EdgeRow[]
  /** Edges that nobody has made. */
  readonly extraS: readonly { readonly play: number; readonly timeS: number }[]
  /** How many edges it can say nothing of, because it was blind. */
  readonly unseen: number
  /** Null for too few edges. */
  readonly fit: EdgeFit | null
}
