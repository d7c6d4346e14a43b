/**
 * Calls at once, and again after a pause where it was asked for meanwhile; without being asked it calls after the longest pause. Ends with
 * what it returns.
 */
export function throttle(
  call: () => void,
  { leastMs, mostMs }: { leastMs: number; mostMs: number },
): { ask(): void; [Symbol.dispose](): void } {
  let isAsked = false
  let calledMs = Number.NEGATIVE_INFINITY
  let timer: NodeJS.Timeout | undefined
  const wait = (ms: number): void => {
    clearTimeout(timer)
    timer = setTimeout(run, ms).unref()
  }
  const run = (): void => {
    isAsked = false
    calledMs = performance.now()
    wait(mostMs)
    call()
  }
  wait(mostMs)
  return {
    ask: () => {
      if (isAsked) return
      isAsked = true
      wait(Math.max(0, calledMs + leastMs - performance.now()))
    },
    [Symbol.dispose]: () => clearTimeout(timer),
  }
}
