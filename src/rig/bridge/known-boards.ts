import { realpathSync, statSync } from 'node:fs'

/** What the board at a port has answered last that it is called; null for no board of ours. */
const names = new Map<string, string | null>()

/** What this process has learnt of the board at a port, which need not be asked again: that would restart it. Undefined for nothing. */
export const knownName = (path: string): string | null | undefined => names.get(plugOf(path))

export function rememberName(path: string, name: string | null): void {
  names.set(plugOf(path), name)
}

/** There is other firmware on it now. */
export function forgetName(path: string): void {
  names.delete(plugOf(path))
}

/** Boards have been exchanged. */
export function forgetNames(): void {
  names.clear()
}

/** The same for all names of a port. */
export function truePath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path // a port of Windows, or none any more
  }
}

/** A port since it was plugged in: its file is made anew each time. */
function plugOf(path: string): string {
  try {
    return `${truePath(path)} ${statSync(path).ino}`
  } catch {
    return path
  }
}
