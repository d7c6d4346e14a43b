/**
 * An element that the page has.
 *
 * @template {Element} E
 * @param {string} selector
 * @param {new () => E} kind
 * @param {ParentNode} within
 * @returns {E}
 */
export function find(selector, kind, within = document) {
  const element = within.querySelector(selector)
  if (!(element instanceof kind)) throw new TypeError(`the page has no ${selector}`)
  return element
}

/** @param {string} id */
export const byId = (id) => find(`#${id}`, HTMLElement)

/**
 * Shows a text, and changes nothing where it is there already.
 *
 * @param {Element} element
 * @param {string} text
 */
export function show(element, text) {
  if (element.textContent !== text) element.textContent = text
}
