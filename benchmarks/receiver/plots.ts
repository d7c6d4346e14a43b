import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'
import type { Row, Tables } from '../report.js'

/** Charts that belong together. */
export interface Figure {
  readonly title: string
  readonly caption: string
  readonly charts: readonly Plot.PlotOptions[]
}

const { document } = parseHTML('<!doctype html><html><head></head><body></body></html>')
type HtmlElement = typeof document.body

// Legible on white and on black.
const COLOURS = ['#4f7be0', '#d4860b', '#2f9e60']
const WORSE = '#e0483e'
// The text and the surface of the page, or of a picture that stands alone.
const STYLE = `
:root { color-scheme: light dark; color: #1b1e23; background: #fff; --plot-background: #fff }
@media (prefers-color-scheme: dark) { :root { color: #dfe3e8; background: #14171b; --plot-background: #14171b } }
`
const PAGE_STYLE = `
body { font: 15px/1.5 system-ui, sans-serif; max-width: 66rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.5rem } h2 { font-size: 1.15rem; margin-top: 2.5rem }
.charts { display: flex; flex-wrap: wrap; gap: 1rem }
svg { max-width: 100%; height: auto }
summary { cursor: pointer; margin: 1rem 0 }
.scroll { overflow-x: auto }
table { border-collapse: collapse; font-size: 0.85rem; font-variant-numeric: tabular-nums }
th, td { border-bottom: 1px solid #8886; padding: 0.15rem 0.8rem 0.15rem 0; text-align: left; vertical-align: top }
`

// --- Success against noise

interface Point {
  readonly snrDb: number
  readonly success: number
}

interface Curve {
  readonly samplesASymbol: number
  readonly points: readonly Point[]
  readonly lossAt50PercentDb: number
  readonly lossAt99PercentDb: number
}

/** Stretches both ends alike, so that 50 % and 99 % can both be read. */
const logOdds = (success: number): number => Math.log(success / (1 - success))

/** The 95 % interval of Wilson for a part of `trials`. */
function wilson(part: number, trials: number): { low: number; high: number } {
  const z2 = 1.96 ** 2
  const middle = part + z2 / (2 * trials)
  const reach = 1.96 * Math.sqrt((part * (1 - part)) / trials + z2 / (4 * trials ** 2))
  const scale = 1 + z2 / trials
  return { low: (middle - reach) / scale, high: (middle + reach) / scale }
}

/** Of `messages` at each point. */
export function snrFigure(
  curves: readonly Curve[],
  bound: readonly Point[],
  messages: number,
): Figure {
  const [lowest, highest] = [0.004, 0.9995]
  const at = (success: number): number => logOdds(Math.min(Math.max(success, lowest), highest))
  const percents = [0.5, 1, 5, 10, 25, 50, 75, 90, 95, 99, 99.9]
  const labels = [
    'bound: levels and timing known',
    ...curves.map(
      ({ samplesASymbol, lossAt50PercentDb, lossAt99PercentDb }) =>
        `${samplesASymbol} samples a symbol: ${lossAt50PercentDb} dB lost at 50 %, ${lossAt99PercentDb} dB at 99 %`,
    ),
  ]
  return {
    title: 'Packets that arrive in Gaussian noise',
    caption: `Of ${messages} messages at each point, with the 95 % interval of each; points at the edge are none or all of them. SNR is half the step from grey to white over the noise of the mean of a symbol's samples.`,
    charts: [
      {
        width: 760,
        height: 490,
        marginLeft: 60,
        marginBottom: 46,
        style: { fontSize: '12px' },
        x: {
          label: 'signal-to-noise ratio, dB',
          ticks: 7,
          inset: 12,
          labelOffset: 40,
          labelAnchor: 'center',
        },
        y: {
          label: 'packets that arrive, %',
          domain: [logOdds(lowest), logOdds(highest)],
          ticks: percents.map((percent) => logOdds(percent / 100)),
          tickFormat: (odds: number) => `${Number((100 / (1 + Math.exp(-odds))).toPrecision(3))}`,
          grid: true,
        },
        marks: [
          Plot.ruleY([0.5, 0.99].map(logOdds), { strokeOpacity: 0.5, strokeDasharray: '2,3' }),
          Plot.line(
            bound.filter(({ success }) => success <= highest),
            {
              x: 'snrDb',
              y: ({ success }) => at(success),
              strokeWidth: 1.5,
              strokeDasharray: '6,3',
            },
          ),
          ...curves.flatMap(({ points }, n) => {
            const stroke = COLOURS[n] as string
            // Beside each other, as they are measured at the same values.
            const x = ({ snrDb }: Point): number => snrDb + 0.04 * (n - (curves.length - 1) / 2)
            return [
              Plot.ruleX(points, {
                x,
                y1: ({ success }) => at(wilson(success, messages).low),
                y2: ({ success }) => at(wilson(success, messages).high),
                stroke,
                strokeOpacity: 0.5,
              }),
              Plot.line(points, { x, y: ({ success }) => at(success), stroke, strokeWidth: 1.5 }),
              Plot.dot(points, { x, y: ({ success }) => at(success), fill: stroke, r: 3 }),
            ]
          }),
          ...labels.map((label, n) =>
            Plot.text([label], {
              frameAnchor: 'bottom-right',
              dx: -12,
              dy: -14 - 16 * (labels.length - 1 - n),
              fill: n === 0 ? 'currentColor' : (COLOURS[n - 1] as string),
              stroke: 'var(--plot-background)',
              strokeWidth: 4,
              fontSize: 12,
            }),
          ),
        ],
      },
    ],
  }
}

// --- Limits

interface Swept {
  readonly name: string
  readonly values: readonly number[]
  /** Messages that arrived at each value; harder ones were not tried. */
  readonly arrived: readonly number[]
  /** Places among the values, -1 for none: the hardest at which all arrive, now and as it is kept. */
  readonly limit: number
  readonly before: number
  readonly change: string
}

export function limitsFigure(sweeps: readonly Swept[], messages: number): Figure {
  return {
    title: 'Each impairment alone',
    caption: `Of ${messages} messages, how many arrive, from easy on the left to hard on the right, up to where none does. The line stands at the hardest value at which all do; it is red where it was further right before, and the dashed one shows where it was.`,
    charts: sweeps.map((sweep) => limitChart(sweep, messages)),
  }
}

function limitChart(
  { name, values, arrived, limit, before, change }: Swept,
  messages: number,
): Plot.PlotOptions {
  const places = values.map((_, place) => place)
  const every = Math.ceil(values.length / 8)
  const stroke = change === 'WORSE' ? WORSE : (COLOURS[0] as string)
  const [first = '', ...more] = inLines(name, 42)
  return {
    width: 325,
    height: 170,
    marginTop: 46,
    marginLeft: 32,
    marginBottom: 24,
    marginRight: 14,
    x: {
      domain: [0, values.length - 1],
      inset: 8,
      label: null,
      ticks: places.filter((place) => place % every === 0),
      tickFormat: (place: number) => `${values[place]}`,
    },
    y: { domain: [0, messages], ticks: [0, 5, 10, 15, 20, 25], grid: true, label: null },
    marks: [
      Plot.ruleX(before === limit ? [] : [before], { strokeDasharray: '3,3', strokeOpacity: 0.7 }),
      Plot.ruleX([limit], { stroke, strokeOpacity: 0.6, strokeWidth: 3 }),
      Plot.line(arrived, { x: (_, place) => place, y: (count) => count, stroke }),
      Plot.dot(arrived, { x: (_, place) => place, y: (count) => count, fill: stroke, r: 2.5 }),
      Plot.text([[first, ...more].join('\n')], {
        frameAnchor: 'top-left',
        lineAnchor: 'bottom',
        dx: -30,
        dy: -12,
        fontSize: 12,
        fontWeight: 600,
      }),
    ],
  }
}

/** Breaks a text at its spaces. */
function inLines(text: string, columns: number): string[] {
  const lines = ['']
  for (const word of text.split(' ')) {
    const line = lines.at(-1) as string
    if (line && line.length + word.length >= columns) lines.push(word)
    else lines[lines.length - 1] = line ? `${line} ${word}` : word
  }
  return lines
}

// --- Speed

const GOAL_MILLION_SAMPLES_A_SECOND = 20

export function speedFigure(
  rows: readonly {
    readonly capture: string
    readonly millionSamplesASecond: number
    readonly bestMs: number
  }[],
): Figure {
  return {
    title: 'Speed of one core',
    caption: `CPU time, the best of all runs; the line is the goal of ${GOAL_MILLION_SAMPLES_A_SECOND} million samples a second.`,
    charts: [
      {
        width: 900,
        height: 75 + 34 * rows.length,
        marginLeft: 320,
        marginBottom: 46,
        marginRight: 60,
        x: {
          label: 'million samples a second',
          grid: true,
          labelAnchor: 'center',
          labelOffset: 40,
        },
        y: { label: null, domain: rows.map(({ capture }) => capture) },
        marks: [
          Plot.barX(rows, {
            x: 'millionSamplesASecond',
            y: 'capture',
            fill: COLOURS[0] as string,
            insetTop: 3,
            insetBottom: 3,
          }),
          Plot.text(rows, {
            x: 'millionSamplesASecond',
            y: 'capture',
            text: ({ millionSamplesASecond, bestMs }) => `${millionSamplesASecond} (${bestMs} ms)`,
            textAnchor: 'start',
            dx: 5,
            stroke: 'var(--plot-background)',
            fill: 'currentColor',
          }),
          Plot.ruleX([GOAL_MILLION_SAMPLES_A_SECOND], { strokeDasharray: '4,3' }),
        ],
        style: { fontSize: '12px' },
      },
    ],
  }
}

// --- The page

/** One HTML page that needs nothing else. */
export function drawPage(machine: Row, figures: readonly Figure[], tables: Tables): string {
  const { cpu, cores, memoryGiB, node, platform } = machine
  const page = parseHTML(
    '<!doctype html><html lang="en"><head></head><body></body></html>',
  ).document
  const add = (parent: HtmlElement, name: string, text = ''): HtmlElement => {
    const element = page.createElement(name)
    element.textContent = text
    parent.append(element)
    return element
  }
  add(page.head, 'meta').setAttribute('charset', 'utf-8')
  add(page.head, 'title', 'The receiver of blinkup')
  add(page.head, 'style', STYLE + PAGE_STYLE)
  add(page.body, 'h1', 'The receiver of blinkup: how near to the limit, and where it ends')
  add(
    page.body,
    'p',
    `Measured on ${cpu}, ${cores} cores, ${memoryGiB} GiB, Node.js ${node}, ${platform}.`,
  )
  for (const { title, caption, charts } of figures) {
    add(page.body, 'h2', title)
    add(page.body, 'p', caption)
    const box = add(page.body, 'div')
    box.setAttribute('class', 'charts')
    for (const chart of charts) box.append(page.importNode(Plot.plot({ ...chart, document }), true))
  }
  add(page.body, 'h2', 'All figures')
  for (const [title, rows] of Object.entries(tables)) {
    const details = add(page.body, 'details')
    add(details, 'summary', title)
    const scroll = add(details, 'div')
    scroll.setAttribute('class', 'scroll')
    const table = add(scroll, 'table')
    const head = add(table, 'tr')
    for (const name of Object.keys(rows[0] ?? {})) add(head, 'th', name)
    for (const row of rows) {
      const line = add(table, 'tr')
      for (const cell of Object.values(row)) add(line, 'td', String(cell))
    }
  }
  return page.toString()
}

/** The first chart as a picture of its own, in SVG. */
export function drawPicture([figure]: readonly Figure[]): string {
  const [chart] = figure?.charts ?? []
  if (!chart) throw new Error('there is nothing to draw: name snr, limits or speed')
  const picture = Plot.plot({ ...chart, document })
  picture.setAttribute('xmlns', 'http://www.w3.org/2000/svg')
  const style = document.createElement('style')
  style.textContent = STYLE
  const title = document.createElement('title')
  title.textContent = figure?.title ?? ''
  picture.prepend(title, style)
  // A hundredth of a pixel is fine enough.
  return `${picture.outerHTML.replace(/(\.\d\d)\d+/g, '$1')}\n`
}
