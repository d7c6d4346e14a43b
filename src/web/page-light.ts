import type { SampleBlock } from '../receiver/index.js'

/** Samples at equal times. */
export interface PageLight {
  /** Counts how often the rig was opened: the times of another opening are of another clock. */
  readonly opening: number
  readonly startS: number
  readonly stepS: number
  /** In base64: 16 bits each, the low byte first, 65535 is full scale. */
  readonly levels: string
}

const FULL_SCALE = 65535

/** Samples at even distances, at least one, for a page. */
export function pageLight({ timesS, levels }: SampleBlock, opening: number): PageLight {
  const bytes = Buffer.alloc(2 * levels.length)
  for (const [n, level] of levels.entries())
    bytes.writeUInt16LE(Math.round(FULL_SCALE * level), 2 * n)
  const startS = timesS[0] as number
  const stepS = ((timesS.at(-1) as number) - startS) / Math.max(1, levels.length - 1)
  return { opening, startS, stepS, levels: bytes.toString('base64') }
}
