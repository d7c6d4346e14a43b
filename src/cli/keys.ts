/**
 * Calls back for each key that is pressed on the terminal, without waiting for Enter; Ctrl-C interrupts as ever. Does nothing where
 * standard input is no terminal.
 *
 * @returns what ends it, and gives the terminal back as it was
 */
export function listenForKeys(onKey: (key: string) => void): () => void {
  const { stdin } = process
  if (!stdin.isTTY) return () => {}
  const listener = (chunk: Buffer): void => {
    for (const key of chunk.toString('latin1')) {
      if (key === CTRL_C) process.kill(process.pid, 'SIGINT')
      else onKey(key)
    }
  }
  stdin.setRawMode(true)
  stdin.on('data', listener)
  stdin.resume() // whoever has asked something on the terminal has paused it
  return () => {
    stdin.off('data', listener)
    stdin.setRawMode(false)
    stdin.pause()
  }
}

/** What the terminal sends instead of a signal when each key counts. */
const CTRL_C = '\x03'
