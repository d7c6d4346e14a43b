import { ask } from './ask.js'
import { byId, find, show } from './elements.js'
import { MARKS } from './faces.js'
import { drawScope, LightHistory } from './scope.js'
import { fill, fillList, seconds, timeOf } from './tables.js'

/** Of the light that is shown, which can be made longer and shorter. */
const SPAN_S = { least: 0.01, most: 120 }

const canvas = find('#canvas', HTMLCanvasElement)

/** @type {{ history: LightHistory, endS: number, spanS: number } | null} */
let light = null

const chosen = () => decodeURIComponent(location.hash.slice(1))

/** Shows the cycle whose ID is in the address of the page, or none. */
export async function showChosen() {
  const id = chosen()
  light = null
  const section = byId('cycle')
  const answer = id ? await ask(`cycle?id=${encodeURIComponent(id)}`) : null
  if (id !== chosen()) return
  section.hidden = !answer
  if (!answer) return
  showCycle(answer.cycle, answer.labels)
  byId('light').hidden = !answer.hasWaveform
  byId('no-light').hidden = answer.hasWaveform
  section.focus()
  if (answer.hasWaveform) await showLight(id)
}

/**
 * @param {any} cycle a record, as in the documents of a station
 * @param {any[]} labels what is recorded of them
 */
function showCycle(cycle, labels) {
  const { number, rig, end, state, durationS, measurements, phases, results } = cycle
  show(byId('cycle-title'), `Cycle ${number}, ${rig}`)
  const ended = end && [
    MARKS[/** @type {import('./faces.js').Outcome} */ (end.outcome)],
    end.reason,
    end.detail,
  ]
  show(byId('cycle-end'), ended ? ended.filter(Boolean).join(': ') : `goes on: ${state}`)
  byId('cycle').dataset['outcome'] = end?.outcome ?? 'none'
  byId('cycle-end').className = 'end'
  fillList('setting', [
    ['began', timeOf(cycle.startedAtMs)],
    ['took', seconds(durationS)],
    ['trigger', cycle.trigger],
    ['device', cycle.deviceId],
    ['plan', cycle.planId],
    ['rig', `${cycle.rigName} (${cycle.rigKind})`],
    ['serial number', cycle.serialNumber],
    ['firmware', cycle.firmwareVersion],
    ['program', cycle.packageVersion],
    ['cycle', cycle.id],
    ['label', labels.map(labelText).join('; ') || null],
  ])
  fill(
    '#phases',
    phases.map((/** @type {any} */ phase) => {
      const began = (phase.startedAtMs - cycle.startedAtMs) / 1000
      return [phase.state, seconds(began), seconds(phase.durationS)]
    }),
    'none',
  )
  const rows = fill(
    '#measurements',
    measurements.map((/** @type {any} */ { name, value, unit, least, most, verdict }) => {
      const limits = [least !== null && `at least ${least}`, most !== null && `at most ${most}`]
      return [
        name,
        `${value ?? '–'} ${unit ?? ''}`,
        limits.filter(Boolean).join(', '),
        verdict ?? '',
      ]
    }),
    'none',
  )
  for (const [n, row] of rows.entries()) {
    const grade = { pass: 'good', marginal: 'marginal', fail: 'bad' }[
      String(measurements[n].verdict)
    ]
    row.dataset['grade'] = grade ?? 'none'
  }
  fill(
    '#results',
    results.map((/** @type {any} */ { receivedAtMs, success, flag, values }) => {
      const passed = success === null ? '–' : success ? '✓ yes' : '✕ no'
      return [timeOf(receivedAtMs), passed, flag, JSON.stringify(values)]
    }),
    'nothing',
  )
}

/** @param {any} label */
const labelText = ({ startedAtMs, outcome, detail }) =>
  [timeOf(startedAtMs), outcome ?? 'may be printed', detail].filter(Boolean).join(' ')

/** @param {string} id */
async function showLight(id) {
  const block = await ask(`waveform?id=${encodeURIComponent(id)}`)
  if (!block || id !== chosen()) return
  const history = new LightHistory()
  history.push(block)
  const { oldestS, newestS } = history
  light = { history, endS: newestS, spanS: Math.max(SPAN_S.least, newestS - oldestS) }
  drawLight()
}

export function drawLight() {
  if (light) drawScope(canvas, light.history, { ...light, zeroS: light.history.oldestS })
}

/** @param {number} part of what is shown; negative for earlier */
function move(part) {
  if (!light) return
  const { oldestS, newestS } = light.history
  const endS = light.endS + part * light.spanS
  light.endS = Math.max(Math.min(endS, newestS), Math.min(newestS, oldestS + light.spanS))
  drawLight()
}

/** @param {number} factor of the time that is shown */
function zoom(factor) {
  if (!light) return
  const spanS = Math.min(SPAN_S.most, Math.max(SPAN_S.least, light.spanS * factor))
  light.endS += (spanS - light.spanS) / 2
  light.spanS = spanS
  move(0)
}

canvas.addEventListener('keydown', (event) => {
  const parts = { ArrowLeft: -0.1, ArrowRight: 0.1, PageUp: -0.9, PageDown: 0.9 }
  const factors = { '+': 0.5, '=': 0.5, '-': 2 }
  const part = parts[/** @type {keyof typeof parts} */ (event.key)]
  const factor = factors[/** @type {keyof typeof factors} */ (event.key)]
  if (part === undefined && factor === undefined) return
  event.preventDefault()
  if (part !== undefined) move(part)
  else zoom(/** @type {number} */ (factor))
})
canvas.addEventListener('pointerdown', ({ pointerId }) => canvas.setPointerCapture(pointerId))
canvas.addEventListener('pointermove', ({ buttons, movementX }) => {
  if (buttons === 1 && movementX !== 0) move(-movementX / canvas.clientWidth)
})
