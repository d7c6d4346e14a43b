import { type Channel, simulateChannel } from '../../src/channel/index.js'
import { modulate } from '../../src/modulation/index.js'
import { encodePacket } from '../../src/packet/index.js'
import type { SampleBlock } from '../../src/receiver/index.js'
import { Dice } from './dice.js'
import { randomPacket, senderLight } from './trial.js'

/** What a sensor sees at a time: the sender's light, white being 1, and all other light in the same unit. */
interface Light {
  readonly sender: number
  readonly other: number
}
/** One disturbance; `hit` is whether a sample is lost. */
interface Disturbance {
  readonly changed?: (light: Light, timeS: number) => Light
  readonly isLost?: (timeS: number) => boolean
  /** A packet that it sends itself. */
  readonly packet?: Uint8Array
}

/** Where in a capture it may happen: the time of the first symbol and of the last, and symbols a second. */
interface Span {
  readonly fromS: number
  readonly toS: number
  readonly symbolRateHz: number
}

const SHORTEST_S = 0.02
const LONGEST_S = 0.32

/** The kinds of disturbance, each made by chance. */
export const DISTURBANCES = {
  'a cable or finger shades the sender': (dice, span) => {
    const part = bump(dice, span)
    const left = dice.between(0.4, 0.76)
    return {
      changed: ({ sender, other }, timeS) => ({
        sender: sender * (1 - (1 - left) * part(timeS)),
        other,
      }),
    }
  },
  'a hand shades the sensor': (dice, span) => {
    const part = bump(dice, span)
    const left = dice.between(0.4, 0.76)
    return { changed: (light, timeS) => dimmed(light, 1 - (1 - left) * part(timeS)) }
  },
  'a lamp is switched on': (dice, span) => {
    const fromS = dice.between(span.fromS, span.toS)
    const step = dice.between(0.05, 1)
    return {
      changed: ({ sender, other }, timeS) => ({
        sender,
        other: other + (timeS < fromS ? 0 : step),
      }),
    }
  },
  'the sender gets darker and stays so': (dice, span) => {
    const fromS = dice.between(span.fromS, span.toS)
    const left = dice.between(0.4, 0.9)
    return {
      changed: ({ sender, other }, timeS) => ({
        sender: timeS < fromS ? sender : left * sender,
        other,
      }),
    }
  },
  'a flash': (dice, span) => {
    const part = bump(dice, span)
    const height = dice.between(0.1, 1)
    return {
      changed: ({ sender, other }, timeS) => ({ sender, other: other + height * part(timeS) }),
    }
  },
  'a second sender': (dice, span) => {
    const packet = randomPacket(dice.below(2 ** 31))
    const { levels } = modulate(packet)
    const symbolRateHz =
      span.symbolRateHz * dice.oneOf([dice.between(0.3, 0.95), dice.between(1.05, 3)])
    const fromS = dice.between(span.fromS - levels.length / symbolRateHz, span.toS)
    const share = dice.between(0.1, 0.6)
    const lightAt = senderLight(levels, symbolRateHz, fromS)
    return {
      packet,
      changed: ({ sender, other }, timeS) => ({ sender, other: other + share * lightAt(timeS) }),
    }
  },
  'samples are lost': (dice, span) => {
    const [fromS, toS] = stretch(dice, span)
    return { isLost: (timeS) => timeS >= fromS && timeS < toS }
  },
  'an automatic gain kicks in': (dice, span) => {
    const fromS = dice.between(span.fromS, span.toS)
    const kick = dice.oneOf([dice.between(0.4, 0.8), dice.between(1.25, 1.8)])
    const timeConstantS = dice.between(SHORTEST_S, LONGEST_S)
    return {
      changed: (light, timeS) =>
        timeS < fromS ? light : dimmed(light, kick ** Math.exp((fromS - timeS) / timeConstantS)),
    }
  },
  'a burst of impulses': (dice, span) => {
    const [fromS, toS] = stretch(dice, span)
    const often = dice.between(0.05, 0.5)
    const size = dice.between(0.3, 1)
    return {
      changed: ({ sender, other }, timeS) => {
        const isHit = timeS >= fromS && timeS < toS && dice.random() < often
        return { sender, other: other + (isHit ? size * dice.oneOf([-1, 1]) : 0) }
      },
    }
  },
  'the light wobbles': (dice, span) => {
    const [fromS, toS] = dice.random() < 0.5 ? stretch(dice, span) : [span.fromS, span.toS]
    const frequencyHz = dice.between(3, 40)
    const depth = dice.between(0.1, 0.5)
    return {
      changed: ({ sender, other }, timeS) => {
        const isHit = timeS >= fromS && timeS < toS
        const wobble = isHit ? depth * Math.sin(Math.PI * frequencyHz * (timeS - fromS)) ** 2 : 0
        return { sender: sender * (1 - wobble), other }
      },
    }
  },
} satisfies Record<string, (dice: Dice, span: Span) => Disturbance>

export type DisturbanceKind = keyof typeof DISTURBANCES
export const KINDS = Object.keys(DISTURBANCES) as DisturbanceKind[]

/** A packet that was sent, and its light again and again with the same disturbance. */
export interface DisturbedMessage {
  readonly packet: Uint8Array
  /** A packet that the disturbance is of, which may be seen whole beside the other one; null for none. */
  readonly otherPacket: Uint8Array | null
  /** What a sensor sees of these bytes, as many as the packet has, with this disturbance. */
  seen(bytes: Uint8Array): SampleBlock
}

/** One message with one disturbance, the same for the same seed: of 20 to 500 symbols a second, at 4 to 50 samples each. */
export function disturbedMessage(kind: DisturbanceKind, seed: number): DisturbedMessage {
  const dice = new Dice(seed)
  const packet = dice.random() < 0.5 ? randomPacket(dice.below(2 ** 31)) : realisticPacket(dice)
  const symbolRateHz = 20 * 25 ** dice.random()
  const adcBits = dice.oneOf([10, 12, 16])
  const inverted = dice.random() < 0.5
  const swing = dice.between(0.1, 0.35)
  const black = dice.between(0.05, 0.2)
  const noiseRms = 0.002 * 25 ** dice.random()
  const path: Partial<Channel> = {
    symbolRateHz,
    sampleRateHz: symbolRateHz * 4 * 12.5 ** dice.random(),
    swing,
    black,
    greyRatio: dice.between(0.45, 0.6),
    riseSymbols: dice.oneOf([0, 0, 0.1, 0.2]),
    fallSymbols: dice.oneOf([0, 0, 0.1, 0.2]),
    beforeS: dice.between(0.3, 0.6),
    adcBits: 24,
  }
  const chance = dice.below(2 ** 31)
  const disturbance: Disturbance = DISTURBANCES[kind](new Dice(chance), {
    fromS: 0,
    toS: 1,
    symbolRateHz,
  })
  return {
    packet,
    otherPacket: disturbance.packet ?? null,
    seen(bytes) {
      const { levels: symbols } = modulate(bytes)
      const { timesS, levels } = simulateChannel(symbols, path)
      // The same choices for the same packet and for another one.
      const own = new Dice(chance)
      const fromS = path.beforeS as number
      const span = { fromS, toS: fromS + symbols.length / symbolRateHz, symbolRateHz }
      const { changed, isLost }: Disturbance = DISTURBANCES[kind](own, span)
      const steps = 2 ** adcBits - 1
      const seen = levels.map((level, n) => {
        const light = { sender: (level - black) / swing, other: black / swing }
        const { sender, other } = changed?.(light, timesS[n] as number) ?? light
        const noisy = Math.min(Math.max(swing * (sender + other + noiseRms * gaussian(own)), 0), 1)
        return Math.round((inverted ? 1 - noisy : noisy) * steps) / steps
      })
      const isKept = (_: number, n: number): boolean => !isLost?.(timesS[n] as number)
      return { timesS: timesS.filter(isKept), levels: seen.filter(isKept) }
    },
  }
}

const dimmed = ({ sender, other }: Light, left: number): Light => ({
  sender: left * sender,
  other: left * other,
})

function stretch(dice: Dice, { fromS, toS }: Span): readonly [fromS: number, toS: number] {
  const startS = dice.between(fromS, toS)
  return [startS, startS + dice.between(SHORTEST_S, LONGEST_S)]
}

/** From 0 to 1 and back, at once or softly: the edges take up to half of it each. */
function bump(dice: Dice, span: Span): (timeS: number) => number {
  const [fromS, toS] = stretch(dice, span)
  const edgeS = dice.random() < 0.4 ? 0 : dice.between(0, (toS - fromS) / 2)
  return (timeS) => {
    const insideS = Math.min(timeS - fromS, toS - timeS)
    if (insideS < 0) return 0
    return insideS >= edgeS ? 1 : Math.sin((Math.PI / 2) * (insideS / edgeS)) ** 2
  }
}

const TEXT = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_ .!'

/** What a factory or a phone sends. */
function realisticPacket(dice: Dice): Uint8Array {
  const text = (from: string, length: number): string =>
    Array.from({ length }, () => from[dice.below(from.length)]).join('')
  const hex = (): string => text('0123456789abcdef', 16)
  return encodePacket({
    ssid: `n${text(TEXT, dice.below(15))}t`,
    password: dice.random() < 0.2 ? '' : `p${text(TEXT, 8 + dice.below(12))}s`,
    ...(dice.random() < 0.7 && { planId: hex(), token: hex() }),
    ...(dice.random() < 0.1 && {
      staticAddress: {
        ip: `192.168.${dice.below(256)}.${2 + dice.below(250)}`,
        netmask: '255.255.255.0',
        gateway: '192.168.0.1',
        dns1: '8.8.8.8',
      },
    }),
  })
}

/** Box and Muller's, of two uniform draws. */
const gaussian = (dice: Dice): number =>
  Math.sqrt(-2 * Math.log(1 - dice.random())) * Math.cos(2 * Math.PI * dice.random())
