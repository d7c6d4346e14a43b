const SVG = 'http://www.w3.org/2000/svg'
const ROOM = { left: 48, right: 10, top: 10, bottom: 20 }

/**
 * @param {string} name
 * @param {Record<string, string | number>} attributes
 * @param {string} text
 */
function part(name, attributes, text = '') {
  const element = document.createElementNS(SVG, name)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value))
  element.textContent = text
  return element
}

/**
 * Draws margins in percent, each as a point: a ring where it is below the least that there may be.
 *
 * @param {Element} svg
 * @param {{ number: number, marginPct: number }[]} margins the newest first
 * @param {number | null} leastPct
 */
export function drawMargins(svg, margins, leastPct) {
  const { clientWidth: width, clientHeight: height } = svg
  const [innerWidth, innerHeight] = [
    width - ROOM.left - ROOM.right,
    height - ROOM.top - ROOM.bottom,
  ]
  svg.setAttribute('viewBox', `0 0 ${width} ${height}`)
  /** @param {number} pct */
  const yOf = (pct) => ROOM.top + (1 - Math.min(100, Math.max(0, pct)) / 100) * innerHeight
  const { length } = margins
  /** @param {number} n */
  const xOf = (n) => ROOM.left + (1 - (n + 0.5) / length) * innerWidth
  /** @param {number} pct @param {string} name */
  const line = (pct, name) =>
    part('line', { class: name, x1: ROOM.left, x2: width - ROOM.right, y1: yOf(pct), y2: yOf(pct) })
  const marks = margins.map(({ marginPct }, n) => {
    const isBad = leastPct !== null && marginPct < leastPct
    const at = { cx: xOf(n), cy: yOf(marginPct) }
    return part('circle', { class: isBad ? 'bad' : 'good', r: isBad ? 4 : 3, ...at })
  })
  const scale = [0, 25, 50, 75, 100].flatMap((pct) => [
    line(pct, 'grid'),
    part('text', { x: ROOM.left - 6, y: yOf(pct) + 4, 'text-anchor': 'end' }, `${pct} %`),
  ])
  const y = height - 4
  const ends = length
    ? [
        part('text', { x: ROOM.left, y }, `cycle ${margins[length - 1]?.number}`),
        part(
          'text',
          { x: width - ROOM.right, y, 'text-anchor': 'end' },
          `cycle ${margins[0]?.number}`,
        ),
      ]
    : []
  svg.replaceChildren(
    ...scale,
    ...(leastPct === null ? [] : [line(leastPct, 'limit')]),
    ...marks,
    ...ends,
  )
  const values = margins.map(({ marginPct }) => marginPct)
  const limit = leastPct === null ? '' : `, at least ${leastPct} % wanted`
  svg.ariaLabel = length
    ? `Margins of ${length} cycles, from ${Math.min(...values).toFixed(0)} to ${Math.max(...values).toFixed(0)} %${limit}`
    : 'No margins'
}
