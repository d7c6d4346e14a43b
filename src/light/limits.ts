/**
 * What makes light good, in parts of the sensor's full scale unless said otherwise. The limits of the receiver (docs of `Receiver`)
 * with some room to spare; an imp needs a swing of about 0.1, too (protocol: "decodes down to about 0.3 V").
 */
export const GOOD_LIGHT = {
  /** Less than this between dark and lit is no light at all. */
  leastChange: 0.02,
  /** From black to white. */
  leastSwing: 0.1,
  /** Best for white: enough swing, and room above it. */
  white: [0.3, 0.9],
  /** A phototransistor saturates below the end of the ADC's range: it keeps some tenths of a volt. */
  saturated: 0.93,
  mostBlack: 0.2,
  /** Peak to peak, as a part of the swing. */
  mostFlicker: 0.1,
  /** (grey - black) / (white - black) */
  greyRatio: [0.35, 0.75],
} as const
