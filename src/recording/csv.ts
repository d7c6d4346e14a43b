import type { SampleBlock } from '../light/samples.js'

/** First line of a capture in CSV: time in seconds, level as a part of full scale. */
export const CSV_HEADER = 'time_s,level\n'

/** The lines of a block, six decimals of time (1 µs) and five of level. */
export function csvLines({ timesS, levels }: SampleBlock): string {
  let lines = ''
  for (let i = 0; i < timesS.length; i++) {
    lines += `${timesS[i]?.toFixed(6)},${levels[i]?.toFixed(5)}\n`
  }
  return lines
}
