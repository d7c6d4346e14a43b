import { accessSync, constants, existsSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { CommandError, EXIT, isSystemError, systemReason } from './errors.js'
import { type TomlScalar, withSettings } from './toml-edit.js'

/** A fixture file that settings are to be written into. */
export interface FixtureFile {
  /**
   * Sets them by their names, in a copy that then takes the file's place: what reads it has all of the old or of the new one. All else in it,
   * and its mode, stay as they are.
   */
  write(settings: Readonly<Record<string, TomlScalar>>): Promise<void>
}

/**
 * Looks, before there is any light, whether settings can be written into a fixture file, which may be a new one.
 *
 * @throws CommandError
 */
export function fixtureFile(path: string): FixtureFile {
  return naming(path, () => {
    const isThere = existsSync(path)
    const real = isThere ? realpathSync(path) : path
    if (isThere && !statSync(real).isFile()) throw refusal(path, 'is no file')
    accessSync(dirname(real), constants.W_OK)
    edited(path, real, {})
    return {
      write: async (settings) => {
        // It may have been changed since.
        const text = naming(path, () => edited(path, real, settings))
        try {
          await replaceFile(real, text)
        } catch (error) {
          throw told(path, error)
        }
      },
    }
  })
}

function edited(
  path: string,
  real: string,
  settings: Readonly<Record<string, TomlScalar>>,
): string {
  const before = existsSync(real) ? readFileSync(real, 'utf8') : ''
  const after = editedText(path, before, settings)
  if (after === null) {
    const lines = Object.entries(settings).map(([key, value]) => `${key} = ${value}`)
    throw refusal(path, `cannot be changed line by line (${lines.join(', ')})`)
  }
  return after
}

function editedText(
  path: string,
  before: string,
  settings: Readonly<Record<string, TomlScalar>>,
): string | null {
  try {
    return withSettings(before, settings)
  } catch (cause) {
    throw new CommandError(
      EXIT.badFixture,
      `${path} is not valid TOML: mend it, or write to another file`,
      { cause },
    )
  }
}

async function replaceFile(real: string, text: string): Promise<void> {
  const older = statSync(real, { throwIfNoEntry: false })
  const beside = join(dirname(real), `.${basename(real)}.${process.pid}`)
  try {
    const file = await open(beside, 'wx', 0o644)
    try {
      if (older) {
        await file.chmod(older.mode & 0o7777)
        const isOthers = older.uid !== process.geteuid?.() && process.platform !== 'win32'
        if (isOthers) await file.chown(older.uid, older.gid)
      }
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(beside, real)
  } catch (error) {
    await rm(beside, { force: true })
    throw error
  }
}

function naming<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw told(path, error)
  }
}

const told = (path: string, error: unknown): unknown =>
  isSystemError(error)
    ? new CommandError(EXIT.inputOutput, `cannot write ${path}: ${systemReason(error)}`, {
        cause: error,
      })
    : error

const refusal = (path: string, fault: string): CommandError =>
  new CommandError(EXIT.usage, `${path} ${fault}: write to another file`)
