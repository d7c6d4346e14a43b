import { byId, find, show } from './elements.js'
import { drawScope, LightHistory } from './scope.js'

/**
 * As the server tells them.
 *
 * @typedef {{ grade: 'good' | 'marginal' | 'bad' | null, title: string, text: string }} Verdict
 * @typedef {{ name: string, value: number | null, good: [number, number] | null, grade: Verdict['grade'], note: string | null }} Figure
 * @typedef {object} State
 * @property {{ state: 'opening' | 'ready' | 'lost' | 'closed', text: string, sampleRateHz: number | null }} rig
 * @property {'black' | 'grey' | 'white' | 'sending' | 'stopped'} activity
 * @property {number} progress
 * @property {Verdict} verdict
 * @property {{ level: number, low: number, high: number } | null} now
 * @property {Figure[]} figures
 * @property {number} gainOhm
 * @property {{ kind: string, text: string }} gain
 * @property {number} lostSamples
 * @typedef {object} Message
 * @property {number} id
 * @property {number} opening
 * @property {number} startS
 * @property {number} endS
 * @property {Verdict} verdict
 * @property {string | null} settings
 * @property {[string, string][]} rows
 */

const MARKS = { good: '✓ good', marginal: '! marginal', bad: '✕ bad' }
const MESSAGES_SHOWN = 20
/** A verdict that does not last so long is not announced. */
const LASTING_MS = 1500
/** Of the picture: it moves evenly so much behind the samples, which come in blocks. */
const BEHIND_S = 0.1
const CAUGHT_UP_S = 0.4
/** Around a message that is shown. */
const MARGIN_S = 0.3
/** Where motion is not wanted the picture is renewed so often. */
const STILL_MS = 1000

/** @param {string} id */
const input = (id) => find(`#${id}`, HTMLInputElement)

const canvas = find('#canvas', HTMLCanvasElement)
const span = find('#span', HTMLSelectElement)
const seconds = find('#seconds', HTMLSelectElement)
const holds = Array.from(document.querySelectorAll('[data-hold]'), (element) => {
  return /** @type {HTMLButtonElement} */ (element)
})
const stillness = matchMedia('(prefers-reduced-motion: reduce)')

const history = new LightHistory()
/** @type {State | null} */
let state = null
/** @type {Message[]} Newest first. */
let messages = []
/** @type {number | null} The message that is looked at. */
let selected = null
/** @typedef {{ endS: number, spanS: number | null, zeroS: number }} Frozen its span is the chosen one where it is null */
/** @type {Frozen | null} What is looked at; null for what is now. */
let frozen = null
let shownEndS = 0
let drawnMs = 0
let isStale = true

/** @param {string} text what went wrong; empty for nothing */
function showFault(text) {
  const fault = byId('fault')
  show(fault, text)
  fault.hidden = text === ''
}

// --- what the server does

/** @param {object} action */
async function act(action) {
  showFault('')
  try {
    const response = await fetch('do', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(action),
    })
    if (!response.ok) showFault((await response.json()).error)
  } catch {
    showFault('the command does not answer: it has ended, or the connection is lost')
  }
}

/** @param {string} level */
const hold = (level) => act({ do: 'hold', level })
const isSending = () => state?.activity === 'sending'
const sendOrEnd = () => (isSending() ? hold('black') : act({ do: 'send' }))
const stopOrStart = () => act({ do: state?.activity === 'stopped' ? 'start' : 'stop' })

const events = new EventSource('events')
events.addEventListener('open', () => {
  messages = [] // those that are known come anew
  showMessages()
})
events.addEventListener('error', () => {
  state = null
  byId('rig').dataset['state'] = 'lost'
  show(byId('rig'), 'no connection')
  showReady(false)
  showVerdict({
    grade: null,
    title: 'No connection',
    text: 'the command has ended, or does not answer: start it again, and open its new URL',
  })
})
events.addEventListener('state', ({ data }) => showState(JSON.parse(data)))
events.addEventListener('reception', ({ data }) => addMessage(JSON.parse(data)))
events.addEventListener('light', ({ data }) => {
  if (history.push(JSON.parse(data))) {
    shownEndS = history.newestS
    messages = messages.filter(({ opening }) => opening === history.opening)
    select(null)
    unfreeze()
  }
  isStale = true
})

// --- what there is to see

/** @param {State} newest */
function showState(newest) {
  state = newest
  const { rig, activity, progress, verdict, now, figures, gain, gainOhm, lostSamples } = newest
  const rate = rig.sampleRateHz === null ? '' : `, ${Math.round(rig.sampleRateHz)} samples a second`
  byId('rig').dataset['state'] = rig.state
  show(byId('rig'), rig.state === 'ready' ? `${rig.text}${rate}` : rig.text)
  showVerdict(verdict)
  show(
    byId('now'),
    now
      ? `${now.level.toFixed(3)} (${now.low.toFixed(3)} to ${now.high.toFixed(3)})`
      : 'no samples',
  )
  showReady(rig.state === 'ready')
  for (const button of holds) button.ariaPressed = String(activity === button.dataset['hold'])
  show(find('#send span', HTMLElement), isSending() ? 'End the message' : 'Send test message')
  show(find('#stop span', HTMLElement), activity === 'stopped' ? 'Start' : 'Stop')
  const bar = find('#progress', HTMLProgressElement)
  bar.value = progress
  bar.classList.toggle('idle', !isSending())
  showFigures(figures)
  if (document.activeElement !== input('ohm')) input('ohm').value = String(gainOhm)
  show(byId('gain-text'), gain.text)
  byId('gain-text').dataset['kind'] = gain.kind
  show(byId('lost'), `${lostSamples} samples were lost on the way`)
  byId('lost').hidden = lostSamples === 0
}

/** @param {boolean} isReady whether the rig can be told anything; buttons that cannot keep the focus */
function showReady(isReady) {
  for (const button of [...holds, byId('send'), byId('stop')]) {
    button.ariaDisabled = String(!isReady)
  }
}

/** @param {Figure[]} figures */
function showFigures(figures) {
  const body = find('#figures tbody', HTMLTableSectionElement)
  if (body.rows.length === 0) {
    for (const { name } of figures) {
      const row = body.insertRow()
      const head = document.createElement('th')
      head.scope = 'row'
      head.textContent = name
      row.append(head)
      for (let n = 0; n < 3; n++) row.insertCell()
    }
  }
  for (const [n, { value, good, grade, note }] of figures.entries()) {
    const row = /** @type {HTMLTableRowElement} */ (body.rows[n])
    row.dataset['grade'] = grade ?? 'none'
    const texts = [
      value === null ? '–' : value.toFixed(3),
      good ? rangeText(good) : '',
      [grade && MARKS[grade], note].filter(Boolean).join(': '),
    ]
    for (const [at, text] of texts.entries()) show(/** @type {Element} */ (row.cells[at + 1]), text)
  }
}

/** @param {[number, number]} range */
const rangeText = ([least, most]) =>
  least === 0 ? `below ${most}` : most === 1 ? `${least} or more` : `${least} to ${most}`

let verdictText = ''
/** @type {ReturnType<typeof setTimeout> | undefined} */
let announcing

/** @param {Verdict} verdict */
function showVerdict({ title, text, grade }) {
  show(byId('verdict-title'), title)
  show(byId('verdict-text'), text)
  byId('verdict').dataset['grade'] = grade ?? 'none'
  const told = `${title}: ${text}`
  if (told === verdictText) return
  verdictText = told
  clearTimeout(announcing)
  // By a timer: of a rig that is lost nothing more comes.
  announcing = setTimeout(() => show(byId('announcement'), told), LASTING_MS)
}

/** @param {Message} message */
function addMessage(message) {
  messages = [message, ...messages.filter(({ id }) => id !== message.id)].slice(0, MESSAGES_SHOWN)
  showMessages()
  if (!input('trigger').checked || (frozen && selected === null)) return
  look(message)
}

function showMessages() {
  byId('no-message').hidden = messages.length > 0
  byId('list').replaceChildren(
    ...messages.map((message) => {
      const { id, startS, verdict } = message
      const item = document.createElement('li')
      const button = document.createElement('button')
      button.type = 'button'
      button.dataset['grade'] = verdict.grade ?? 'none'
      button.textContent = `${id}. ${verdict.title}, at ${startS.toFixed(2)} s`
      button.ariaPressed = String(id === selected)
      button.addEventListener('click', () => {
        look(message)
        focusMessage(id)
      })
      button.dataset['id'] = String(id)
      item.append(button)
      return item
    }),
  )
}

/** @param {number} id */
function focusMessage(id) {
  const button = document.querySelector(`#list [data-id="${id}"]`)
  if (button instanceof HTMLElement) button.focus()
}

/** @param {Message} message */
function look({ id, opening, startS, endS }) {
  select(id)
  if (opening !== history.opening) return
  const spanS = endS - startS + 2 * MARGIN_S
  freeze({ endS: endS + MARGIN_S, spanS, zeroS: startS })
}

/** @param {number | null} id */
function select(id) {
  const isOther = selected !== id
  selected = id
  if (isOther) showMessages()
  const message = messages.find((one) => one.id === id)
  byId('detail').hidden = !message
  if (!message) return
  show(byId('detail-title'), `Message ${message.id}: ${message.verdict.title}`)
  show(byId('detail-text'), message.verdict.text)
  byId('detail-settings').hidden = message.settings === null
  show(find('#detail-settings code', HTMLElement), message.settings ?? '')
  find('#detail dl', HTMLElement).replaceChildren(
    ...message.rows.map(([label, text]) => {
      const row = document.createElement('div')
      const [term, meaning] = [document.createElement('dt'), document.createElement('dd')]
      term.textContent = label
      meaning.textContent = text
      row.append(term, meaning)
      return row
    }),
  )
}

// --- the picture

/** @param {Frozen} view */
function freeze(view) {
  frozen = view
  isStale = true
  showFrozen()
}

function unfreeze() {
  if (!frozen) return
  frozen = null
  isStale = true
  select(null)
  showFrozen()
}

function showFrozen() {
  byId('freeze').ariaPressed = String(frozen !== null)
  show(find('#freeze span', HTMLElement), frozen ? 'Back to now' : 'Freeze')
}

const freezeNow = () => freeze({ endS: shownEndS, spanS: null, zeroS: shownEndS })
const freezeOrNot = () => (frozen ? unfreeze() : freezeNow())

/** @returns {import('./scope.js').View} */
function currentView() {
  const spanS = frozen?.spanS ?? Number(span.value)
  return { endS: frozen?.endS ?? shownEndS, spanS, zeroS: frozen?.zeroS ?? shownEndS }
}

/** @param {number} part of what is shown; negative for earlier */
function move(part) {
  const { endS, spanS, zeroS } = currentView()
  const to = endS + part * spanS
  const earliestS = Math.min(history.oldestS + spanS, history.newestS)
  freeze({ endS: Math.min(Math.max(to, earliestS), history.newestS + spanS / 2), spanS, zeroS })
}

/** @param {1 | -1} steps less of the light, or more */
function zoom(steps) {
  if (frozen) {
    const { endS, spanS, zeroS } = currentView()
    const wanted = Math.min(60, Math.max(0.01, steps > 0 ? spanS / 2 : spanS * 2))
    freeze({ endS: endS - (spanS - wanted) / 2, spanS: wanted, zeroS })
    return
  }
  const at = span.selectedIndex - steps
  span.selectedIndex = Math.min(span.options.length - 1, Math.max(0, at))
  isStale = true
}

/** @param {number} nowMs */
function frame(nowMs) {
  requestAnimationFrame(frame)
  const passedS = (nowMs - drawnMs) / 1000
  if (stillness.matches && passedS * 1000 < STILL_MS) return
  if (!frozen) {
    const { newestS } = history
    const aimS = newestS - BEHIND_S
    const isFar = stillness.matches || Math.abs(aimS - shownEndS) > CAUGHT_UP_S
    const before = shownEndS
    shownEndS = isFar ? newestS : Math.min(newestS, shownEndS + passedS)
    isStale ||= before !== shownEndS
  }
  drawnMs = nowMs
  if (!isStale) return
  isStale = false
  drawScope(canvas, history, currentView())
}
requestAnimationFrame(frame)

// --- what is done with the page

/** @type {Record<string, () => void>} */
const SHORTCUTS = {
  b: () => hold('black'),
  g: () => hold('grey'),
  w: () => hold('white'),
  m: sendOrEnd,
  s: stopOrStart,
  f: freezeOrNot,
  t: () => input('trigger').click(),
  '+': () => zoom(1),
  '=': () => zoom(1),
  '-': () => zoom(-1),
}

document.addEventListener('keydown', (event) => {
  const { key, target, ctrlKey, altKey, metaKey } = event
  if (ctrlKey || altKey || metaKey || !input('shortcuts').checked) return
  const isTyping =
    target instanceof HTMLSelectElement ||
    (target instanceof HTMLInputElement && target.type === 'number')
  const shortcut = SHORTCUTS[key]
  if (isTyping || !shortcut) return
  event.preventDefault()
  shortcut()
})
canvas.addEventListener('keydown', (event) => {
  const part = { ArrowLeft: -0.1, ArrowRight: 0.1, PageUp: -0.9, PageDown: 0.9 }[event.key]
  if (part === undefined) return
  event.preventDefault()
  move(part)
})
canvas.addEventListener('pointerdown', (event) => canvas.setPointerCapture(event.pointerId))
canvas.addEventListener('pointermove', (event) => {
  if (event.buttons === 1 && event.movementX !== 0) move(-event.movementX / canvas.clientWidth)
})

/** Buttons that cannot do anything now keep the focus, and do nothing. */
const isDisabled = (/** @type {Element} */ button) => button.ariaDisabled === 'true'
for (const button of holds) {
  button.addEventListener('click', () => isDisabled(button) || hold(button.dataset['hold'] ?? ''))
}
byId('send').addEventListener('click', () => isDisabled(byId('send')) || sendOrEnd())
byId('stop').addEventListener('click', () => isDisabled(byId('stop')) || stopOrStart())
byId('freeze').addEventListener('click', freezeOrNot)
span.addEventListener('change', () => {
  if (frozen) frozen = { ...frozen, spanS: null }
  isStale = true
})
input('ohm').addEventListener('change', () => {
  const { valueAsNumber, validity } = input('ohm')
  if (validity.valid && valueAsNumber > 0) act({ do: 'gain', ohm: valueAsNumber })
})
seconds.addEventListener('change', () => {
  find('#capture', HTMLAnchorElement).href = `capture.csv?seconds=${seconds.value}`
})
addEventListener('resize', () => {
  isStale = true
})
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  isStale = true
})
showReady(false)
