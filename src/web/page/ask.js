import { byId, show } from './elements.js'

/** @param {string} text what went wrong; empty for nothing */
export function showFault(text) {
  show(byId('fault'), text)
  byId('fault').hidden = text === ''
}

/**
 * @param {string} path
 * @returns {Promise<any>} null where that failed, which is shown
 */
export async function ask(path) {
  try {
    const response = await fetch(path)
    const answer = await response.json()
    showFault(response.ok ? '' : answer.error)
    return response.ok ? answer : null
  } catch {
    showFault('the station does not answer')
    return null
  }
}
