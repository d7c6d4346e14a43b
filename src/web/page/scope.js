/**
 * Samples at equal times, of 16 bits.
 *
 * @typedef {object} Block
 * @property {number} startS
 * @property {number} stepS
 * @property {Uint16Array} levels
 */

/**
 * What is shown: so much until that time.
 *
 * @typedef {object} View
 * @property {number} endS
 * @property {number} spanS
 * @property {number} zeroS what the labels count from
 */

const FULL_SCALE = 65535
/** Of the light that is kept. */
const KEPT_S = 60
/** Two samples so many steps apart have something missing between them. */
const GAP_STEPS = 1.5
/** As in the limits of good light. */
const BANDS = { white: [0.3, 0.9], black: [0, 0.2], saturation: [0.93, 1] }
const ROOM = { left: 34, right: 8, top: 8, bottom: 22 }

/** The light of the last minute, of one opening of the rig. */
export class LightHistory {
  /** @type {Block[]} */
  #blocks = []
  #opening = 0

  /**
   * Takes the next samples.
   *
   * @param {{ opening: number, startS: number, stepS: number, levels: string }} light with samples in base64
   * @returns {boolean} whether all before was of another opening
   */
  push({ opening, startS, stepS, levels }) {
    const isOther = opening !== this.#opening
    if (isOther) this.#blocks = []
    this.#opening = opening
    const bytes = atob(levels)
    const samples = new Uint16Array(bytes.length / 2)
    for (let n = 0; n < samples.length; n++) {
      samples[n] = bytes.charCodeAt(2 * n) + 256 * bytes.charCodeAt(2 * n + 1)
    }
    this.#blocks.push({ startS, stepS, levels: samples })
    const kept = this.#blocks.findIndex((block) => block.startS > startS - KEPT_S)
    if (kept > 0) this.#blocks.splice(0, kept)
    return isOther
  }

  get opening() {
    return this.#opening
  }

  get oldestS() {
    return this.#blocks[0]?.startS ?? 0
  }

  get newestS() {
    const last = this.#blocks.at(-1)
    return last ? endOf(last) : 0
  }

  /** How many samples are kept. */
  get samples() {
    return this.#blocks.reduce((sum, { levels }) => sum + levels.length, 0)
  }

  /**
   * The blocks that have something of a stretch of time.
   *
   * @param {number} fromS
   * @param {number} toS
   */
  between(fromS, toS) {
    return this.#blocks.filter((block) => block.startS <= toS && endOf(block) >= fromS)
  }
}

/** @param {Block} block */
const endOf = ({ startS, stepS, levels }) => startS + stepS * (levels.length - 1)

/**
 * Draws light over time: each sample counts, as the least and the most of each column of pixels are drawn.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {LightHistory} history
 * @param {View} view
 */
export function drawScope(canvas, history, view) {
  const context = canvas.getContext('2d')
  if (!context) return
  const ratio = window.devicePixelRatio || 1
  const { clientWidth, clientHeight } = canvas
  const [width, height] = [Math.round(clientWidth * ratio), Math.round(clientHeight * ratio)]
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height })
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  context.clearRect(0, 0, clientWidth, clientHeight)
  const box = {
    x: ROOM.left,
    y: ROOM.top,
    width: clientWidth - ROOM.left - ROOM.right,
    height: clientHeight - ROOM.top - ROOM.bottom,
  }
  const style = getComputedStyle(canvas)
  /** @param {string} name */
  const colour = (name) => style.getPropertyValue(`--${name}`).trim()
  /** @param {number} level */
  const yOf = (level) => box.y + (1 - level) * box.height
  for (const [name, [least = 0, most = 1]] of Object.entries(BANDS)) {
    context.fillStyle = colour(`band-${name}`)
    context.fillRect(box.x, yOf(most), box.width, yOf(least) - yOf(most))
  }
  drawGrid(context, box, view, yOf, colour)
  context.save()
  context.beginPath()
  context.rect(box.x, box.y - 1, box.width, box.height + 2)
  context.clip()
  drawLight(context, box, history, view, yOf)
  context.strokeStyle = colour('trace')
  context.lineWidth = 1.5
  context.lineJoin = 'round'
  context.stroke()
  context.restore()
}

/**
 * @typedef {{ x: number, y: number, width: number, height: number }} Box
 * @typedef {(level: number) => number} YOf
 */

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Box} box
 * @param {View} view
 * @param {YOf} yOf
 * @param {(name: string) => string} colour
 */
function drawGrid(context, box, { endS, spanS, zeroS }, yOf, colour) {
  context.strokeStyle = colour('grid')
  context.fillStyle = colour('muted')
  context.font = '11px system-ui, sans-serif'
  context.lineWidth = 1
  context.textBaseline = 'middle'
  context.textAlign = 'right'
  for (const level of [0, 0.2, 0.4, 0.6, 0.8, 1]) {
    const y = Math.round(yOf(level)) + 0.5
    context.beginPath()
    context.moveTo(box.x, y)
    context.lineTo(box.x + box.width, y)
    context.stroke()
    context.fillText(level.toFixed(1), box.x - 6, y)
  }
  context.textBaseline = 'alphabetic'
  context.textAlign = 'center'
  const stepS = niceStep((spanS * 70) / box.width)
  const digits = Math.max(0, -Math.floor(Math.log10(stepS) + 1e-9))
  const startS = endS - spanS
  for (let n = Math.ceil((startS - zeroS) / stepS); zeroS + n * stepS <= endS; n++) {
    const x = Math.round(box.x + ((zeroS + n * stepS - startS) / spanS) * box.width) + 0.5
    context.beginPath()
    context.moveTo(x, box.y)
    context.lineTo(x, box.y + box.height)
    context.stroke()
    const isAtEnd = x > box.x + box.width - 16
    const label = n === 0 ? '0 s' : `${n < 0 ? '−' : ''}${Math.abs(n * stepS).toFixed(digits)} s`
    context.textAlign = isAtEnd ? 'right' : 'center'
    context.fillText(label, isAtEnd ? box.x + box.width : x, box.y + box.height + 15)
  }
}

/**
 * One, two or five times a power of ten.
 *
 * @param {number} least
 */
function niceStep(least) {
  const power = 10 ** Math.floor(Math.log10(least))
  return power * ([1, 2, 5].find((step) => step * power >= least) ?? 10)
}

/**
 * Makes the path of the light.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Box} box
 * @param {LightHistory} history
 * @param {View} view
 * @param {YOf} yOf
 */
function drawLight(context, box, history, { endS, spanS }, yOf) {
  const startS = endS - spanS
  const scale = box.width / spanS
  let column = Number.NaN
  let [first, least, most, last] = [0, 0, 0, 0]
  let isBegun = false
  const flush = () => {
    if (Number.isNaN(column)) return
    const x = box.x + column + 0.5
    if (isBegun) context.lineTo(x, yOf(first / FULL_SCALE))
    else context.moveTo(x, yOf(first / FULL_SCALE))
    context.lineTo(x, yOf(least / FULL_SCALE))
    context.lineTo(x, yOf(most / FULL_SCALE))
    context.lineTo(x, yOf(last / FULL_SCALE))
    isBegun = true
  }
  context.beginPath()
  let before = Number.NaN
  for (const block of history.between(startS, endS)) {
    const { levels, stepS } = block
    if (block.startS - before > GAP_STEPS * stepS) {
      flush()
      column = Number.NaN
      isBegun = false
    }
    before = endOf(block)
    // One beyond each edge, so that the line goes on to it.
    const from = Math.max(0, Math.floor((startS - block.startS) / stepS))
    const to = Math.min(levels.length, Math.ceil((endS - block.startS) / stepS) + 1)
    for (let n = from; n < to; n++) {
      const level = /** @type {number} */ (levels[n])
      const at = Math.floor((block.startS + n * stepS - startS) * scale)
      if (at !== column) {
        flush()
        column = at
        first = least = most = level
      } else if (level < least) least = level
      else if (level > most) most = level
      last = level
    }
  }
  flush()
}
