import { ask } from './ask.js'
import { drawMargins } from './chart.js'
import { drawLight, showChosen } from './cycle.js'
import { byId, find, show } from './elements.js'
import { MARKS } from './faces.js'
import { follow } from './live.js'
import { fill, fillList, percent, seconds, timeOf } from './tables.js'

/**
 * As the server tells them.
 *
 * @typedef {object} CycleRow
 * @property {string} id
 * @property {number} number
 * @property {string} rig
 * @property {number} startedAtMs
 * @property {string | null} deviceId
 * @property {number | null} durationS
 * @property {string} state
 * @property {import('./faces.js').Outcome | null} outcome
 * @property {string | null} reason
 * @property {number | null} marginPct
 * @property {number | null} leastMarginPct
 * @typedef {{ count: number, medianS: number, p95S: number }} Times
 * @typedef {object} Tally
 * @property {Record<import('./faces.js').Outcome, number>} outcomes
 * @property {number} units
 * @property {number} withoutDevice
 * @property {number | null} finalYield
 * @property {number | null} firstPassYield
 * @property {number | null} passesPerHour
 * @property {Times | null} cycleTime
 * @property {(Times & { state: string })[]} phases
 * @property {{ reason: string, cause: string, cycles: number }[]} reasons
 */

/** After a cycle has ended its record is looked for once, and not more often than so. */
const LOOK_MS = 3000

const hours = find('#hours', HTMLSelectElement)
const rigs = find('#rig', HTMLSelectElement)
const chart = find('#chart', SVGElement)

/** @type {{ tally: Tally, warnings: string[], cycles: CycleRow[], isCut: boolean } | null} */
let seen = null
/** Counts how often cycles were asked for: only the last answer is shown. */
let looks = 0

async function look() {
  const query = new URLSearchParams({ hours: hours.value })
  if (rigs.value) query.set('rig', rigs.value)
  const asked = ++looks
  const answer = await ask(`cycles?${query}`)
  if (!answer || asked !== looks) return
  seen = answer
  showFigures(answer.tally)
  showMargins()
  showCycles(answer.cycles)
  byId('cut').hidden = !answer.isCut
}

/** @param {Tally} tally */
function showFigures(tally) {
  const { outcomes, units, withoutDevice, passesPerHour, cycleTime, phases, reasons } = tally
  fillList('yield', [
    ['final yield', percent(part(tally.finalYield))],
    ['first pass', percent(part(tally.firstPassYield))],
    ['units', String(units)],
    ['passed an hour', passesPerHour === null ? '–' : passesPerHour.toFixed(1)],
    ['✓ passed', String(outcomes.pass)],
    ['✕ failed', String(outcomes.fail)],
    ['▲ errors', String(outcomes.error)],
    ['◆ time-outs', String(outcomes.timeout)],
    ['■ stopped', String(outcomes.aborted)],
    ['without a device', String(withoutDevice)],
  ])
  fill(
    '#reasons',
    reasons.map(({ reason, cause, cycles }) => [reason, cause, String(cycles)]),
    'none',
  )
  const whole = cycleTime ? [{ state: 'all of a cycle that passed', ...cycleTime }] : []
  fill(
    '#times',
    [...whole, ...phases].map(({ state, medianS, p95S, count }) => [
      ...[state, seconds(medianS), seconds(p95S), String(count)],
    ]),
    'none',
  )
}

/** @param {number | null} value a part of 1; in percent */
const part = (value) => (value === null ? null : 100 * value)

function showMargins() {
  if (!seen) return
  const margins = seen.cycles.flatMap(({ number, marginPct }) =>
    marginPct === null ? [] : [{ number, marginPct }],
  )
  const limited = seen.cycles.find(({ leastMarginPct }) => leastMarginPct !== null)
  drawMargins(chart, margins, limited?.leastMarginPct ?? null)
  byId('warnings').replaceChildren(
    ...seen.warnings.map((warning) => {
      const item = document.createElement('li')
      item.textContent = warning
      return item
    }),
  )
}

/** @param {CycleRow[]} cycles */
function showCycles(cycles) {
  const hadFocus = document.activeElement?.getAttribute('href')
  const rows = fill(
    '#cycles',
    cycles.map(
      ({
        id,
        number,
        startedAtMs,
        rig,
        deviceId,
        state,
        outcome,
        reason,
        marginPct,
        durationS,
      }) => {
        const link = document.createElement('a')
        link.href = `#${id}`
        link.textContent = String(number)
        const end = outcome
          ? [MARKS[outcome], reason].filter(Boolean).join(': ')
          : `goes on: ${state}`
        return [
          link,
          timeOf(startedAtMs),
          rig,
          deviceId ?? '–',
          end,
          percent(marginPct),
          seconds(durationS),
        ]
      },
    ),
    'none in that time',
  )
  for (const [n, row] of rows.entries()) {
    row.dataset['outcome'] = cycles[n]?.outcome ?? 'none'
    row.cells[4]?.classList.add('end')
  }
  markCurrent()
  for (const row of rows) {
    const link = find('a', HTMLAnchorElement, row)
    if (link.getAttribute('href') === hadFocus) link.focus()
  }
}

/** The link to the cycle that is looked at, if it is in the list. */
const chosenLink = () =>
  Array.from(
    document.querySelectorAll('#cycles a'),
    (link) => /** @type {HTMLAnchorElement} */ (link),
  ).find((link) => link.getAttribute('href') === location.hash)

function markCurrent() {
  const current = chosenLink()
  for (const row of find('#cycles tbody', HTMLTableSectionElement).rows) {
    row.setAttribute('aria-current', String(current !== undefined && row.contains(current)))
  }
}

let ended = ''
let isLooking = false

/** @param {import('./faces.js').Station} station */
function showStation({ station, rigs: known }) {
  show(byId('station'), station)
  document.title = `${station}: figures`
  const names = known.map(({ rig }) => rig)
  if (
    names.join('\n') !==
    Array.from(rigs.options, ({ value }) => value)
      .slice(1)
      .join('\n')
  ) {
    const { value } = rigs
    const options = names.map((name) => new Option(name, name))
    rigs.replaceChildren(new Option('all rigs', ''), ...options)
    rigs.value = names.includes(value) ? value : ''
  }
  const last = known.map(({ last }) => last?.cycleId).join()
  if (last === ended) return
  ended = last
  if (isLooking) return
  isLooking = true
  setTimeout(() => {
    isLooking = false
    void look()
  }, LOOK_MS)
}

follow(
  'snapshot',
  ({ snapshot }) => showStation(snapshot),
  (isReached) => {
    byId('link').classList.toggle('away', !isReached)
    show(byId('link'), isReached ? 'connected' : 'the station is not reached: trying again')
    if (isReached) void look()
  },
)
for (const select of [hours, rigs]) select.addEventListener('change', look)
byId('filter').addEventListener('submit', (event) => {
  event.preventDefault()
  void look()
})
byId('close').addEventListener('click', () => {
  const link = chosenLink()
  location.hash = ''
  link?.focus()
})
addEventListener('hashchange', () => {
  markCurrent()
  void showChosen()
})
const drawAgain = () => {
  showMargins()
  drawLight()
}
addEventListener('resize', drawAgain)
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawAgain)
void showChosen()
