import { type Figure, type FigureName, type JudgedFigure, judgeFigures } from '../bench/figures.js'
import { SYMBOLS_PER_BIT, SYMBOLS_PER_BYTE } from '../modulation/index.js'
import { maskSecrets } from '../packet/index.js'
import type { Decoded } from '../recording/file-decoder.js'
import type { Measured } from '../recording/ranging.js'
import {
  type BenchReport,
  type Chart,
  type Eye,
  OF_FULL_SCALE,
  type ReportRow,
  type ReportTable,
  type WaveformMessage,
} from './bench-report.js'
import type { Light, LightKeeper } from './light-keeper.js'

/** What came of light that was received. */
export interface Received {
  readonly title: string
  readonly madeAt: Date
  readonly verdict: 'pass' | 'fail'
  readonly findings: readonly string[]
  readonly settings: readonly ReportRow[]
  readonly receptions: readonly Decoded[]
  readonly kept: LightKeeper
  /** As they were judged; where there are none, those of the worst reception, without limits. */
  readonly figures?: readonly JudgedFigure[]
  readonly isSecret: boolean
}

type WithPacket = Extract<Measured, { packet: Uint8Array }>

/** The report of a command that receives messages, with a row for each. */
export function receptionReport(received: Received): BenchReport {
  const { title, madeAt, verdict, settings, receptions, kept, isSecret } = received
  const measured = receptions.filter((reception) => 'quality' in reception)
  const light = kept.light()
  const cut = `The first ${light.timesS.length} samples are in this report; ${kept.left} came after them.`
  return {
    title,
    madeAt,
    verdict,
    findings: kept.left > 0 ? [...received.findings, cut] : received.findings,
    settings,
    figures: received.figures ?? judgeFigures(figuresOf(measured), {}),
    charts: lightCharts(measured, light),
    waveform:
      light.timesS.length > 0
        ? { ...light, messages: messagesOf(measured).map(waveformMessage), isSecret }
        : null,
    table: tableOf(receptions),
  }
}

/** Whether a reception has, or could have, what only its sender and the device should know. */
export const isSecretReception = (reception: Decoded): boolean =>
  !('config' in reception) ||
  JSON.stringify(maskSecrets(reception.config)) !== JSON.stringify(reception.config)

const messagesOf = (receptions: readonly Measured[]): WithPacket[] =>
  receptions.filter((reception): reception is WithPacket => 'packet' in reception)

/** A reception ends with the lit half of the last bit that was read. */
export function waveformMessage(reception: WithPacket): WaveformMessage {
  const { packet, symbolRateHz, endS, kind } = reception
  const symbols =
    kind === 'message' ? SYMBOLS_PER_BYTE * packet.length : SYMBOLS_PER_BIT * reception.packetBits
  return {
    packetS: endS - (symbols - 1) / symbolRateHz,
    symbolRateHz,
    packet,
    verdict: kind === 'message' ? 'pass' : 'fail',
  }
}

/** Where the marker of the first message is; null without one. */
export function placeInLight(
  receptions: readonly Decoded[],
): { readonly startS: number; readonly symbolRateHz: number } | null {
  const [message] = receptions.filter((reception) => reception.kind === 'message')
  if (!message) return null
  const { packetS, symbolRateHz } = waveformMessage(message)
  return { startS: packetS - (SYMBOLS_PER_BYTE + 1) / symbolRateHz, symbolRateHz }
}

/** Of several receptions the worst. */
function figuresOf(measured: readonly Measured[]): Figure[] {
  const least = (name: FigureName, of: (reception: Measured) => number | null): Figure[] => {
    const values = measured.map(of).filter((value) => value !== null)
    if (values.length === 0) return []
    return [{ name, witness: null, value: Math.min(...values), uncertainty: null }]
  }
  const percent = (part: number | null | undefined): number | null =>
    typeof part === 'number' ? 100 * part : null
  const spreads = measured.flatMap((reception) =>
    'timingSpread' in reception ? [1e6 * reception.timingSpread.rmsS] : [],
  )
  return [
    ...least('swing-pct', ({ quality, scale }) =>
      scale?.isKnown === false ? null : percent(quality.swing),
    ),
    ...least('snr-db', ({ quality }) => quality.snrDb),
    ...least('eye-height-pct', ({ quality }) => percent(quality.eyeHeight)),
    ...least('eye-width-pct', ({ quality }) => percent(quality.eyeWidth)),
    ...least('margin-pct', ({ quality }) => percent(quality.leastCertainBit?.margin)),
    ...(spreads.length > 0
      ? [
          {
            name: 'timing-spread-us',
            witness: null,
            value: Math.max(...spreads),
            uncertainty: null,
          } as const,
        ]
      : []),
  ]
}

/** From so many on there is a trend. */
const LEAST_OF_TREND = 3

/** What light looks like: its levels, and of messages in it the eye and the margins. */
export function lightCharts(measured: readonly Measured[], light: Light): Chart[] {
  if (light.timesS.length === 0) return []
  const messages = messagesOf(measured)
  const eye = eyeOf(messages, light)
  const margins = measured.flatMap(({ startS, quality }) =>
    quality.leastCertainBit ? [{ startS, margin: 100 * quality.leastCertainBit.margin }] : [],
  )
  return [
    ...(eye.levels.length > 0
      ? [
          {
            kind: 'eye',
            title: 'Eye diagram',
            text: 'All bits laid over one another: black in the first symbol, grey or white in the second. The wider the gap between grey and white, the surer the bits.',
            ...eye,
          } as const,
        ]
      : []),
    {
      kind: 'histogram',
      title: 'Levels',
      text: 'How often each level was seen: black, grey and white stand apart where the light is good.',
      x: { label: 'level', unit: light.unit ?? OF_FULL_SCALE },
      series: [{ name: 'samples', values: light.levels }],
    },
    ...(margins.length >= LEAST_OF_TREND
      ? [
          {
            kind: 'course',
            title: 'Margin of the weakest bit',
            text: 'Of each message, over the time: at 0 % it would be read wrong.',
            x: { label: 'time', unit: 's' },
            y: { label: 'margin', unit: '%' },
            series: [
              {
                name: 'weakest bit',
                xs: margins.map(({ startS }) => startS),
                ys: margins.map(({ margin }) => margin),
              },
            ],
            limits: [0],
          } as const,
        ]
      : []),
  ]
}

/** The samples of messages by their place in a bit: its black symbol, and the lit one. */
function eyeOf(
  messages: readonly WithPacket[],
  { timesS, levels, unit }: Light,
): Pick<Eye, 'unit'> & { phases: number[]; levels: number[] } {
  const eye = { phases: [] as number[], levels: [] as number[], unit }
  let sample = 0
  for (const message of messages) {
    const { packetS, symbolRateHz } = waveformMessage(message)
    const beginS = packetS - 1 / symbolRateHz
    while (sample < timesS.length && (timesS[sample] as number) < beginS) sample++
    for (; sample < timesS.length && (timesS[sample] as number) < message.endS; sample++) {
      const symbols = ((timesS[sample] as number) - beginS) * symbolRateHz
      eye.phases.push(symbols % SYMBOLS_PER_BIT)
      eye.levels.push(levels[sample] as number)
    }
  }
  return eye
}

/** One row a reception. */
function tableOf(receptions: readonly Decoded[]): ReportTable {
  const columns = {
    kind: (reception) => reception.kind,
    reason: (reception) => ('reason' in reception ? reception.reason : null),
    packet_bytes: (reception) => ('packet' in reception ? reception.packet.length : null),
    start_s: (reception) => ('startS' in reception ? reception.startS : null),
    end_s: (reception) => ('endS' in reception ? reception.endS : null),
    symbol_rate_hz: (reception) => ('symbolRateHz' in reception ? reception.symbolRateHz : null),
    black: (reception) => ('levels' in reception ? reception.levels.black : null),
    grey: (reception) => ('levels' in reception ? reception.levels.grey : null),
    white: (reception) => ('levels' in reception ? reception.levels.white : null),
    snr_db: (reception) => ('quality' in reception ? reception.quality.snrDb : null),
    eye_height: (reception) => ('quality' in reception ? reception.quality.eyeHeight : null),
    eye_width: (reception) => ('quality' in reception ? reception.quality.eyeWidth : null),
    bit_margin: (reception) =>
      'quality' in reception ? (reception.quality.leastCertainBit?.margin ?? null) : null,
    edge_spread_us: (reception) =>
      'timingSpread' in reception ? 1e6 * reception.timingSpread.rmsS : null,
    advice: (reception) => ('advice' in reception ? reception.advice : null),
  } satisfies Record<string, (reception: Decoded) => string | number | null>
  return {
    columns: Object.keys(columns),
    rows: receptions.map((reception) => Object.values(columns).map((of) => of(reception))),
  }
}
