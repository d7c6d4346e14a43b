import type { Edge } from '../../rig/rig.js'
import type { Sighting } from './edges.js'

/** An input capture tells the cycle of a 16 MHz clock (firmware-bridge/PROTOCOL.md). */
const RESOLUTION_S = 1 / 16e6

/**
 * Edges of a logic level as a witness's. An edge that comes after lost ones leaves the time since the one before it unseen.
 *
 * @param isLitHigh whether the level is high while the LED is lit
 */
export function edgesOfLogic(edges: readonly Edge[], isLitHigh: boolean): Sighting {
  return {
    edges: edges.map(({ timeS, high }) => ({
      timeS,
      rising: high === isLitHigh,
      noiseS: 0,
      boundS: RESOLUTION_S / 2,
    })),
    blind: edges.flatMap(({ timeS, afterLoss }, n) =>
      afterLoss ? [{ fromS: edges[n - 1]?.timeS ?? Number.NEGATIVE_INFINITY, toS: timeS }] : [],
    ),
  }
}
