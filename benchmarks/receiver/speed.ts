import { simulateChannel } from '../../src/channel/index.js'
import { modulate } from '../../src/modulation/index.js'
import type { SampleBlock } from '../../src/receiver/index.js'
import { progress, quantiles, round } from '../report.js'
import { type Built, builtHere } from './builds.js'
import { speedFigure } from './plots.js'
import { randomPacket, type Section } from './trial.js'

/** Runs of each capture in each build, which take turns. */
const RUNS = 15

const DARK = 'dark with noise, 10,000 a second'

const MESSAGE = modulate(randomPacket(1, 252)).levels
const FLICKER = { noiseRms: 0.005, flicker: 0.1, black: 0.3 }

/** Made one at a time, as they are large. */
const CAPTURES: Readonly<Record<string, () => SampleBlock>> = {
  [DARK]: () => simulateChannel([], { afterS: 400, sampleRateHz: 10_000, noiseRms: 0.005 }),
  'one message of 70 s at 60 Hz, 10,000 a second': () =>
    simulateChannel(MESSAGE, { sampleRateHz: 10_000 }),
  'one message of 70 s at 60 Hz, 50,000 a second': () =>
    simulateChannel(MESSAGE, { sampleRateHz: 50_000 }),
  'flicker without a message, 10,000 a second': () =>
    simulateChannel([], { ...FLICKER, afterS: 100, sampleRateHz: 10_000 }),
  'flicker without a message, 1,000 a second': () =>
    simulateChannel([], { ...FLICKER, afterS: 100 }),
  'a minute at 60 Hz, 1,000 a second': () => simulateChannel(MESSAGE.subarray(0, 3564)),
}

/** CPU time of one run, in milliseconds. */
function runMs({ Receiver }: Built, block: SampleBlock): number {
  const before = process.cpuUsage()
  const receiver = new Receiver()
  receiver.push(block)
  receiver.end()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

/** The builds take turns, so that whatever else the machine does is the same for all. */
function timesOf(builds: readonly Built[], block: SampleBlock): number[][] {
  const times: number[][] = builds.map(() => [])
  for (let run = 0; run < RUNS; run++) {
    for (const [n, build] of builds.entries()) times[n]?.push(runMs(build, block))
  }
  return times
}

const best = (times: readonly number[]): number => Math.min(...times)

function rowOf(capture: string, samples: number, times: readonly number[]) {
  return {
    capture,
    samples,
    bestMs: round(best(times), 1),
    medianMs: round(quantiles(times).median, 1),
    slowestMs: round(Math.max(...times), 1),
    millionSamplesASecond: round(samples / best(times) / 1000, 1),
  }
}

/** How many times as fast as another build. */
const ratioOf = (times: readonly number[], other: readonly number[]) => ({
  otherBestMs: round(best(other), 1),
  otherMedianMs: round(quantiles(other).median, 1),
  otherSlowestMs: round(Math.max(...other), 1),
  timesAsFast: round(best(other) / best(times), 2),
  timesAsFastByMedian: round(quantiles(other).median / quantiles(times).median, 2),
})

/** By how much the heap grows in a run, all that it collects meanwhile included. */
function heapBytes({ Receiver }: Built, { timesS, levels }: SampleBlock): number {
  const receiver = new Receiver()
  let taken = 0
  globalThis.gc?.()
  for (let start = 0; start < timesS.length; start += 10_000) {
    const block = {
      timesS: timesS.subarray(start, start + 10_000),
      levels: levels.subarray(start, start + 10_000),
    }
    const before = process.memoryUsage().heapUsed
    receiver.push(block)
    // Where it was collected, what it took is not known.
    taken += Math.max(0, process.memoryUsage().heapUsed - before)
  }
  return taken
}

/** Buffers of the process in MiB after each minute of an hour of this darkness, 10,000 samples a second. */
function hourMib({ Receiver }: Built, { timesS, levels }: SampleBlock): number[] {
  const receiver = new Receiver()
  const hour: number[] = []
  for (let minute = 0; minute < 60; minute++) {
    progress(`speed: an hour, minute ${minute}`)
    for (let part = 0; part < 6; part++) {
      const start = part * 100_000
      receiver.push({
        timesS: timesS.slice(start, start + 100_000).map((timeS) => timeS + 60 * minute),
        levels: levels.subarray(start, start + 100_000),
      })
    }
    globalThis.gc?.()
    hour.push(process.memoryUsage().arrayBuffers / 2 ** 20)
  }
  return hour
}

/** CPU time of whole captures, beside that of another build if there is one, and what memory they take. */
export async function speed(other?: Built): Promise<Section> {
  const here = await builtHere()
  const rows = Object.entries(CAPTURES).map(([capture, make]) => {
    progress(`speed: ${capture}`)
    const block = make()
    const [times = [], others] = timesOf(other ? [here, other] : [here], block)
    const heapBytesASample = round(heapBytes(here, block) / block.timesS.length, 2)
    const row = { ...rowOf(capture, block.timesS.length, times), heapBytesASample }
    return others ? { ...row, ...ratioOf(times, others) } : row
  })
  const hour = hourMib(here, (CAPTURES[DARK] as () => SampleBlock)())
  const beside = other ? `, beside ${other.name}` : ''
  return {
    tables: {
      [`Speed of one core, CPU time of ${RUNS} runs${beside}`]: rows,
      'Memory of an hour at 10,000 samples a second, buffers of the process': [
        { afterMinutes: 2, mib: round(hour[1] ?? 0, 1) },
        { afterMinutes: 60, mib: round(hour.at(-1) ?? 0, 1) },
      ],
    },
    figures: [speedFigure(rows)],
  }
}
