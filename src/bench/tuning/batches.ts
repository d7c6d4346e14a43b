import { joinSamples, type SampleBlock } from '../../light/samples.js'

/** Joins short blocks of samples to batches of at least so many; a batch ends before a gap. */
export class Batches {
  #blocks: SampleBlock[] = []
  #count = 0

  constructor(private readonly size: number) {}

  /** Takes the next block, and gives the batches that it completes. */
  push(block: SampleBlock): SampleBlock[] {
    const batches = block.gap && this.#blocks.length > 0 ? [this.#join()] : []
    if (block.gap || block.timesS.length > 0) this.#blocks.push(block)
    this.#count += block.timesS.length
    if (this.#count >= this.size) batches.push(this.#join())
    return batches
  }

  #join(): SampleBlock {
    const joined = joinSamples(this.#blocks)
    const gap = this.#blocks[0]?.gap
    this.#blocks = []
    this.#count = 0
    return { ...joined, ...(gap && { gap }) }
  }
}
