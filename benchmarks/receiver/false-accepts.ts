import { seededRandom, simulateChannel } from '../../src/channel/index.js'
import { modulate } from '../../src/modulation/index.js'
import { failureOf, type ReceptionFailure, type SampleBlock } from '../../src/receiver/index.js'
import { progress, round } from '../report.js'
import { randomPacket, receive, type Section } from './trial.js'

/** What a packet that came as far as its CRC came to: null for a message. */
const CHECKED: readonly (ReceptionFailure | null)[] = [null, 'crc', 'tlv', 'uncertain']

/** Of a sample, where from nearly all down to few messages arrive. */
const NOISES_RMS = [0.26, 0.3, 0.34, 0.38, 0.42]
const MESSAGES_EACH = 4000

/** Wrong bits are not random: the CRC knows nothing of two of them in some places, and the rest is the receiver's doubt. */
function nearMisses(noiseRms: number) {
  let [arrived, wrong, uncertain] = [0, 0, 0]
  for (let seed = 1; seed <= MESSAGES_EACH; seed++) {
    progress(`false-accepts: noise of ${noiseRms}, message ${seed}`)
    const packet = randomPacket(seed)
    const channel = { noiseRms, swing: 0.2, black: 0.4, adcBits: 12, seed }
    const isRight = (seen: Uint8Array): boolean =>
      seen.length === packet.length && packet.every((byte, n) => seen[n] === byte)
    for (const reception of receive(simulateChannel(modulate(packet).levels, channel))) {
      if (reception.kind === 'message') isRight(reception.packet) ? arrived++ : wrong++
      uncertain += Number(failureOf(reception) === 'uncertain')
    }
  }
  return { noiseRms, messages: MESSAGES_EACH, arrived, wrong, uncertain }
}

/** What is no message, and how often it is taken for one. */
export function falseAccepts(): Section {
  const random = seededRandom(7)
  const between = (low: number, high: number): number => low + (high - low) * random()
  const ambient = () => ({
    sampleRateHz: 1000,
    black: between(0.05, 0.5),
    swing: 0.4,
    noiseRms: between(0.001, 0.2),
    seed: Math.floor(2 ** 31 * random()),
  })
  const random3 = (bits: number): number[] =>
    Array.from({ length: bits }, () => [0, random() < 0.5 ? 1 : 2]).flat()
  const kinds: Record<string, () => SampleBlock> = {
    'ambient light, drift and noise': () =>
      simulateChannel([], { ...ambient(), afterS: 60, drift: between(0, 1) }),
    'flicker of 100 or 120 Hz with harmonics': () =>
      simulateChannel([], {
        ...ambient(),
        afterS: 60,
        flicker: between(0, 1),
        flickerHz: random() < 0.5 ? 100 : 120,
        flickerHarmonics: [between(0, 0.5), between(0, 0.3)],
      }),
    'square waves of all rates': () => {
      const symbolRateHz = 10 ** between(0.7, 2.6)
      const symbols = Array.from({ length: Math.floor(60 * symbolRateHz) }, (_, n) => 2 * (n % 2))
      return simulateChannel(symbols, { ...ambient(), symbolRateHz })
    },
    'random two-level blinking': () => {
      const symbolRateHz = 10 ** between(0.7, 2.4)
      const symbols = Array.from({ length: Math.floor(60 * symbolRateHz) }, () =>
        random() < 0.5 ? 0 : 2,
      )
      return simulateChannel(symbols, { ...ambient(), symbolRateHz })
    },
    'syncs and markers with random bits behind them': () => {
      const symbolRateHz = 10 ** between(1, 2.3)
      const sync = Array.from({ length: 24 }, () => [0, 1]).flat()
      const marker = [0, 0, 1, 0, 1, 0, 1, 0].flatMap((bit) => [0, 1 + bit])
      const symbols: number[] = []
      while (symbols.length < 60 * symbolRateHz)
        symbols.push(...sync, ...marker, ...random3(300), 0, 0, 0, 0, 0, 0)
      return simulateChannel(symbols, {
        ...ambient(),
        symbolRateHz,
        noiseRms: between(0.001, 0.05),
      })
    },
  }
  const MINUTES_EACH = 1200
  return {
    tables: {
      'Messages in the worst noise: what was taken for another one': NOISES_RMS.map(nearMisses),
      'What was taken for a message, a hundred hours in all': Object.entries(kinds).map(
        ([kind, make]) => {
          let [hours, accepted, checked] = [0, 0, 0]
          for (let minute = 0; minute < MINUTES_EACH; minute++) {
            progress(`false-accepts: ${kind}, minute ${minute}`)
            const block = make()
            hours += ((block.timesS.at(-1) ?? 0) - (block.timesS[0] ?? 0)) / 3600
            for (const reception of receive(block)) {
              accepted += Number(reception.kind === 'message')
              checked += Number(CHECKED.includes(failureOf(reception)))
            }
          }
          return {
            kind,
            hours: round(hours, 2),
            accepted,
            crcsCheckedAnHour: round(checked / hours, 2),
            // Each is tried as decided and in hindsight, and both must also be well-formed TLVs.
            acceptedAnHourInTheoryAtMost: Number(((2 * checked) / hours / 2 ** 16).toPrecision(2)),
          }
        },
      ),
    },
  }
}
