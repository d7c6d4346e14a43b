import { expect, test } from 'vitest'
import { Interrupted } from '../../src/cli/errors.js'
import { withRig } from '../../src/cli/with-rig.js'
import { RigError } from '../../src/rig/errors.js'

/** What comes of work that a signal ends, after which nothing says that the LED is dark. */
async function failureOf(reason: Error, lit: RigError): Promise<unknown> {
  const end = new AbortController()
  return withRig({ kind: 'emulated' }, end.signal, async () => {
    end.abort(reason)
    throw lit
  }).then(
    () => expect.fail('nothing was thrown'),
    (error) => error,
  )
}

const lit = new RigError('may-be-lit', 'the LED may be lit')

test('what ends a command says, too, that the LED may be lit, and keeps both causes', async () => {
  const gone = new RigError('unplugged', 'the board is gone', { remedy: 'doctor' })
  expect(await failureOf(gone, lit)).toMatchObject({
    code: 'unplugged',
    message: 'the board is gone; the LED may be lit',
    remedy: 'doctor',
    cause: { errors: [gone, lit] },
  })
  expect(await failureOf(new TypeError('oops'), lit)).toMatchObject({
    exitCode: 70,
    cause: { errors: [new TypeError('oops'), lit] },
  })
})

test('and so does Ctrl-C', async () => {
  const error = await failureOf(new Interrupted('SIGINT'), lit)
  expect(error).toBeInstanceOf(Interrupted)
  expect(error).toMatchObject({
    exitCode: 130,
    message: 'interrupted by SIGINT; the LED may be lit',
    cause: lit,
  })
})
