import { byId, find } from './elements.js'

/** @typedef {(string | Node)[]} Cells */

/**
 * @param {string} selector of the table
 * @param {Cells[]} rows the first cell of each is its head
 * @param {string} none what is said where there are none
 * @returns {HTMLTableRowElement[]}
 */
export function fill(selector, rows, none) {
  const body = find(`${selector} tbody`, HTMLTableSectionElement)
  const columns = find(`${selector} thead tr`, HTMLTableRowElement).cells.length
  const made = rows.map((cells) => {
    const row = document.createElement('tr')
    row.append(
      ...cells.map((content, n) => {
        const cell = document.createElement(n === 0 ? 'th' : 'td')
        if (n === 0) cell.scope = 'row'
        cell.append(content)
        return cell
      }),
    )
    return row
  })
  const empty = document.createElement('tr')
  empty.insertCell().append(none)
  if (empty.cells[0]) empty.cells[0].colSpan = columns
  body.replaceChildren(...(made.length > 0 ? made : [empty]))
  return made
}

/**
 * @param {string} id of the list
 * @param {[label: string, text: string | null][]} rows those without a text are left out
 */
export function fillList(id, rows) {
  byId(id).replaceChildren(
    ...rows.flatMap(([label, text]) => {
      if (text === null) return []
      const row = document.createElement('div')
      const [term, value] = [document.createElement('dt'), document.createElement('dd')]
      term.textContent = label
      value.textContent = text
      row.append(term, value)
      return [row]
    }),
  )
}

/** @param {number | null} value */
export const percent = (value) => (value === null ? '–' : `${value.toFixed(1)} %`)
/** @param {number | null} value */
export const seconds = (value) => (value === null ? '–' : `${value.toFixed(value < 10 ? 2 : 1)} s`)
/** @param {number} ms */
export const timeOf = (ms) => new Date(ms).toLocaleString()
