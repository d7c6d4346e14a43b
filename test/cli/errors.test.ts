import { open } from 'node:fs/promises'
import { constants } from 'node:os'
import { describe, expect, test } from 'vitest'
import { CommandError, EXIT, explain, Interrupted } from '../../src/cli/errors.js'
import { ModulationError } from '../../src/modulation/index.js'
import { ConfigError, PacketError } from '../../src/packet/index.js'
import { RecordingError } from '../../src/recording/errors.js'
import { RigError, type RigErrorCode } from '../../src/rig/errors.js'

// The exit codes as the command's help documents them; as a record, so that no code can be forgotten.
const RIG_EXIT_CODES: Record<RigErrorCode, number> = {
  misconfigured: 78,
  'not-loaded': 70,
  missing: 69,
  ambiguous: 69,
  forbidden: 69,
  'no-answer': 69,
  foreign: 69,
  refused: 69,
  locked: 75,
  damaged: 74,
  unplugged: 74,
  reset: 74,
  'broken-off': 74,
  'may-be-lit': 74,
  'too-long': 65,
}

describe('explain', () => {
  test.each(Object.entries(RIG_EXIT_CODES))('a rig that is %s ends with %i', (code, exitCode) => {
    const error = new RigError(code as RigErrorCode, 'do this')
    expect(explain(error)).toEqual({ code: `rig.${code}`, exitCode, message: 'do this' })
  })

  test.each([
    ['credentials.format', new ConfigError('format', 'token', 'do this')],
    ['packet.crc', new PacketError('crc', 3, 'do this')],
    ['symbols.truncated', new ModulationError('truncated', 3, 'do this')],
    ['recording.format', new RecordingError('format', 'do this')],
  ])('bad data ends with 65: %s', (code, error) => {
    expect(explain(error)).toEqual({ code, exitCode: 65, message: 'do this' })
  })

  test('a command chooses its own exit code', () => {
    const error = new CommandError(EXIT.badFixture, 'do this')
    expect(explain(error)).toEqual({ code: 'fixture', exitCode: 78, message: 'do this' })
  })

  test.each([
    ['SIGHUP', 129],
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s ends with %i', (signal, exitCode) => {
    expect(explain(new Interrupted(signal))).toEqual({
      code: 'interrupted',
      exitCode,
      message: `interrupted by ${signal}`,
    })
  })

  test('what the operating system refuses is told without file names', async () => {
    const error = await open('/no/such/secret-name').catch((error) => error)
    expect(explain(error)).toEqual({
      code: 'input-output',
      exitCode: 74,
      message: 'cannot open: no such file or directory',
    })
  })

  test.each([
    ['EMFILE', 'open'],
    ['ENFILE', 'open'],
    ['ENOMEM', 'mmap'],
    ['EAGAIN', 'spawn avrdude'],
  ])('a system that has no more to give (%s of %s) ends with 71', (code, syscall) => {
    const errno = -constants.errno[code as 'EMFILE']
    const error = Object.assign(new Error(code), { code, syscall, errno })
    expect(explain(error)).toEqual({
      code: 'system',
      exitCode: 71,
      message: expect.stringMatching(/^.+: allow this program more files or memory \(ulimit -a\)$/),
    })
  })

  test.each([new TypeError('oops'), 'oops', undefined])('anything else is our bug: %s', (error) => {
    const { code, exitCode, message } = explain(error)
    expect({ code, exitCode }).toEqual({ code: 'bug', exitCode: 70 })
    expect(message).toContain(`please report it: ${error}`)
    expect(message).not.toContain('\n')
  })
})
