const darkeners = new Set<() => void>()

/**
 * Has something dark even if the process ends before it is closed: by process.exit, or by an error that nobody caught.
 *
 * @param darken does what it can at once, without waiting; what it throws is nobody's
 * @returns takes it back
 */
export function darkenAtExit(darken: () => void): () => void {
  if (darkeners.size === 0) process.on('exit', darkenAll)
  darkeners.add(darken)
  return () => {
    darkeners.delete(darken)
    if (darkeners.size === 0) process.off('exit', darkenAll)
  }
}

function darkenAll(): void {
  for (const darken of darkeners) {
    try {
      darken()
    } catch {}
  }
}
