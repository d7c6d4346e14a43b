import { readFileSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { describe, expect } from 'vitest'
import { Lamp } from '../../../src/factory/imp/lamp.js'
import { type LedState, STATUS_LED } from '../../../src/factory/imp/status-led.js'
import { type Folder, test } from '../../helpers/folder.js'
import { VirtualTime } from '../../rig/bridge/hostile/clocks.js'

// LEDs as Linux has them, but in a folder of ordinary files.

async function led(folder: Folder, name: string, trigger = '[none] heartbeat'): Promise<void> {
  await mkdir(folder.at(name))
  await writeFile(folder.at(`${name}/brightness`), '255')
  await writeFile(folder.at(`${name}/max_brightness`), '255\n')
  await writeFile(folder.at(`${name}/trigger`), trigger)
}

/** At once, as virtual time goes on meanwhile. */
const brightness = (folder: Folder, name: string): string =>
  readFileSync(folder.at(`${name}/brightness`), 'utf8')

const BOTH = { green: 'g', red: 'r' }

describe('a lamp', () => {
  test('shows each published state by its colours, for their time, and others not at all', async ({
    folder,
  }) => {
    await led(folder, 'g')
    await led(folder, 'r')
    const time = new VirtualTime()
    using lamp = new Lamp(BOTH, { timebase: time, folder: folder.path })
    const colourOf: Record<string, string> = {
      '0 0': 'dark',
      '255 0': 'green',
      '0 255': 'red',
      '255 255': 'orange',
    }
    for (const state of Object.keys(STATUS_LED) as LedState[]) {
      lamp.show(state)
      const seen: (string | undefined)[] = []
      for (let step = 0; step < 4; step++) {
        await time.sleep(step === 0 ? 250 : 500)
        seen.push(colourOf[`${brightness(folder, 'g')} ${brightness(folder, 'r')}`])
      }
      const colours: readonly string[] = STATUS_LED[state].colours ?? ['dark']
      expect([state, ...seen]).toEqual([
        state,
        ...[0, 1, 2, 3].map((n) => colours[n % colours.length]),
      ])
    }
    time.stop()
  })

  test('of one LED shows what that can', async ({ folder }) => {
    await led(folder, 'r')
    using lamp = new Lamp({ red: 'r' }, { folder: folder.path })
    lamp.show('blessed')
    expect(brightness(folder, 'r')).toBe('0')
    lamp.show('failed')
    expect(brightness(folder, 'r')).toBe('255')
  })

  test('is dark at first and at last, and its LEDs are what they were before', async ({
    folder,
  }) => {
    await led(folder, 'g', 'none [heartbeat] timer')
    await led(folder, 'r')
    const lamp = new Lamp(BOTH, { folder: folder.path })
    expect([brightness(folder, 'g'), brightness(folder, 'r')]).toEqual(['0', '0'])
    expect(await readFile(folder.at('g/trigger'), 'utf8')).toBe('none')
    lamp.show('no-settings')
    lamp[Symbol.dispose]()
    expect([brightness(folder, 'g'), brightness(folder, 'r')]).toEqual(['0', '0'])
    expect(await readFile(folder.at('g/trigger'), 'utf8')).toBe('heartbeat')
  })

  test('that is not there is told, with those that are', async ({ folder }) => {
    await led(folder, 'ACT')
    for (const green of ['act', '', '..', '../ACT', 'ACT/x']) {
      expect(() => new Lamp({ green }, { folder: folder.path })).toThrow(
        expect.objectContaining({
          code: 'missing',
          message: `this computer has no LED called ${JSON.stringify(green)}: choose one of ACT`,
        }),
      )
    }
    expect(() => new Lamp({ green: 'x' }, { folder: folder.at('none') })).toThrow(
      /no LED called "x": there is none at all$/,
    )
  })

  test('that goes away is told, once it is to change', async ({ folder }) => {
    await led(folder, 'g')
    const errors: Error[] = []
    const options = { folder: folder.path, onFailure: (error: Error) => void errors.push(error) }
    const lamp = new Lamp({ green: 'g' }, options)
    await rm(folder.at('g'), { recursive: true })
    lamp.show('blessed')
    await expect.poll(() => errors.length).toBe(1)
    expect(errors[0]).toMatchObject({
      code: 'missing',
      message: expect.stringContaining('still there'),
    })
    expect(() => lamp[Symbol.dispose]()).toThrow(/still there/)
  })
})
