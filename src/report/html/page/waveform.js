// Draws the waveform of the page: samples, and under them the bits, bytes and fields of each message.

/**
 * @typedef {{ name: string, start: number, end: number, text: string }} Field
 * @typedef {{ startS: number, symbolRateHz: number, verdict: 'pass' | 'fail', hex: string[], fields: Field[] }} MessageData
 * @typedef {{ count: number, startS: number, stepS: number, levelStep: number, data: string, messages: MessageData[] }} Data
 * @typedef {MessageData & { bytes: Uint8Array, endS: number }} Message
 * @typedef {{ size: number, least: Float32Array, most: Float32Array }} Blocks
 */

const SYMBOLS_PER_BYTE = 16
const LEFT = 48
const RIGHT = 10
const TOP = 8
const BELOW = 26
const LANES = /** @type {const} */ ({ bits: 18, bytes: 20, fields: 24 })
const LANE_GAP = 3
const LANES_HEIGHT = LANES.bits + LANES.bytes + LANES.fields + 3 * LANE_GAP
const LEAST_SAMPLES_SHOWN = 4

const canvas = /** @type {HTMLCanvasElement} */ (document.getElementById('waveform'))
const range = /** @type {HTMLElement} */ (document.getElementById('waveform-range'))
const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'))

try {
  show(await unpack(JSON.parse(document.getElementById('waveform-data')?.textContent ?? '')))
} catch (error) {
  range.textContent = `This browser cannot show the waveform: ${error}`
}

/**
 * Samples and messages, as they were packed.
 *
 * @param {Data} data
 */
async function unpack({ count, startS, stepS, levelStep, data, messages }) {
  const text = atob(data)
  const packed = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) packed[i] = text.charCodeAt(i)
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate'))
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer())
  const timesS = new Float64Array(count)
  const levels = new Float32Array(count)
  for (let i = 0, time = 0, period = 0, level = 0; i < count; i++) {
    period += number(i)
    time += period
    level += number(4 * count + i)
    timesS[i] = startS + time * stepS
    levels[i] = level * levelStep
  }
  let at = 8 * count
  return {
    timesS,
    levels,
    messages: messages.map((message) => {
      const own = bytes.subarray(at, at + message.hex.length)
      at += message.hex.length
      const endS = message.startS + (own.length * SYMBOLS_PER_BYTE) / message.symbolRateHz
      return { ...message, bytes: own, endS }
    }),
  }

  /** @param {number} first place of its least byte */
  function number(first) {
    const zigzag =
      bytes[first] |
      (bytes[first + count] << 8) |
      (bytes[first + 2 * count] << 16) |
      (bytes[first + 3 * count] << 24)
    return (zigzag >>> 1) ^ -(zigzag & 1)
  }
}

/**
 * The least and the most of each so many levels, ever coarser.
 *
 * @param {Float32Array} levels
 * @returns {Blocks[]}
 */
function pyramid(levels) {
  const blocks = [{ size: 1, least: levels, most: levels }]
  for (let below = blocks[0]; below.least.length > 2; below = blocks[blocks.length - 1]) {
    const factor = below.size === 1 ? 8 : 2
    const length = Math.ceil(below.least.length / factor)
    const [least, most] = [new Float32Array(length), new Float32Array(length)]
    for (let i = 0; i < length; i++) {
      let [low, high] = [Infinity, -Infinity]
      for (let k = i * factor; k < Math.min((i + 1) * factor, below.least.length); k++) {
        low = Math.min(low, below.least[k])
        high = Math.max(high, below.most[k])
      }
      least[i] = low
      most[i] = high
    }
    blocks.push({ size: below.size * factor, least, most })
  }
  return blocks
}

/** @param {{ timesS: Float64Array, levels: Float32Array, messages: Message[] }} waveform */
function show({ timesS, levels, messages }) {
  const blocks = pyramid(levels)
  const firstS = timesS[0]
  const lastS = Math.max(timesS[timesS.length - 1], firstS + 1e-3)
  const periodS = (lastS - firstS) / timesS.length
  const coarsest = blocks[blocks.length - 1]
  const lowest = Math.min(...coarsest.least)
  const room = 0.06 * Math.max(Math.max(...coarsest.most) - lowest, 0.01)
  const bottom = lowest - room
  const top = Math.max(...coarsest.most) + room

  let fromS = firstS
  let toS = lastS
  /** @type {{ startX: number, x: number } | null} */
  let drag = null
  let isDrawing = false
  let [width, height] = [0, 0]
  let colours = coloursOf(canvas)

  /** @param {number} timeS */
  const atX = (timeS) => LEFT + ((timeS - fromS) / (toS - fromS)) * (width - LEFT - RIGHT)
  /** @param {number} x */
  const timeAt = (x) => fromS + ((x - LEFT) / (width - LEFT - RIGHT)) * (toS - fromS)
  const plotBottom = () => height - LANES_HEIGHT - BELOW
  /** @param {number} level */
  const atY = (level) => TOP + ((top - level) / (top - bottom)) * (plotBottom() - TOP)

  /**
   * Shows a stretch, as far as there is one.
   *
   * @param {number} startS
   * @param {number} endS
   */
  function zoom(startS, endS) {
    const least = Math.min(LEAST_SAMPLES_SHOWN * periodS, lastS - firstS)
    const span = Math.min(Math.max(endS - startS, least), lastS - firstS)
    const middle = (startS + endS) / 2
    fromS = Math.min(Math.max(middle - span / 2, firstS), lastS - span)
    toS = fromS + span
    canvas.dataset.fromS = `${fromS}`
    canvas.dataset.toS = `${toS}`
    const digits = decimals(span / 100)
    const long = span >= 1 ? `${span.toFixed(2)} s` : `${(1000 * span).toFixed(2)} ms`
    range.textContent = `${fromS.toFixed(digits)} s to ${toS.toFixed(digits)} s: ${long}`
    soon()
  }

  function soon() {
    if (isDrawing) return
    isDrawing = true
    requestAnimationFrame(() => {
      isDrawing = false
      draw()
    })
  }

  function draw() {
    const ratio = window.devicePixelRatio
    ;[width, height] = [canvas.clientWidth, canvas.clientHeight]
    const [wide, tall] = [Math.round(width * ratio), Math.round(height * ratio)]
    // Setting its size makes a new one, which takes longer than to clear it.
    if (canvas.width !== wide || canvas.height !== tall) {
      canvas.width = wide
      canvas.height = tall
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0)
    context.clearRect(0, 0, width, height)
    colours = coloursOf(canvas)
    context.font = '12px system-ui, sans-serif'
    context.textBaseline = 'middle'
    drawAxes()
    drawSamples()
    drawLanes()
    if (drag) {
      context.globalAlpha = 0.2
      context.fillStyle = colours['series-1']
      context.fillRect(drag.startX, TOP, drag.x - drag.startX, plotBottom() - TOP)
      context.globalAlpha = 1
    }
  }

  function drawAxes() {
    const [ink, line] = [colours.muted, colours.line]
    context.strokeStyle = line
    context.fillStyle = ink
    context.lineWidth = 1
    context.textAlign = 'right'
    for (const { at, text } of ticks(bottom, top, 5)) {
      const y = Math.round(atY(at)) + 0.5
      lineFromTo(LEFT, y, width - RIGHT, y)
      context.fillText(text, LEFT - 6, y)
    }
    const below = plotBottom()
    const times = ticks(fromS, toS, Math.max(2, Math.floor(width / 100)))
    for (const [i, { at, text }] of times.entries()) {
      const x = Math.round(atX(at)) + 0.5
      lineFromTo(x, TOP, x, below + 4)
      const half = context.measureText(`${text} s`).width / 2
      context.textAlign = 'center'
      const place = Math.min(Math.max(x, half + 2), width - half - 2)
      context.fillText(i === times.length - 1 ? `${text} s` : text, place, below + 13)
    }
  }

  /**
   * @param {number} x1
   * @param {number} y1
   * @param {number} x2
   * @param {number} y2
   */
  function lineFromTo(x1, y1, x2, y2) {
    context.beginPath()
    context.moveTo(x1, y1)
    context.lineTo(x2, y2)
    context.stroke()
  }

  function drawSamples() {
    const start = Math.max(0, placeOf(fromS) - 1)
    const end = Math.min(timesS.length, placeOf(toS) + 1)
    const wanted = (end - start) / (width - LEFT - RIGHT)
    const { size, least, most } = blocks.findLast((block) => block.size <= wanted) ?? blocks[0]
    context.save()
    context.beginPath()
    context.rect(LEFT, 0, width - LEFT - RIGHT, plotBottom() + 1)
    context.clip()
    context.strokeStyle = colours['series-1']
    context.lineWidth = size > 1 ? 1 : 1.5
    context.lineJoin = 'bevel' // a miter would be a peak that is not there
    context.beginPath()
    let beforeS = -Infinity
    for (let block = Math.floor(start / size); block * size < end; block++) {
      const timeS = timesS[block * size]
      const x = atX(timeS)
      const low = atY(least[block])
      // A gap in the samples is one in the line.
      if (timeS - beforeS > 3 * size * periodS) context.moveTo(x, low)
      else context.lineTo(x, low)
      if (size > 1) context.lineTo(x, atY(most[block]))
      beforeS = timeS
    }
    context.stroke()
    const pixelsASample = ((width - LEFT - RIGHT) * periodS) / (toS - fromS)
    if (size === 1 && pixelsASample > 6) {
      context.fillStyle = colours['series-1']
      for (let i = start; i < end; i++) {
        const [x, y] = [atX(timesS[i]), atY(levels[i])]
        context.fillRect(x - 2, y - 2, 4, 4)
      }
    }
    context.restore()
  }

  /**
   * Index of the first sample at or after a time.
   *
   * @param {number} timeS
   */
  function placeOf(timeS) {
    let [low, high] = [0, timesS.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (timesS[middle] < timeS) low = middle + 1
      else high = middle
    }
    return low
  }

  function drawLanes() {
    const bitsY = plotBottom() + BELOW
    const bytesY = bitsY + LANES.bits + LANE_GAP
    const fieldsY = bytesY + LANES.bytes + LANE_GAP
    context.fillStyle = colours.muted
    context.textAlign = 'right'
    context.fillText('bits', LEFT - 6, bitsY + LANES.bits / 2)
    context.fillText('bytes', LEFT - 6, bytesY + LANES.bytes / 2)
    context.fillText('fields', LEFT - 6, fieldsY + LANES.fields / 2)
    context.save()
    context.beginPath()
    context.rect(LEFT, 0, width - LEFT - RIGHT, height)
    context.clip()
    context.textAlign = 'center'
    for (const message of messages) {
      if (message.endS < fromS || message.startS > toS) continue
      drawMessage(message, bitsY, bytesY, fieldsY)
    }
    context.restore()
  }

  /**
   * @param {Message} message
   * @param {number} bitsY
   * @param {number} bytesY
   * @param {number} fieldsY
   */
  function drawMessage(
    { startS, symbolRateHz, verdict, bytes, hex, fields },
    bitsY,
    bytesY,
    fieldsY,
  ) {
    const ink = colours[verdict]
    const back = colours[verdict === 'fail' ? 'fail-back' : 'raised']
    const byteS = SYMBOLS_PER_BYTE / symbolRateHz
    // A bit begins with its black symbol, one before the edge that tells its time.
    const beginS = startS - 1 / symbolRateHz
    const bytePx = atX(beginS + byteS) - atX(beginS)
    /** @param {number} byte */
    const byteX = (byte) => atX(beginS + byte * byteS)
    if (byteX(bytes.length) - byteX(0) < 3) {
      context.fillStyle = ink
      context.fillRect(byteX(0), bitsY, 1, fieldsY + LANES.fields - bitsY)
      return
    }
    const firstByte = Math.max(0, Math.floor((fromS - beginS) / byteS))
    const lastByte = Math.min(bytes.length, Math.ceil((toS - beginS) / byteS))
    for (const { name, text, start, end } of fields) {
      const label = text ? `${name}: ${text}` : name
      cell(
        byteX(start),
        byteX(end),
        fieldsY,
        LANES.fields,
        verdict === 'fail' ? `✗ ${label}` : label,
      )
    }
    if (bytePx < 4) {
      cell(byteX(0), byteX(bytes.length), bytesY, LANES.bytes, '')
      cell(byteX(0), byteX(bytes.length), bitsY, LANES.bits, '')
      return
    }
    for (let byte = firstByte; byte < lastByte; byte++) {
      const label = bytePx > 22 ? hex[byte] : ''
      cell(byteX(byte), byteX(byte + 1), bytesY, LANES.bytes, label)
      if (bytePx < 56) {
        cell(byteX(byte), byteX(byte + 1), bitsY, LANES.bits, '')
        continue
      }
      for (let bit = 0; bit < 8; bit++) {
        const value = (bytes[byte] >> (7 - bit)) & 1
        cell(byteX(byte + bit / 8), byteX(byte + (bit + 1) / 8), bitsY, LANES.bits, `${value}`)
      }
    }

    /**
     * A box with as much of its text as fits into what is seen of it.
     *
     * @param {number} x
     * @param {number} endX
     * @param {number} y
     * @param {number} tall
     * @param {string} label
     */
    function cell(x, endX, y, tall, label) {
      const left = Math.max(x, LEFT - 1)
      const right = Math.min(endX, width - RIGHT + 1)
      if (right < left) return
      context.fillStyle = back
      context.fillRect(left, y, Math.max(1, right - left), tall)
      context.strokeStyle = ink
      context.lineWidth = 1
      context.globalAlpha = 0.6
      if (right - left > 2) context.strokeRect(left + 0.5, y + 0.5, right - left - 1, tall - 1)
      context.globalAlpha = 1
      const shown = fitting(label, right - left - 5)
      context.fillStyle = colours.ink
      if (shown) context.fillText(shown, (left + right) / 2, y + tall / 2 + 1)
    }
  }

  /**
   * A text, or its beginning, that is no wider.
   *
   * @param {string} text
   * @param {number} most
   */
  function fitting(text, most) {
    if (most < 6 || text === '') return ''
    const wide = context.measureText(text).width
    if (wide <= most) return text
    const letters = Math.floor((text.length * most) / wide) - 1
    return letters > 1 ? `${text.slice(0, letters)}…` : ''
  }

  /** @param {number} direction */
  function goToMessage(direction) {
    const middle = (fromS + toS) / 2
    const of = direction > 0 ? messages : messages.toReversed()
    const isAll = toS - fromS >= lastS - firstS
    const next = of.find(({ startS, endS }) =>
      isAll ? true : direction * ((startS + endS) / 2 - middle) > (endS - startS) / 100,
    )
    if (!next) return
    const around = 0.04 * (next.endS - next.startS)
    zoom(next.startS - around, next.endS + around)
  }

  /** @type {Readonly<Record<string, () => void>>} */
  const keys = {
    Home: () => zoom(firstS, lastS),
    '+': () => zoom(fromS + (toS - fromS) / 4, toS - (toS - fromS) / 4),
    '-': () => zoom(fromS - (toS - fromS) / 2, toS + (toS - fromS) / 2),
    ArrowLeft: () => zoom(fromS - 0.2 * (toS - fromS), toS - 0.2 * (toS - fromS)),
    ArrowRight: () => zoom(fromS + 0.2 * (toS - fromS), toS + 0.2 * (toS - fromS)),
    PageUp: () => goToMessage(-1),
    PageDown: () => goToMessage(1),
    Escape: () => {
      drag = null
      soon()
    },
  }

  canvas.addEventListener('keydown', (event) => {
    const act = keys[event.key === '=' ? '+' : event.key]
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    act()
  })
  for (const button of document.querySelectorAll('button[data-key]')) {
    const key = /** @type {HTMLElement} */ (button).dataset.key ?? ''
    button.addEventListener('click', () => keys[key]?.())
  }
  /** @param {PointerEvent} event */
  const xOf = (event) => Math.min(Math.max(event.offsetX, LEFT), width - RIGHT)
  canvas.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return
    drag = { startX: xOf(event), x: xOf(event) }
    canvas.setPointerCapture(event.pointerId)
  })
  canvas.addEventListener('pointermove', (event) => {
    if (!drag) return
    drag.x = xOf(event)
    soon()
  })
  canvas.addEventListener('pointerup', () => {
    if (!drag) return
    const [left, right] = [drag.startX, drag.x].sort((a, b) => a - b)
    drag = null
    if (right - left > 4) {
      zoom(timeAt(left), timeAt(right))
    } else soon()
  })
  canvas.addEventListener('pointercancel', () => keys['Escape']?.())
  canvas.addEventListener('dblclick', () => keys['Home']?.())

  new ResizeObserver(soon).observe(canvas)
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', soon)
  // On paper ink is dark; there is no frame to wait for.
  window.addEventListener('beforeprint', () => {
    document.documentElement.dataset.print = ''
    draw()
  })
  window.addEventListener('afterprint', () => {
    delete document.documentElement.dataset.print
    draw()
  })
  zoom(firstS, lastS)
}

/**
 * The page's colours as they are now, of which some are dark and some are for paper.
 *
 * @param {Element} element
 */
function coloursOf(element) {
  const style = getComputedStyle(element)
  /** @param {string} name */
  const of = (name) => style.getPropertyValue(`--${name}`)
  return {
    ink: of('ink'),
    muted: of('muted'),
    line: of('line'),
    raised: of('raised'),
    pass: of('pass'),
    fail: of('fail'),
    'fail-back': of('fail-back'),
    'series-1': of('series-1'),
  }
}

/**
 * Round numbers of a range, about so many.
 *
 * @param {number} least
 * @param {number} most
 * @param {number} wanted
 */
function ticks(least, most, wanted) {
  const rough = (most - least) / wanted
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = ([1, 2, 5].find((times) => times * power >= rough) ?? 10) * power
  const digits = decimals(step)
  const first = Math.ceil(least / step)
  const last = Math.floor(most / step)
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => {
    const at = (first + i) * step
    return { at, text: at.toFixed(digits) }
  })
}

/**
 * Decimals that a number of this size is told with.
 *
 * @param {number} size
 */
function decimals(size) {
  return Math.min(9, Math.max(0, -Math.floor(Math.log10(size) + 1e-9)))
}
