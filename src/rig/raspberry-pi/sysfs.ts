import { accessSync, constants, readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { RigError } from '../errors.js'

/** The text of an attribute without its end of line; undefined where there is none, or no permission. */
export function readAttribute(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').replace(/[\n\0]+$/, '')
  } catch {
    return undefined
  }
}

/** The names in a folder in the order of the numbers in them; none where it does not exist. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort(new Intl.Collator('en', { numeric: true }).compare)
  } catch {
    return []
  }
}

/** How long udev may take to give a new file to its group. */
const PERMISSION_TIMEOUT_MS = 3000

/** Waits for a file that udev makes writable. Throws what the kernel refuses in the end. */
export async function untilWritable(file: string): Promise<void> {
  const deadlineMs = performance.now() + PERMISSION_TIMEOUT_MS
  for (;;) {
    try {
      return accessSync(file, constants.W_OK)
    } catch (error) {
      if (performance.now() > deadlineMs) throw error
      await sleep(10)
    }
  }
}

/** Tells what the kernel refused for something on the header, such as "GPIO line 17". */
export function refusalOf(error: unknown, what: string): RigError {
  const cause = error
  if (error instanceof RigError) {
    const { code, message, remedy } = error
    return new RigError(code, `${what}: ${message}`, { cause, remedy })
  }
  if (error instanceof RangeError) {
    return new RigError('foreign', `${what} is of an unknown kind: ${error.message}`, { cause })
  }
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'EBUSY') {
    return new RigError(
      'locked',
      `${what} is in use by the kernel or another program: free it, or choose another`,
      { cause, remedy: 'doctor' },
    )
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return new RigError(
      'forbidden',
      `no permission for ${what}: add your user to the group gpio (sudo usermod -aG gpio $USER) and log in again, or install the udev rules`,
      { cause },
    )
  }
  return new RigError('missing', `${what} cannot be used: ${message}`, { cause })
}

/** Tells that the LED could not be turned dark. */
export function mayBeLit(cause: unknown): RigError {
  return new RigError(
    'may-be-lit',
    `the LED may still be lit, because its pins can no longer be written (${(cause as Error).message}): check that it is dark, or cut its power`,
    { cause },
  )
}
