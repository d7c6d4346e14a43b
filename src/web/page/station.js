import { byId, find, show } from './elements.js'
import { clockOf, faceOf, OUTCOMES, STEPS, setShape, shapeOf, WORDS } from './faces.js'
import { act, follow } from './live.js'

/**
 * @typedef {import('./faces.js').Rig} Rig
 * @typedef {import('./faces.js').Station} Station
 */

/** A second press within this time cancels. */
const SURE_MS = 4000
/** A sentence of more characters is shown smaller. */
const LONG = 64
/** What went wrong is shown for so long. */
const FAULT_MS = 8000

const main = byId('rigs')
const template = find('#tile', HTMLTemplateElement)
const shortcuts = find('#shortcuts', HTMLInputElement)

/** @type {Station | null} What was told last. */
let station = null
let isReached = false
/** By how much the station's clock is ahead of this one. */
let aheadMs = 0
/** @type {Tile[]} */
let tiles = []

/** What there is of one rig on the page. */
class Tile {
  /** @type {Rig} */
  #rig
  #face = ''
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #unsure

  /**
   * @param {Rig} rig
   * @param {number} index
   */
  constructor(rig, index) {
    this.#rig = rig
    const copy = /** @type {DocumentFragment} */ (template.content.cloneNode(true))
    this.element = find('.tile', HTMLElement, copy)
    this.name = rig.rig
    const heading = document.createElement('h2')
    heading.id = `rig-${index}`
    heading.textContent = rig.rig
    this.#find('.head').prepend(heading)
    this.element.setAttribute('aria-labelledby', heading.id)
    this.#find('.face').prepend(shapeOf('away'))
    this.#find('.steps').append(...STEPS.map(() => document.createElement('i')))
    this.#find('.counts').append(
      ...OUTCOMES.map((outcome) => {
        const count = document.createElement('div')
        count.dataset['outcome'] = outcome
        const [term, value] = [document.createElement('dt'), document.createElement('dd')]
        term.append(shapeOf(outcome), unseen(WORDS[outcome]))
        count.append(term, value)
        return count
      }),
    )
    const start = this.#find('.start')
    start.setAttribute('aria-label', `Start ${rig.rig}`)
    start.addEventListener('click', () => this.start())
    const key = this.#find('kbd')
    if (index < 9) {
      key.textContent = String(index + 1)
      start.setAttribute('aria-keyshortcuts', String(index + 1))
    } else key.remove()
    this.#find('.cancel').addEventListener('click', () => this.#cancel())
    const reprint = this.#find('.reprint')
    reprint.setAttribute('aria-label', `Reprint the last label of ${rig.rig}`)
    reprint.addEventListener('click', () => this.#reprint())
    this.#showSure(false)
  }

  /** @param {string} selector */
  #find(selector) {
    return find(selector, HTMLElement, this.element)
  }

  /**
   * @param {Rig} rig
   * @returns {string} what is to be announced; empty for nothing
   */
  show(rig) {
    this.#rig = rig
    const told = isReached
      ? faceOf(rig)
      : { face: /** @type {const} */ ('away'), step: -1, text: 'No connection' }
    const { face, step, text } = told
    this.element.dataset['face'] = face
    setShape(find('.face > svg', SVGElement, this.element), face)
    show(this.#find('.word'), WORDS[face])
    show(this.#find('.text'), text)
    const instruction = isReached
      ? rig.instruction
      : 'Do not remove the unit: its state is not known.'
    show(this.#find('.instruction'), instruction)
    this.#find('.instruction').classList.toggle('long', instruction.length > LONG)
    this.#find('.steps').hidden = step < 0
    for (const [n, mark] of [...this.#find('.steps').children].entries()) {
      mark.classList.toggle('done', n <= step)
    }
    const isBusy = step >= 0
    this.#enable('.start', isReached && rig.activity.state === 'waiting')
    this.#enable('.cancel', isReached && isBusy)
    this.#find('.reprint').hidden = rig.labels === null
    this.#enable('.reprint', isReached && rig.labels?.last?.state !== 'printing')
    if (!isBusy) this.#showSure(false)
    for (const count of this.#find('.counts').children) {
      const outcome = /** @type {HTMLElement} */ (count).dataset['outcome']
      const value = rig.counts[/** @type {keyof Rig['counts']} */ (outcome)]
      show(find('dd', HTMLElement, count), String(value))
    }
    this.#showRecent(rig)
    this.tick()
    const before = this.#face
    this.#face = `${face} ${rig.last?.cycleId}`
    return before === this.#face ? '' : `${rig.rig}: ${WORDS[face]}. ${instruction}`
  }

  /** @param {Rig} rig */
  #showRecent({ recent }) {
    const list = this.#find('.recent')
    const key = recent.map(({ cycleId }) => cycleId).join()
    if (list.dataset['key'] === key) return
    list.dataset['key'] = key
    list.replaceChildren(
      ...recent.map(({ number, end, endedAtMs }) => {
        const item = document.createElement('li')
        item.dataset['outcome'] = end.outcome
        const atTime = new Date(endedAtMs).toLocaleTimeString()
        const text = `unit ${number}: ${WORDS[end.outcome]}, ${atTime}`
        item.title = text
        item.append(shapeOf(end.outcome), unseen(text))
        return item
      }),
    )
  }

  /** Shows for how long it has been so. */
  tick() {
    const passedS = (Date.now() + aheadMs - this.#rig.sinceMs) / 1000
    show(this.#find('time'), isReached ? clockOf(passedS) : '')
  }

  /**
   * Buttons that cannot do anything now keep the focus, and do nothing.
   *
   * @param {string} selector
   * @param {boolean} is
   */
  #enable(selector, is) {
    this.#find(selector).ariaDisabled = String(!is)
  }

  async start() {
    if (this.#find('.start').ariaDisabled === 'true') return
    showFault(await act({ do: 'trigger', rig: this.name }))
  }

  async #reprint() {
    if (this.#find('.reprint').ariaDisabled === 'true') return
    showFault(await act({ do: 'reprint', rig: this.name }))
  }

  async #cancel() {
    if (this.#find('.cancel').ariaDisabled === 'true') return
    if (!this.#unsure) return this.#showSure(true)
    this.#showSure(false)
    showFault(await act({ do: 'cancel', rig: this.name }))
  }

  /** @param {boolean} isAsked whether one more press cancels */
  #showSure(isAsked) {
    clearTimeout(this.#unsure)
    this.#unsure = isAsked ? setTimeout(() => this.#showSure(false), SURE_MS) : undefined
    const cancel = this.#find('.cancel')
    cancel.classList.toggle('sure', isAsked)
    show(cancel, isAsked ? 'Cancel: sure?' : 'Cancel')
    cancel.setAttribute('aria-label', `${cancel.textContent} ${this.name}`)
  }
}

/** @param {string} text */
function unseen(text) {
  const span = document.createElement('span')
  span.className = 'unseen'
  span.textContent = text
  return span
}

/** @type {ReturnType<typeof setTimeout> | undefined} */
let fading

/** @param {string} text what went wrong; empty for nothing */
function showFault(text) {
  clearTimeout(fading)
  show(byId('fault'), text)
  byId('fault').hidden = text === ''
  if (text) fading = setTimeout(() => showFault(''), FAULT_MS)
}

function showAll() {
  if (!station) return
  const { rigs } = station
  show(byId('station'), station.station)
  document.title = station.station
  if (rigs.map(({ rig }) => rig).join('\n') !== tiles.map(({ name }) => name).join('\n')) {
    tiles = rigs.map((rig, index) => new Tile(rig, index))
    main.replaceChildren(...tiles.map(({ element }) => element))
    main.dataset['rigs'] = String(rigs.length)
  }
  const told = tiles.map((tile, index) => tile.show(/** @type {Rig} */ (rigs[index])))
  const text = told.filter(Boolean).join(' ')
  if (text) show(byId('announcement'), text)
}

/** @param {boolean} is */
function showReached(is) {
  isReached = is
  const link = byId('link')
  link.hidden = is
  const since = new Date().toLocaleTimeString()
  show(link, is ? '' : `The station is not reached since ${since}: trying again.`)
  showAll()
}

follow(
  'snapshot',
  ({ nowMs, snapshot }) => {
    aheadMs = nowMs - Date.now()
    station = snapshot
    if (isReached) showAll()
  },
  showReached,
)
setInterval(() => {
  for (const tile of tiles) tile.tick()
}, 1000)

document.addEventListener('keydown', ({ key, ctrlKey, altKey, metaKey, repeat }) => {
  if (ctrlKey || altKey || metaKey || repeat || !shortcuts.checked) return
  if (/^[1-9]$/.test(key)) void tiles[Number(key) - 1]?.start()
})
// A screen of the station itself must not sleep; on others, browsers do not let a page without encryption keep it awake.
const wake = () => navigator.wakeLock?.request('screen').catch(() => {})
document.addEventListener(
  'visibilitychange',
  () => document.visibilityState === 'visible' && wake(),
)
void wake()
showReached(false)
