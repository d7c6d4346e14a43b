import { readFileSync } from 'node:fs'
import type { Dialect } from '../../src/modulation/index.js'
import type { DeviceConfig } from '../../src/packet/index.js'

interface Vector {
  readonly name: string
  readonly dialect: Dialect
  readonly input: DeviceConfig
  /** The packet after the marker. */
  readonly packetHex: string
  /** One digit a symbol. */
  readonly frames: string
}

/** What the published SDKs made of these inputs; see docs/protocol.md section 2. */
export const vectors: readonly Vector[] = JSON.parse(
  readFileSync(new URL('../vectors/tri-level.json', import.meta.url), 'utf8'),
)
