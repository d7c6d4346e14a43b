import { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { AIM_ADVICE, Aiming, judgeAim } from '../../src/bench/aiming.js'
import { checkLight } from '../../src/bench/check-light.js'
import { holdLevel } from '../../src/bench/hold-level.js'
import { measureLightLevels } from '../../src/bench/light-levels.js'
import { loopback } from '../../src/bench/loopback.js'
import { loadMessage } from '../../src/cli/message.js'
import { addRigOptions, loadLightSettings } from '../../src/cli/rig-options.js'
import { addSymbolOptions } from '../../src/cli/symbol-options.js'
import { BLACK, GREY, type SymbolLevel, WHITE } from '../../src/modulation/index.js'
import { openRig } from '../../src/rig/open.js'
import { matching, tableAfter } from '../helpers/bench-page.js'

const NEVER = new AbortController().signal

/** The emulated rig as options of the command line make it. */
async function open(options: string) {
  const command = addRigOptions(addSymbolOptions(new Command()))
  command.parse(['--rig', 'emulated', ...options.split(' ')], { from: 'user' })
  const { rig: config, ...settings } = await loadLightSettings(command.opts())
  return { settings, rig: await openRig({ ...config, realTime: false } as typeof config) }
}

describe('verify', () => {
  test.each(tableAfter('blinkup verify --rig emulated --ssid net --open'))(
    '%s: %s',
    async (options, advice) => {
      const { rig, settings } = await open(options)
      await using _ = rig
      const { packet, sequence } = await loadMessage({ ssid: 'net', open: true }, settings)
      const report = await loopback(rig, packet, sequence, settings)
      expect(report.advice).toMatch(matching(advice))
    },
  )
})

describe('doctor', () => {
  const table = tableAfter('blinkup doctor --rig emulated')

  test.each(table)('%s: %s', async (options, advice) => {
    const { rig } = await open(options)
    await using _ = rig
    const checks = checkLight(await measureLightLevels(rig, NEVER))
    const told = checks.map(
      ({ status, name, repair }) =>
        `${status === 'failure' ? 'FAILURE' : status} ${name}: ${repair}`,
    )
    expect(told).toContainEqual(expect.stringMatching(matching(advice)))
  })

  test('each check is on the page, as a warning and as a failure', () => {
    const shown = table.map(([, advice]) => advice.split(':')[0])
    for (const name of ['black', 'flicker', 'white', 'grey']) {
      expect(shown).toContain(`warning ${name}`)
      expect(shown).toContain(`FAILURE ${name}`)
    }
    expect(shown).toContain('FAILURE light')
  })
})

describe('aim', () => {
  const table = tableAfter('blinkup aim --rig emulated')
  const LEVELS: Readonly<Record<string, SymbolLevel>> = {
    b: BLACK,
    g: GREY,
    w: WHITE,
  }

  test.each(table)('%s: %s', async (line, advice) => {
    const [keys = '', options = ''] = line.split(/ (?=--)(.*)/)
    const { rig } = await open(options)
    await using _ = rig
    const aiming = new Aiming()
    const levels: SymbolLevel[] = ['b', ...keys.split(' ')].map((key) => LEVELS[key] ?? BLACK)
    for (const level of levels) {
      const enough = new AbortController()
      let startS: number | undefined
      aiming.hold(level)
      await holdLevel(rig, level, {
        signal: NEVER,
        enough: enough.signal,
        onSamples: (block) => {
          aiming.push(block)
          startS ??= block.timesS[0]
          if ((block.timesS.at(-1) ?? 0) - (startS ?? 0) > 0.5) enough.abort()
        },
      })
    }
    expect(AIM_ADVICE[judgeAim(aiming.view)]).toMatch(matching(advice))
  })

  test('each piece of advice is on the page', () => {
    const { waiting: _, ...shown } = AIM_ADVICE // no light makes the board slow to answer
    for (const advice of Object.values(shown)) {
      expect(table.filter(([, pattern]) => matching(pattern).test(advice)).length).toBeGreaterThan(
        0,
      )
    }
  })
})
