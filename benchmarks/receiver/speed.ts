import { simulateChannel } from '../../src/channel/index.js'
import { modulate } from '../../src/modulation/index.js'
import type { SampleBlock } from '../../src/receiver/index.js'
import { progress, round } from '../report.js'
import { speedFigure } from './plots.js'
import { randomPacket, type Section } from './trial.js'

// As it is installed: what runs TypeScript as it is makes it slower.
const { Receiver }: typeof import('../../src/receiver/index.js') = await import(
  new URL('../../dist/receiver/index.js', import.meta.url).href
)

function speedOf(name: string, block: SampleBlock) {
  progress(`speed: ${name}`)
  const runs = Array.from({ length: 7 }, () => {
    const before = process.cpuUsage()
    const receiver = new Receiver()
    receiver.push(block)
    receiver.end()
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1000
  }).sort((a, b) => a - b)
  const best = runs[0] ?? Number.NaN
  return {
    capture: name,
    samples: block.timesS.length,
    bestMs: round(best, 1),
    slowestMs: round(runs.at(-1) ?? Number.NaN, 1),
    millionSamplesASecond: round(block.timesS.length / best / 1000, 1),
  }
}

/** CPU time of whole captures, and the memory of a long one. */
export function speed(): Section {
  const quiet = simulateChannel([], { afterS: 400, sampleRateHz: 10_000, noiseRms: 0.005 })
  const message = modulate(randomPacket(1, 252)).levels
  const rows = [
    speedOf('dark with noise, 10,000 a second', quiet),
    speedOf(
      'one message of 70 s at 60 Hz, 10,000 a second',
      simulateChannel(message, { sampleRateHz: 10_000 }),
    ),
    speedOf(
      'one message of 70 s at 60 Hz, 50,000 a second',
      simulateChannel(message, { sampleRateHz: 50_000 }),
    ),
    speedOf(
      'flicker without a message, 10,000 a second',
      simulateChannel([], {
        afterS: 100,
        sampleRateHz: 10_000,
        noiseRms: 0.005,
        flicker: 0.1,
        black: 0.3,
      }),
    ),
    speedOf('a minute at 60 Hz, 1,000 a second', simulateChannel(message.subarray(0, 3564))),
  ]
  const receiver = new Receiver()
  const hour: number[] = []
  for (let minute = 0; minute < 60; minute++) {
    progress(`speed: an hour, minute ${minute}`)
    const { timesS, levels } = quiet
    for (let part = 0; part < 6; part++) {
      const start = part * 100_000
      const offsetS = 60 * minute
      receiver.push({
        timesS: timesS.slice(start, start + 100_000).map((timeS) => timeS + offsetS),
        levels: levels.subarray(start, start + 100_000),
      })
    }
    globalThis.gc?.()
    hour.push(process.memoryUsage().arrayBuffers / 2 ** 20)
  }
  return {
    tables: {
      'Speed of one core, CPU time, best and slowest of seven runs': rows,
      'Memory of an hour at 10,000 samples a second, buffers of the process': [
        { afterMinutes: 2, mib: round(hour[1] ?? 0, 1) },
        { afterMinutes: 60, mib: round(hour.at(-1) ?? 0, 1) },
      ],
    },
    figures: [speedFigure(rows)],
  }
}
