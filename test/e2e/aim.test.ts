import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { BLINKUP, blinkup, Run, start, startOnTerminal } from '../helpers/blinkup.js'
import { needs } from '../helpers/requirements.js'
import { lightOf, Pi } from '../rig/raspberry-pi/pi.js'

const AIM = ['aim', '--rig', 'emulated']
const NODE = `'${process.execPath}' '${BLINKUP}'`
const GOOD_WHITE =
  /^white 0\.65\d, swing 0\.60\d, black 0\.0[45]\d, flicker 0\.02\d: good: leave it like this$/

describe('without a terminal', () => {
  test('a line a second says what is seen, the dark first; then it ends dark with 0', async () => {
    const { exitCode, stdout, stderr } = await blinkup([...AIM, '--seconds', '3'])
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    const [black, ...white] = stdout.trimEnd().split('\n')
    expect(black).toMatch(/^black 0\.0[45]\d, flicker 0\.02\d: good: it is dark$/)
    expect(white.length).toBeGreaterThan(1)
    for (const line of white) expect(line).toMatch(GOOD_WHITE)
  })

  test.for([
    ['black', { black: expect.closeTo(0.05, 1), grey: null, white: null }, 'dark'],
    [
      'grey',
      { black: expect.closeTo(0.05, 1), grey: expect.closeTo(0.362, 1), white: null },
      'good',
    ],
    [
      'white',
      { black: expect.closeTo(0.05, 1), grey: null, white: expect.closeTo(0.65, 1) },
      'good',
    ],
  ] as const)('--level %s --json is one document', async ([held, levels, verdict]) => {
    const { exitCode, stdout, stderr } = await blinkup([
      ...AIM,
      '--level',
      held,
      '--seconds',
      '2',
      '--json',
    ])
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    const clipped = { low: false, high: false }
    expect(JSON.parse(stdout)).toMatchObject({
      ...{ schema: 'blinkup.aim/1', rig: 'emulated', held, levels, clipped, verdict },
      lostSamples: 0,
    })
  })

  test('dim light is told', async () => {
    const { stdout } = await blinkup([...AIM, '--brightness', '0.1', '--seconds', '2'])
    expect(stdout).toMatch(/^white .*: too dark: aim better, move it closer, or .*\n$/m)
  })

  test.for(['SIGINT', 'SIGTERM'] as const)('%s ends it', async (signal) => {
    const run = start(AIM)
    await run.says('stdout', /^white/m)
    run.process.kill(signal)
    const { exitCode, stderr } = await run.ended
    expect(exitCode).toBe(signal === 'SIGINT' ? 130 : 143)
    expect(stderr).toBe(`blinkup: interrupted by ${signal}; the LED is dark\n`)
  })

  test('standard input may be closed, and keys in a pipe are no keys', async () => {
    const closed = new Run('sh', ['-c', `exec ${NODE} ${AIM.join(' ')} --seconds 2 <&-`], {})
    expect((await closed.ended).exitCode).toBe(0)
    const piped = await blinkup([...AIM, '--seconds', '2'], { input: 'q' })
    expect(piped).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^white/m) })
  })

  test('whoever reads the lines may go away: it ends, dark', async () => {
    const run = start(AIM)
    await run.says('stdout', /^white/m)
    run.process.stdout?.destroy()
    expect((await run.ended).exitCode).toBe(74)
  })
})

describe.skipIf(needs('script'))('on a terminal', () => {
  const BEFORE_THE_END = '\r\x1b[J'

  /** What is shown at the end, when the live lines are cleared. */
  const endOf = (stdout: string): string => stdout.split(BEFORE_THE_END).at(-1) ?? ''

  test('keys change the level, q ends it, and the terminal is as it was', async () => {
    const run = startOnTerminal(`${NODE} ${AIM.join(' ')}; stty`)
    await run.says('stdout', /\rwhite ▕█+ *▏ 0\.65 /)
    run.process.stdin?.write('g')
    await run.says('stdout', /\rgrey ▕█+ *▏ 0\.3[67] /)
    run.process.stdin?.write('x') // no key of ours
    run.process.stdin?.write('w')
    await run.says('stdout', /\rwhite ▕█+ *▏ 0\.65 .* grey ratio 0\.5[123] /)
    run.process.stdin?.write('b')
    await run.says('stdout', /\rwhite [\s\S]*\rblack ▕/)
    run.process.stdin?.write('q')
    const { exitCode, stdout } = await run.ended
    expect(exitCode).toBe(0)
    expect(stdout).toContain('\x1b[32mgood: leave it like this\x1b[39m')
    expect(endOf(stdout)).toMatch(/^black 0\.0[45]\d, flicker 0\.02\d: good: it is dark\r\n/)
    expect(endOf(stdout)).not.toMatch(/-(icanon|echo)\b/)
  })

  test('Ctrl-C ends it with 130, and the terminal is as it was', async () => {
    const run = startOnTerminal(`${NODE} ${AIM.join(' ')}; echo "code $?"; stty`)
    await run.says('stdout', /\rwhite ▕/)
    run.process.stdin?.write('\x03')
    const { stdout } = await run.ended
    expect(endOf(stdout)).toMatch(
      /^blinkup: interrupted by SIGINT; the LED is dark\r\ncode 130\r\n/,
    )
    expect(endOf(stdout)).not.toMatch(/-(icanon|echo)\b/)
  })

  test('20 columns and NO_COLOR: nothing wraps, nothing is coloured', async () => {
    const aim = `stty rows 24 cols 20; ${NODE} ${AIM.join(' ')} --seconds 2`
    const { exitCode, stdout } = await startOnTerminal(aim, { NO_COLOR: '1' }).ended
    expect(exitCode).toBe(0)
    const [live = ''] = stdout.slice(stdout.indexOf('\rblack')).split(BEFORE_THE_END)
    const lines = live
      .replaceAll('\x1b[K', '')
      .replaceAll('\x1b[A', '')
      .split(/[\r\n]+/)
    expect(lines).toContain('white ▕████  ▏ 0.65')
    expect(lines).toContain('good: leave it like')
    for (const line of lines) expect(line.length).toBeLessThan(20)
    expect(lines.join()).not.toContain('\x1b')
  })
})

describe.skipIf(needs('unshare') || needs('/usr/bin/gcc'))(
  'on a Raspberry Pi without a photodiode',
  () => {
    const GPIO = ['aim', '--rig', 'gpio', '--white-line', '17', '--grey-line', '27']
    const GREY_HELD = 'blinkup: the LED is grey; there is no photodiode to see it\n'

    function aimOn(pi: Pi, args: readonly string[]): Run {
      const [program, programArgs] = pi.command([process.execPath, BLINKUP, ...GPIO, ...args])
      return new Run(program, programArgs, { stdio: ['ignore', 'pipe', 'pipe'] })
    }

    const levelsOf = (pi: Pi): number[] =>
      lightOf(pi.writes, { white: pi.base + 17, grey: pi.base + 27 }).map(({ level }) => level)

    test('the level is held for the seconds, and the LED dark after them', async () => {
      using pi = new Pi('pi4')
      const { exitCode, stdout, stderr } = await aimOn(pi, ['--level', 'grey', '--seconds', '1'])
        .ended
      expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '' })
      expect(stderr.endsWith(GREY_HELD)).toBe(true)
      expect(levelsOf(pi)).toEqual([1, 0])
    })

    test('black is held without any light', async () => {
      using pi = new Pi('pi4')
      const { exitCode, stdout } = await aimOn(pi, ['--level', 'black', '--seconds', '1', '--json'])
        .ended
      expect(exitCode).toBe(0)
      expect(JSON.parse(stdout)).toMatchObject({ held: 'black', verdict: null, advice: null })
      expect(levelsOf(pi)).toEqual([])
    })

    test('Ctrl-C leaves the LED dark', async () => {
      using pi = new Pi('pi4')
      const run = aimOn(pi, ['--level', 'grey'])
      await run.says('stderr', /the LED is grey/)
      while (levelsOf(pi).length === 0) await sleep(20)
      run.process.kill('SIGINT')
      const { exitCode, stderr } = await run.ended
      expect(exitCode).toBe(130)
      expect(stderr).toMatch(/interrupted by SIGINT; the LED is dark\n$/)
      expect(levelsOf(pi)).toEqual([1, 0])
    })
  },
)
