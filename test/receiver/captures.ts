import type { SampleBlock } from '../../src/receiver/index.js'

export const NO_SAMPLES: SampleBlock = { timesS: new Float64Array(), levels: new Float64Array() }

/** One capture of several, one after the other. */
export function concatenate(...blocks: SampleBlock[]): SampleBlock {
  const timesS: number[] = []
  const levels: number[] = []
  for (const block of blocks) {
    const offsetS = (timesS.at(-1) ?? 0) + 0.001
    for (const timeS of block.timesS) timesS.push(offsetS + timeS)
    for (const level of block.levels) levels.push(level)
  }
  return { timesS: Float64Array.from(timesS), levels: Float64Array.from(levels) }
}

/** The samples of a block that `keep` says yes to, so that a gap remains of the others. */
export function filter(
  block: SampleBlock,
  keep: (timeS: number, level: number) => boolean,
): SampleBlock {
  const kept = [...block.timesS.keys()].filter((n) =>
    keep(block.timesS[n] as number, block.levels[n] as number),
  )
  return {
    timesS: Float64Array.from(kept, (n) => block.timesS[n] as number),
    levels: Float64Array.from(kept, (n) => block.levels[n] as number),
  }
}
