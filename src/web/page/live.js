/** Nothing for so long, which is longer than the station is ever silent: nobody is there any more. */
const SILENCE_MS = 8000
const RETRY_MS = 2000

/**
 * Follows the server-sent events of a station for ever, and begins anew by itself.
 *
 * @param {string} name of the events
 * @param {(data: any) => void} onData
 * @param {(isReached: boolean) => void} onReached is told each change
 */
export function follow(name, onData, onReached) {
  let isReached = false
  /** @type {ReturnType<typeof setTimeout>} */
  let silence
  /** @param {boolean} is */
  const tell = (is) => {
    if (isReached !== is) onReached(is)
    isReached = is
  }
  const begin = () => {
    const events = new EventSource('events')
    const beginAnew = () => {
      events.close()
      clearTimeout(silence)
      tell(false)
      setTimeout(begin, RETRY_MS)
    }
    const listen = () => {
      clearTimeout(silence)
      silence = setTimeout(beginAnew, SILENCE_MS)
    }
    listen()
    // A browser ends a connection at some errors, and does not begin anew.
    events.addEventListener('error', beginAnew)
    events.addEventListener(name, ({ data }) => {
      listen()
      onData(JSON.parse(data))
      tell(true)
    })
  }
  begin()
}

/**
 * Asks a station to do something.
 *
 * @param {object} action
 * @returns {Promise<string>} why it was not done; empty where it was
 */
export async function act(action) {
  try {
    const response = await fetch('do', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(action),
    })
    return response.ok ? '' : (await response.json()).error
  } catch {
    return 'the station does not answer'
  }
}
