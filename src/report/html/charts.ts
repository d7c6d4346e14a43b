import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'
import {
  type Axis,
  type Chart,
  type Course,
  type Eye,
  type Histogram,
  OF_FULL_SCALE,
  type PassMap,
} from '../bench-report.js'
import { shortNumber, withUnit } from '../bench-rows.js'
import { binned, density, extentOf, SHADES, thinned } from './chart-data.js'

// Half of a wide page, and all of a phone's: text must be legible on both.
const [WIDTH, HEIGHT] = [460, 280]
const BINS = 48
const MOST_POINTS = 600
/** Above so many a line's points stand too close to be told apart. */
const MOST_DOTS = 60
const EYE_CELLS = [138, 80] as const
const SERIES = ['var(--series-1)', 'var(--series-2)', 'var(--series-3)', 'var(--series-4)']
const DASHES = ['none', '6,2', '2,2', '8,3,2,3']
const FAIL = 'var(--fail)'
const MUTED = 'var(--muted)'

const { document } = parseHTML('<!doctype html><html><head></head><body></body></html>')

/** A chart that can be drawn, and what else its reader has to know. */
interface Drawn {
  readonly plot: Plot.PlotOptions
  /** Names of what its colours and dashes are. */
  readonly keys: readonly string[]
  readonly note: string
}

/** A chart as a picture in SVG that takes its colours from the page, and the names of its series; null where there is nothing to draw. */
export function chartSvg(
  chart: Chart,
  id: string,
): { readonly svg: string; readonly keys: readonly string[]; readonly note: string } | null {
  const drawn = draw(chart)
  if (!drawn) return null
  const svg = Plot.plot({
    width: WIDTH,
    height: HEIGHT,
    marginLeft: 52,
    marginBottom: 42,
    marginTop: 24,
    marginRight: 18,
    className: 'plot',
    ...drawn.plot,
    document,
  })
  for (const style of svg.querySelectorAll('style')) style.remove() // the page has its own
  const [title, text] = ['title', 'desc'].map((name) => document.createElement(name))
  if (title && text) {
    Object.assign(title, { id: `${id}-title`, textContent: chart.title })
    Object.assign(text, { id: `${id}-text`, textContent: chart.text })
    svg.prepend(title, text)
  }
  svg.setAttribute('role', 'img')
  svg.setAttribute('aria-labelledby', `${id}-title ${id}-text`)
  return { svg: inTenths(svg.outerHTML), keys: drawn.keys, note: drawn.note }
}

/** A tenth of a pixel is fine enough for what is drawn; what is written stays as it is. */
const inTenths = (svg: string): string =>
  svg.replace(/<[^>]*>/g, (tag) => tag.replace(/(\.\d)\d+/g, '$1'))

function draw(chart: Chart): Drawn | null {
  switch (chart.kind) {
    case 'histogram':
      return drawHistogram(chart)
    case 'course':
      return drawCourse(chart)
    case 'eye':
      return drawEye(chart)
    case 'map':
      return drawMap(chart)
  }
}

const axisOf = ({ label, unit }: Axis): Plot.ScaleOptions => ({
  label: unit ? `${label}, ${unit}` : label,
  labelArrow: 'none',
})
const xAxis = (axis: Axis): Plot.ScaleOptions => ({
  ...axisOf(axis),
  labelAnchor: 'center',
  labelOffset: 36,
  ticks: 6,
})
const yAxis = (axis: Axis): Plot.ScaleOptions => ({ ...axisOf(axis), grid: true, ticks: 6 })

/** Room around values that are all the same, too. */
function padded([least, most]: readonly [number, number], part = 0.05): [number, number] {
  const room = part * (most - least) || Math.abs(part * most) || 1
  return [least - room, most + room]
}

function drawHistogram({ x, series }: Histogram): Drawn | null {
  const extent = extentOf(series.map(({ values }) => values))
  if (!extent) return null
  const range = extent[0] === extent[1] ? padded(extent) : extent
  return {
    keys: series.map(({ name }) => name),
    note: '',
    plot: {
      x: xAxis(x),
      y: { ...yAxis({ label: 'how often', unit: '' }), tickFormat: 's' },
      marks: [
        ...series.map(({ values }, n) =>
          Plot.rectY(binned(values, range, BINS), {
            x1: 'from',
            x2: 'to',
            y: 'count',
            fill: SERIES[n % SERIES.length] as string,
            fillOpacity: series.length > 1 ? 0.55 : 0.9,
            inset: 0.25,
          }),
        ),
        Plot.ruleY([0]),
        // What came once has no height.
        ...series.map(({ values }, n) =>
          Plot.tickX(extentOf([values]) ?? [], {
            stroke: SERIES[n % SERIES.length] as string,
            strokeWidth: 2,
            insetTop: HEIGHT - 42 - 24 - 8,
          }),
        ),
      ],
    },
  }
}

function drawCourse({ x, y, series, limits, marks = [] }: Course): Drawn | null {
  const lines = series.map(({ xs, ys }) => thinned(xs, ys, MOST_POINTS))
  const extent = extentOf(lines.map((points) => points.map((point) => point.y)))
  if (!extent) return null
  const [least, most] = padded(extent)
  const isNear = (limit: number): boolean =>
    limit > least - 4 * (most - least) && limit < most + 4 * (most - least)
  const near = limits.filter(isNear)
  const far = limits.filter((limit) => Number.isFinite(limit) && !isNear(limit))
  const say = (limit: number): string => withUnit(shortNumber(limit), y.unit)
  return {
    keys: series.map(({ name }) => name),
    note:
      far.length > 0 ? `Outside of the picture: the limit of ${far.map(say).join(' and ')}.` : '',
    plot: {
      x: xAxis(x),
      y: { ...yAxis(y), domain: padded(extentOf([[least, most], near]) ?? [0, 1], 0.02) },
      marks: [
        ...lines.flatMap((points, n) => {
          const stroke = SERIES[n % SERIES.length] as string
          const strokeDasharray = DASHES[n % DASHES.length] as string
          const line = Plot.line(points, {
            x: 'x',
            y: 'y',
            stroke,
            strokeDasharray,
            strokeWidth: 1.5,
          })
          const dots = Plot.dot(points, { x: 'x', y: 'y', fill: stroke, r: 2.5 })
          return points.length > MOST_DOTS ? [line] : [line, dots]
        }),
        Plot.ruleY(marks, { strokeOpacity: 0.5, strokeDasharray: '2,3' }),
        Plot.text(marks, { y: (mark: number) => mark, text: say, frameAnchor: 'right', dy: -8 }),
        Plot.ruleY(near, { stroke: FAIL, strokeWidth: 1.5, strokeDasharray: '5,3' }),
        Plot.text(near, {
          y: (limit: number) => limit,
          text: (limit: number) => `limit ${say(limit)}`,
          frameAnchor: 'right',
          lineAnchor: 'bottom',
          dy: -6,
          fill: FAIL,
        }),
      ],
    },
  }
}

function drawEye({ phases, levels, unit = OF_FULL_SCALE }: Eye): Drawn | null {
  const extent = extentOf([levels])
  if (!extent || phases.length === 0) return null
  const y = padded(extent)
  const shades = density(phases, levels, [0, 2], y, EYE_CELLS)
  return {
    keys: [],
    note: '',
    plot: {
      x: { ...xAxis({ label: 'place in two symbols', unit: '' }), domain: [0, 2], ticks: 4 },
      y: { ...yAxis({ label: 'level', unit }), domain: y },
      marks: [
        Plot.ruleX([1], { stroke: MUTED, strokeDasharray: '2,3' }),
        Plot.frame({ stroke: MUTED, strokeOpacity: 0.4 }),
        // One path a shade: a rectangle for each cell would be ten times as large.
        (_index, scales, _values, _dimensions, context) => {
          const group = context.document.createElementNS('http://www.w3.org/2000/svg', 'g')
          const { x: atX, y: atY } = scales as {
            x: (x: number) => number
            y: (y: number) => number
          }
          for (let shade = 1; shade < SHADES; shade++) {
            const path = context.document.createElementNS('http://www.w3.org/2000/svg', 'path')
            path.setAttribute(
              'd',
              cellsPath(shades, shade, [atX(0), atX(2)], [atY(y[0]), atY(y[1])]),
            )
            path.setAttribute('fill', SERIES[0] as string)
            path.setAttribute('fill-opacity', `${((shade + 1) / SHADES).toFixed(2)}`)
            group.append(path)
          }
          return group
        },
      ],
    },
  }
}

/** The cells of one shade, with what lies side by side in one piece. */
function cellsPath(
  shades: Uint8Array,
  shade: number,
  [left, right]: readonly [number, number],
  [bottom, top]: readonly [number, number],
): string {
  const [columns, rows] = EYE_CELLS
  const [width, height] = [(right - left) / columns, (bottom - top) / rows]
  const pieces: string[] = []
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      if (shades[row * columns + column] !== shade) continue
      const from = column
      while (column + 1 < columns && shades[row * columns + column + 1] === shade) column++
      const [x, y] = [left + from * width, bottom - (row + 1) * height]
      const long = (column + 1 - from) * width
      pieces.push(
        `M${x.toFixed(1)} ${y.toFixed(1)}h${long.toFixed(1)}v${height.toFixed(1)}h${(-long).toFixed(1)}z`,
      )
    }
  }
  return pieces.join('')
}

const VERDICTS = {
  pass: { symbol: 'circle', colour: 'var(--pass)', key: 'passed' },
  fail: { symbol: 'times', colour: FAIL, key: 'failed' },
  undecided: { symbol: 'diamond', colour: MUTED, key: 'not decided' },
} as const

function drawMap({ x, y, points, proposed }: PassMap): Drawn | null {
  if (points.length === 0) return null
  const spread = (values: number[]): boolean => new Set(values).size > 1
  const isPlane = spread(points.map((p) => p.x)) && spread(points.map((p) => p.y))
  const verdicts = (['pass', 'fail', 'undecided'] as const).filter((verdict) =>
    points.some((point) => point.verdict === verdict),
  )
  return {
    keys: [],
    note: [
      ...verdicts
        .map((verdict) => VERDICTS[verdict].key)
        .map((key, n) => `${MAP_SIGNS[verdicts[n] ?? 'fail']} ${key}`),
      ...(proposed
        ? [
            `★ proposed: ${withUnit(shortNumber(proposed.x), x.unit)}, ${withUnit(shortNumber(proposed.y), y.unit)}`,
          ]
        : []),
    ].join('; '),
    plot: {
      height: 320,
      x: { ...xAxis(x), inset: 14, grid: true },
      y: { ...yAxis(y), inset: 14 },
      marks: [
        // Each place is as the point nearest to it.
        isPlane
          ? Plot.voronoi(points, {
              x: 'x',
              y: 'y',
              fill: ({ verdict }) => VERDICTS[verdict as keyof typeof VERDICTS].colour,
              fillOpacity: 0.16,
              stroke: null,
            })
          : null,
        ...verdicts.map((verdict) =>
          Plot.dot(
            points.filter((point) => point.verdict === verdict),
            {
              x: 'x',
              y: 'y',
              symbol: VERDICTS[verdict].symbol,
              stroke: VERDICTS[verdict].colour,
              fill: verdict === 'pass' ? VERDICTS[verdict].colour : 'none',
              strokeWidth: 2,
              r: 4,
              title: ({ passRate }) => `${(100 * passRate).toFixed(1)} % passed`,
            },
          ),
        ),
        Plot.dot(proposed ? [proposed] : [], {
          x: 'x',
          y: 'y',
          symbol: 'star',
          r: 8,
          fill: 'var(--proposed)',
          stroke: 'var(--paper)',
          strokeWidth: 1.5,
        }),
      ],
    },
  }
}

const MAP_SIGNS = { pass: '●', fail: '×', undecided: '◇' } as const
