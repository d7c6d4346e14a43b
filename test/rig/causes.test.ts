import { describe, expect, test } from 'vitest'
import { openPort } from '../../src/rig/bridge/port.js'
import { runTool } from '../../src/rig/bridge/tool.js'
import { RigError } from '../../src/rig/errors.js'
import { loaded } from '../../src/rig/load.js'
import { refusalOfAdc } from '../../src/rig/raspberry-pi/iio-device.js'
import { mayBeLit, refusalOf } from '../../src/rig/raspberry-pi/sysfs.js'

const caught = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error) => error,
  )

describe('the cause of an error is kept', () => {
  test('of a part of this program that cannot be loaded', async () => {
    const cause = new Error('no such file')
    expect(await caught(loaded('what it is', Promise.reject(cause)))).toMatchObject({
      code: 'not-loaded',
      cause,
    })
  })

  test('of a program that is not there', async () => {
    const options = { signal: new AbortController().signal, onOutput: () => {} }
    expect(await caught(runTool('no-such-program', [], options))).toMatchObject({
      code: 'missing',
      cause: { code: 'ENOENT', syscall: 'spawn no-such-program' },
    })
  })

  test('of a serial port that is not there', async () => {
    expect(await caught(openPort('/no/such/port'))).toMatchObject({
      code: 'missing',
      cause: { message: expect.stringContaining('/no/such/port') },
    })
  })

  test.each([
    ['EBUSY', 'locked', 'doctor'],
    ['EACCES', 'forbidden', undefined],
    ['EPERM', 'forbidden', undefined],
    ['EIO', 'missing', undefined],
  ])('of what the kernel refuses: %s', (refusal, code, remedy) => {
    const cause = Object.assign(new Error(refusal), { code: refusal })
    expect(refusalOf(cause, 'BCM 17')).toMatchObject({ code, remedy, cause })
  })

  test('of an ADC in use, of an unknown kind of scan, and of light that may stay', () => {
    const busy = Object.assign(new Error('EBUSY'), { code: 'EBUSY' })
    const unknown = new RangeError('give a scan type')
    const adc = { name: 'mcp3008', folder: '/none' }
    expect(refusalOfAdc(busy, adc, 'it')).toMatchObject({ code: 'locked', cause: busy })
    expect(refusalOf(unknown, 'it')).toMatchObject({ code: 'foreign', cause: unknown })
    expect(mayBeLit(busy)).toMatchObject({ code: 'may-be-lit', cause: busy })
  })

  test('and so is the remedy, of an error that gets what it is about', () => {
    const cause = new RigError('missing', 'onoff is not compiled', {
      remedy: 'allow-install-scripts',
    })
    expect(refusalOf(cause, 'BCM 17')).toMatchObject({
      code: 'missing',
      message: 'BCM 17: onoff is not compiled',
      remedy: 'allow-install-scripts',
      cause,
    })
  })
})
