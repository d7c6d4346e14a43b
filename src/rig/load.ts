import { RigError } from './errors.js'

/**
 * A part of this program, which is loaded when it is used: so all else works where it cannot be.
 *
 * @param what it is, for the sentence
 * @throws RigError 'not-loaded'
 */
export async function loaded<T>(what: string, part: Promise<T>): Promise<T> {
  try {
    return await part
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException
    if (['EMFILE', 'ENFILE', 'ENOMEM'].includes(code)) throw error // nothing of ours is wrong
    const [reason] = String(message ?? error).split('\n')
    throw new RigError(
      'not-loaded',
      `${what} cannot be loaded: a file of it is missing or damaged, install blinkup again (${reason})`,
      { cause: error },
    )
  }
}
