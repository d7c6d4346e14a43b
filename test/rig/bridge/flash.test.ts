import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, vi } from 'vitest'
import { type BoardModel, flashBridge, shippedImage } from '../../../src/rig/bridge/flash.js'
import { readImage } from '../../../src/rig/bridge/image.js'
import { test } from '../../helpers/folder.js'
import { needs } from '../../helpers/requirements.js'
import { plugIn } from './bootloader.js'

afterEach(() => {
  vi.unstubAllEnvs()
  vi.useRealTimers()
})

/** Flashes and gives what avrdude said. */
async function flash(
  path: string,
  board: BoardModel = 'uno',
  signal = new AbortController().signal,
): Promise<string> {
  const said: string[] = []
  await flashBridge(path, board, { signal, onOutput: (text) => void said.push(text) })
  return said.join('')
}

test('the shipped image is described by its file and by what stands in it', () => {
  const { path, version, sizeBytes, sha256 } = shippedImage()
  const file = readFileSync(path)
  expect(version).toMatch(/^\d+\.\d+\.\d+$/)
  expect(sha256).toBe(createHash('sha256').update(file).digest('hex'))
  const dataRecords = [...file.toString('latin1').matchAll(/^:(..)....00/gm)]
  const lengths = dataRecords.map(([, length]) => Number(`0x${length}`))
  expect(sizeBytes).toBe(lengths.reduce((sum, length) => sum + length))
})

test('a port that is not there', async () => {
  await expect(flash('/dev/no-such-port')).rejects.toMatchObject({ code: 'missing' })
})

describe.skipIf(needs('socat') || needs('/usr/bin/avrdude'))(
  'flashing, with the real avrdude',
  () => {
    test('writes the image and reads it back', async ({ folder }) => {
      const { bootloader } = await plugIn(folder.at('tty'))
      expect(await flash(folder.at('tty'))).toContain('bytes of flash verified')
      expect(bootloader.flash).toEqual(readImage())
    })

    test('reaches the older bootloader of a Nano', async ({ folder }) => {
      const { bootloader } = await plugIn(folder.at('tty'), 57_600)
      await flash(folder.at('tty'), 'nano-old')
      expect(bootloader.flash).toEqual(readImage())
    })

    test('a bootloader at another baud rate does not answer', async ({ folder }) => {
      const { bootloader } = await plugIn(folder.at('tty'), 57_600)
      await expect(flash(folder.at('tty'), 'nano')).rejects.toMatchObject({
        code: 'no-answer',
        message: expect.stringMatching(
          / \(avrdude ended with 1\): .* as a board with the old bootloader$/,
        ),
        remedy: 'flash-old-bootloader',
      })
      expect(bootloader.pagesWritten).toBe(0)
    })

    test('another chip is left as it is', async ({ folder }) => {
      const { bootloader } = await plugIn(folder.at('tty'))
      bootloader.signature = [0x1e, 0x93, 0x07] // an ATmega8
      await expect(flash(folder.at('tty'))).rejects.toMatchObject({
        code: 'foreign',
        message: expect.stringMatching(
          /^the chip is not an ATmega328P: .* \(avrdude ended with 1\)$/,
        ),
      })
      expect(bootloader.pagesWritten).toBe(0)
    })

    test.for([
      0,
      0x1000 +
        readImage()
          .subarray(0x1000)
          .findIndex((byte) => byte !== 0),
    ])('one wrong byte of flash is found, at %i', async (address, { folder }) => {
      const { bootloader } = await plugIn(folder.at('tty'))
      bootloader.wornAddress = address
      await expect(flash(folder.at('tty'))).rejects.toMatchObject({
        code: 'damaged',
        message: expect.stringMatching(/^the flash does not hold .* \(avrdude ended with 1\)$/),
      })
    })

    test.for(['unplugged', 'silent'])('a board %s in the middle', async (fault, { folder }) => {
      vi.useFakeTimers({ toFake: ['setTimeout'] })
      const { bootloader, unplug } = await plugIn(folder.at('tty'))
      bootloader.diesAfterPages = 10
      const flashed = flash(folder.at('tty'))
      flashed.catch(() => {})
      await bootloader.wrote(10)
      if (fault === 'unplugged') await unplug()
      vi.advanceTimersByTime(60_000)
      await expect(flashed).rejects.toMatchObject({
        code: 'unplugged',
        message: 'the board fell silent: plug it in again, and flash again',
      })
    })

    test('is given up in the middle', async ({ folder }) => {
      const { bootloader } = await plugIn(folder.at('tty'))
      const abort = new AbortController()
      const flashed = flash(folder.at('tty'), 'uno', abort.signal)
      flashed.catch(() => {})
      await bootloader.wrote(10)
      abort.abort(new Error('given up'))
      await expect(flashed).rejects.toThrow('given up')
      expect(bootloader.left).toBe(false)
    })

    test('avrdude is missing', async ({ folder }) => {
      await plugIn(folder.at('tty'))
      vi.stubEnv('PATH', folder.path)
      await expect(flash(folder.at('tty'))).rejects.toMatchObject({
        code: 'missing',
        message: 'avrdude is missing: install it (on Debian: sudo apt install avrdude)',
      })
    })
  },
)
