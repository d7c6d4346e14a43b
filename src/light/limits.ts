export type Grade = 'good' | 'marginal' | 'bad'

/** What a figure of light may be; the bounds belong to the bands. */
export interface Band {
  /** What the figure is and what it is measured in. */
  readonly unit: string
  readonly good: readonly [least: number, most: number]
  /** Around what is good: worth mending, though it can still be used. */
  readonly marginal: readonly [least: number, most: number]
  /** Where the bounds come from. */
  readonly source: string
}

/**
 * What makes light good. Levels are parts of the sensor's full scale, of a sensor whose level rises with light: of an inverting
 * one take 1 - level. The receiver's range is that of the docs of `Receiver`. The table stands in docs/receiver.md, too.
 */
export const LIGHT_LIMITS = {
  white: {
    unit: 'level, of full scale',
    good: [0.3, 0.9],
    marginal: [0.1, 0.93],
    source:
      'good: swing enough, and room above (wiring.md); 0.1 is the least swing; from 0.93 a phototransistor saturates, as it keeps some tenths of a volt of its supply',
  },
  black: {
    unit: 'level, of full scale',
    good: [0, 0.2],
    marginal: [0, 0.93],
    source: 'good: room for the swing (wiring.md); from 0.93 the sensor is blinded',
  },
  swing: {
    unit: 'white less black, of full scale',
    good: [0.1, 1],
    marginal: [0.1, 1],
    source: 'what an imp needs (docs/protocol.md section 4); the receiver reads 0.01 (10 bits)',
  },
  greyRatio: {
    unit: 'grey less black, of the swing',
    good: [0.4, 0.65],
    marginal: [0.35, 0.75],
    source:
      'nominal 0.52 (docs/protocol.md section 2), with what parts and a sensor make of it; marginal: inside what the receiver reads, 0.31 to 0.84',
  },
  greyError: {
    unit: 'grey ratio seen less the one played',
    good: [-0.12, 0.13],
    marginal: [-0.25, 0.2],
    source:
      'good: from 0.52 to a good grey ratio; marginal: a slow sensor shows less, one that nearly saturates more, beyond it is another light',
  },
  flicker: {
    unit: 'peak to peak, of the swing',
    good: [0, 0.1],
    marginal: [0, 2],
    source: "good: hardly moves a level; marginal: the receiver's range, a peak of 1",
  },
  snrDb: {
    unit: 'dB, half the step from grey to white over the noise of a symbol',
    good: [16, Infinity],
    marginal: [12, Infinity],
    source: "good: the receiver's range; marginal: 98 of 100 messages arrive",
  },
  samplesPerSymbol: {
    unit: 'samples a symbol',
    good: [3, Infinity],
    marginal: [2.8, Infinity],
    source:
      "good: the receiver's range with uneven symbols; marginal: as good as three, as their number is not exact",
  },
  timeConstant: {
    unit: "of the sensor's rise or fall, symbols",
    good: [0, 0.2],
    marginal: [0, 0.6],
    source: "good: hardly moves grey (wiring.md: 0.15); marginal: the receiver's range",
  },
} as const satisfies Readonly<Record<string, Band>>

/** Where a figure is in its band; what is no number is bad. */
export function grade({ good, marginal }: Pick<Band, 'good' | 'marginal'>, value: number): Grade {
  const isIn = ([least, most]: Band['good']): boolean => value >= least && value <= most
  return isIn(good) ? 'good' : isIn(marginal) ? 'marginal' : 'bad'
}

/** Beyond these parts of white the receiver does not tell grey from black, or from white. */
export const READABLE_GREY = [0.3, 0.85] as const

/** Less change than this, in parts of full scale, is no light: of levels as means of many samples, and of single samples. */
export const LEAST_CHANGE = { ofMeans: 0.02, ofSamples: 0.05 } as const
