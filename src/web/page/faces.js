/**
 * As the server tells them.
 *
 * @typedef {'pass' | 'fail' | 'error' | 'timeout' | 'aborted'} Outcome
 * @typedef {object} EndedCycle
 * @property {string} cycleId
 * @property {number} number
 * @property {number} endedAtMs
 * @property {string | null} deviceId
 * @property {{ outcome: Outcome, reason: string | null, detail: string | null }} end
 * @typedef {object} Rig
 * @property {string} rig
 * @property {{ state: string, why?: string | null, cycleId?: string, number?: number }} activity
 * @property {number} sinceMs
 * @property {string} instruction
 * @property {EndedCycle | null} last
 * @property {Record<Outcome | 'ignoredTriggers', number>} counts
 * @property {EndedCycle[]} recent
 * @property {{ last: { cycleId: string, number: number, state: 'printing' | 'printed' | 'failed' | 'unknown' } | null } | null} labels
 * @typedef {{ station: string, rigs: Rig[] }} Station
 */

/** In their order. */
export const STEPS = [
  ['triggered', 'started'],
  ['ambient', 'looks for other light'],
  ['token', 'asks for a token'],
  ['light', 'light'],
  ['connecting', 'waits for the device'],
  ['updating', 'device is here'],
  ['testing', 'device tests itself'],
  ['blessing', 'blessing'],
]

/** @type {Outcome[]} */
export const OUTCOMES = ['pass', 'fail', 'error', 'timeout', 'aborted']

/** What is read from afar: short, so that it can be large. */
export const WORDS = {
  ready: 'READY',
  wait: 'WAIT',
  busy: 'BUSY',
  pass: 'PASS',
  fail: 'FAIL',
  error: 'ERROR',
  timeout: 'TIMEOUT',
  aborted: 'STOPPED',
  lost: 'NO RIG',
  away: 'NO LINK',
}

/** Of a unit whose label is not printed. */
const UNLABELLED = new Map([
  ['failed', 'without its label'],
  ['unknown', 'perhaps without its label'],
])

/**
 * What a rig shows: it is the last unit's until the next one's cycle begins.
 *
 * @param {Rig} rig
 * @returns {{ face: keyof typeof WORDS, step: number, text: string }} the step is -1 outside of a cycle
 */
export function faceOf({ activity: { state, number }, last, labels }) {
  const step = STEPS.findIndex(([name]) => name === state)
  if (step >= 0) return { face: 'busy', step, text: `Unit ${number}: ${STEPS[step]?.[1]}` }
  if (state === 'lost') return { face: 'lost', step, text: 'The rig is lost' }
  if (state === 'opening') return { face: 'wait', step, text: 'The rig is being opened' }
  const label = labels?.last
  const unlabelled = label && label.cycleId === last?.cycleId ? UNLABELLED.get(label.state) : null
  const next =
    state === 'label'
      ? 'label is being printed'
      : (unlabelled ?? (state === 'lockout' ? 'next one must wait' : 'ready for the next'))
  if (last) return { face: last.end.outcome, step, text: `Unit ${last.number}, ${next}` }
  return state === 'lockout' || state === 'label'
    ? { face: 'wait', step, text: 'Must wait' }
    : { face: 'ready', step, text: 'Ready for the first unit' }
}

/** Beside other words, where there is no room for shapes. */
export const MARKS = {
  pass: '✓ pass',
  fail: '✕ fail',
  error: '▲ error',
  timeout: '◆ timeout',
  aborted: '■ stopped',
}

const SVG = 'http://www.w3.org/2000/svg'

/**
 * The shape of a face, which says the same as its word.
 *
 * @param {string} face
 */
export function shapeOf(face) {
  const svg = document.createElementNS(SVG, 'svg')
  svg.setAttribute('aria-hidden', 'true')
  svg.setAttribute('viewBox', '0 0 48 48')
  svg.append(document.createElementNS(SVG, 'use'))
  setShape(svg, face)
  return svg
}

/**
 * @param {Element} svg
 * @param {string} face
 */
export function setShape(svg, face) {
  const use = svg.firstElementChild
  if (use && use.getAttribute('href') !== `#shape-${face}`) {
    use.setAttribute('href', `#shape-${face}`)
  }
}

/**
 * @param {number} seconds
 * @returns {string} such as 1:05, or 2:03:09
 */
export function clockOf(seconds) {
  const whole = Math.max(0, Math.floor(seconds))
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  const [first = 0, ...rest] = parts[0] === 0 ? parts.slice(1) : parts
  return [first, ...rest.map((part) => String(part).padStart(2, '0'))].join(':')
}
