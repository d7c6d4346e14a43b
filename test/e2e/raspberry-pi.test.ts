import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { RigConfig } from '../../src/rig/index.js'
import { BLINKUP, blinkup, type Ended, Run } from '../helpers/blinkup.js'
import { needs } from '../helpers/requirements.js'
import { lightOf, Pi, type PiGpio, type PiModel } from '../rig/raspberry-pi/pi.js'

const GPIO = ['--rig', 'gpio', '--white-line', '17', '--grey-line', '27']
const SHORT = ['--ssid', 'a', '--open']
/** Half a minute: it is broken off. */
const LONG = ['--dummy', '--rate', '20', '--sync', '200']

const cannot = needs('unshare') || needs('/usr/bin/gcc') || needs('onoff')

const modules = fileURLToPath(new URL('../../node_modules', import.meta.url))
const without = (name: string): string => `mount -t tmpfs none '${modules}/${name}'`

let pi: Pi
const usePi = (model: PiModel, gpio?: PiGpio): void => {
  beforeEach(() => {
    pi = new Pi(model, gpio)
  })
  afterEach(() => pi[Symbol.dispose]())
}

function start(args: readonly string[], setUp?: string): Run {
  const [program, programArgs] = pi.command([process.execPath, BLINKUP, ...args], setUp)
  return new Run(program, programArgs, { stdio: ['ignore', 'pipe', 'pipe'] })
}

const run = (args: readonly string[], setUp?: string): Promise<Ended> => start(args, setUp).ended

/** As a user without any rights. */
function runAsNobody(args: readonly string[]): Promise<Ended> {
  const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']
  const [program, programArgs] = pi.command([...nobody, process.execPath, BLINKUP, ...args])
  return new Run(program, programArgs, { stdio: ['ignore', 'pipe', 'pipe'] }).ended
}

const lines = () => ({ white: pi.base + 17, grey: pi.base + 27 })
const light = () => lightOf(pi.writes, lines())

/** On a busy machine an edge may be late, or all of them, which is told, and is no fault of the light's order. */
const wasLate = (ended: Ended): boolean => isLate(ended) || wasCut(ended)
const isLate = ({ exitCode, stderr }: Ended): boolean => exitCode === 74 && LATE.test(stderr)
const wasCut = ({ exitCode, stderr }: Ended): boolean =>
  exitCode === 74 && /was held up: send again/.test(stderr)
const LATE = /came more than a quarter of a symbol late/

/** It was sent whole. */
function expectSent(ended: Ended): void {
  if (!wasLate(ended)) expect(ended).toMatchObject({ exitCode: 0 })
}

/** The ways to a header's lines that a kernel may offer. */
const WAYS = ['device', 'sysfs'] as const

/** Resolves when the LED has changed so often. */
async function untilLit(changes: number): Promise<void> {
  while (!existsLog() || light().length < changes) await sleep(20)
}
const existsLog = (): boolean => {
  try {
    return pi.writes.length > 0
  } catch {
    return false
  }
}

/** The process that paces the light. */
function pacingOf({ process: { pid } }: Run): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim().split(' ')[0])
}

/** Stops a process for several symbols, and not for so long that it is given up. */
function holdUp(pid: number): void {
  process.kill(pid, 'SIGSTOP')
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50)
  process.kill(pid, 'SIGCONT')
}

describe.skipIf(cannot).each(['pi3-old', 'pi3', 'pi4', 'pi5'] as const)('on a %s', (model) => {
  usePi(model, 'sysfs')

  test('BCM numbers are those of its kernel, and off leaves the lines dark and free', async () => {
    expect(await run(['off', ...GPIO])).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: 'blinkup: the LED is dark\n',
    })
    const { white, grey } = lines()
    const about = pi.writes.map(({ attribute, text }) => `${attribute.slice(5)} ${text}`)
    expect(about).toEqual([
      ...[white, grey].flatMap((line) => [
        `export ${line}`,
        `gpio${line}/active_low 0`,
        `gpio${line}/direction low`,
      ]),
      ...[white, grey].map((line) => `gpio${line}/value 0`),
      ...[white, grey].map((line) => `unexport ${line}`),
    ])
  })

  test('PWM is found, and off leaves its channel dark and free', async () => {
    expect(await run(['off', '--rig', 'pwm', '--pin', '18'])).toMatchObject({ exitCode: 0 })
    const [chip, channel] = model === 'pi5' ? ['pwmchip2', 2] : ['pwmchip0', 0]
    expect(pi.writes.map(({ attribute, text }) => `${attribute} ${text}`)).toEqual([
      `pwm/${chip}/export ${channel}`,
      ...[
        'period 25000',
        'polarity normal',
        'duty_cycle 0',
        'enable 1',
        'duty_cycle 0',
        'enable 0',
      ].map((write) => `pwm/${chip}/pwm${channel}/${write}`),
      `pwm/${chip}/unexport ${channel}`,
    ])
  })
})

describe.skipIf(cannot)('light by PWM', () => {
  usePi('pi5')

  test('that a killed program has left lit is dark at once', async () => {
    const channel = 'class/pwm/pwmchip2/pwm2'
    for (const [name, text] of [
      ['period', 50_000],
      ['duty_cycle', 50_000],
      ['polarity', 'inversed'],
      ['enable', 1],
    ]) {
      pi.file(`sys/${channel}/${name}`, `${text}\n`)
    }
    expect(await run(['off', '--rig', 'pwm', '--pin', '18'])).toMatchObject({ exitCode: 0 })
    const told = pi.writes.map(({ attribute, text }) => `${attribute.split('/').at(-1)} ${text}`)
    expect(told.slice(0, 4)).toEqual([
      'duty_cycle 0',
      'enable 0',
      'period 25000',
      'polarity normal',
    ])
    expect(pi.writes.at(-1)).toMatchObject({ attribute: 'pwm/pwmchip2/unexport' })
  })

  test('has a grey that is made by its duty', async () => {
    const ended = await run(['send', '--rig', 'pwm', '--pin', '18', ...SHORT, '--rate', '100'])
    expectSent(ended)
    const writes = pi.writes.filter(({ attribute }) => !attribute.endsWith('export'))
    const told = writes.map(({ attribute, text }) => `${attribute.split('/').at(-1)} ${text}`)
    expect(new Set(told)).toEqual(
      new Set([
        'period 25000',
        'enable 1',
        'enable 0',
        'polarity normal',
        ...[0, 13000, 25000].map((ns) => `duty_cycle ${ns}`),
      ]),
    )
  })
})

describe.skipIf(cannot)('lines of the GPIO character device', () => {
  usePi('pi5', 'both')

  test('are the first choice, requested as outputs, off, and pulled down for the time after', async () => {
    expect(await run(['off', ...GPIO])).toMatchObject({ exitCode: 0 })
    expect(pi.writes.map(({ attribute, text }) => `${attribute} ${text}`)).toEqual([
      'gpiochip0/request 17,27,208', // GPIO_V2_LINE_FLAG_OUTPUT, _BIAS_PULL_DOWN
      'gpiochip0/17,27 0,0',
    ])
    expect(pi.areLinesFree).toBe(true)
  })

  test('both change at once: there is no state in between', async () => {
    const { stdout } = await blinkup(['encode', ...SHORT])
    expectSent(await run(['send', ...GPIO, ...SHORT, '--rate', '50']))
    const symbols = [...stdout.trim()].map(Number)
    const changed = symbols.filter((level, i) => level !== (symbols[i - 1] ?? 0))
    expect(light().map(({ level }) => level)).toEqual(changed)
  })

  test('what a program has left lit by sysfs is dark and free', async () => {
    const folder = `sys/class/gpio/gpio${pi.base + 17}`
    pi.file(`${folder}/direction`, 'out\n')
    pi.file(`${folder}/value`, '1\n')
    expect(await run(['off', ...GPIO])).toMatchObject({ exitCode: 0 })
    expect(pi.writes.slice(0, 2)).toMatchObject([
      { attribute: `gpio/gpio${pi.base + 17}/direction`, text: 'low' },
      { attribute: 'gpio/unexport', text: String(pi.base + 17) },
    ])
    expect(pi.areLinesFree).toBe(true)
  })

  test.each([
    ['koffi is not there', () => without('koffi'), /koffi, which .*, cannot be loaded \(.+\)/],
    ['the kernel is older than 5.10', () => `touch ${pi.folder}/gpiochip0.old`, /EINVAL/],
  ])('where %s, sysfs is taken, and doctor says why', async (_, setUp, reason) => {
    expect(await run(['off', ...GPIO], setUp())).toMatchObject({ exitCode: 0 })
    expect(pi.writes[0]?.attribute).toBe('gpio/export')
    const { stdout } = await run(['doctor'], setUp())
    expect(stdout).toMatch(
      new RegExp(`^ok +gpio +driven by sysfs and onoff, because .*${reason.source}`, 'm'),
    )
  })

  const epoll = 'epoll/build/Release'
  test.each([
    ['is not installed', without('onoff'), /not installed: install a compiler /],
    [
      'was not compiled',
      without(epoll),
      /has blocked that \(Could not locate .*\(npm install --allow-scripts=epoll\)/,
    ],
    [
      'was compiled for another Node.js',
      `mount --bind /etc/passwd '${modules}/${epoll}/epoll.node'`,
      /compiled for another Node.js \(.*epoll.node.*\): install blinkup again/,
    ],
  ])('where onoff %s, both reasons are told', async (_, setUp, reason) => {
    const ended = await run(['off', ...GPIO], `${without('koffi')} && ${setUp}`)
    expect(ended.exitCode).toBe(69)
    expect(ended.stderr).toMatch(
      new RegExp(`koffi, which .* optional packages; and by sysfs: onoff .*${reason.source}`),
    )
  })

  test.skipIf(process.getuid?.() !== 0)('the user may open neither', async () => {
    chmodSync(`${pi.folder}/gpiochip0`, 0o600)
    expect(await runAsNobody(['off', ...GPIO])).toMatchObject({
      exitCode: 69,
      stderr: expect.stringMatching(
        /blinkup: no permission for \/dev\/gpiochip0: add your user to the group gpio .*; and by sysfs: no permission for /,
      ),
    })
    chmodSync(`${pi.folder}/sys/class/gpio/export`, 0o666)
    const { stdout } = await runAsNobody(['doctor'])
    expect(stdout).toMatch(
      /^ok +gpio +driven by sysfs and onoff, because no permission for \/dev\/gpio/m,
    )
  })
})

describe.skipIf(cannot).each(WAYS)('light on GPIO lines, by %s', (way) => {
  usePi('pi4', way)

  test('is the message, symbol for symbol, never early, and nothing brighter in between', async () => {
    const { stdout } = await blinkup(['encode', ...SHORT])
    const symbols = [...stdout.trim()].map(Number)
    const ended = await run(['send', ...GPIO, ...SHORT, '--rate', '50', '--json'])
    expectSent(ended)
    if (wasCut(ended)) return
    const { schema, pacing } = JSON.parse(ended.stdout)
    expect(schema).toBe('blinkup.send/2')
    expect(pacing).toMatchObject({ edges: 192, scheduling: { isolatedCpu: null } })

    // By sysfs white is reached and left by way of grey, within the write of one line.
    const changes = light()
    const levels = changes.map(({ level }) => level)
    const expected = symbols.flatMap((level, i) => {
      const before = symbols[i - 1] ?? 0
      if (level === before) return []
      if (way === 'device') return [level]
      return level === 2 ? [1, 2] : before === 2 ? [1, 0] : [level]
    })
    expect(levels).toEqual(expected)

    const rises = changes.filter(({ level }, i) => level > 0 && (levels[i - 1] ?? 0) === 0)
    const bits = symbols.filter((level) => level > 0).length
    expect(rises.length).toBe(bits)
    // On a busy machine they may be late, as it has told itself, but none is early.
    const offsetsNs = rises.map(({ timeNs }, bit) => timeNs - bit * 40e6).sort((x, y) => x - y)
    const onTimeNs = offsetsNs[Math.floor(bits / 2)] as number
    expect(onTimeNs - (offsetsNs[0] as number)).toBeLessThan(5e6 + 1e9 * pacing.maxS)
  })

  test('with active-low lines is dark before, after and in black', async () => {
    expectSent(await run(['send', ...GPIO, ...SHORT, '--active-low', '--rate', '100']))
    const about = pi.writes.map(({ attribute, text }) => `${attribute.split('/').at(-1)} ${text}`)
    expect(about.filter((write) => /^(request|direction|active_low)/.test(write))).toEqual(
      way === 'device'
        ? ['request 17,27,10a'] // _OUTPUT, _ACTIVE_LOW, _BIAS_PULL_UP
        : ['active_low 1', 'direction high', 'active_low 1', 'direction high'],
    )
    expect(light().at(-1)?.level).toBe(0)
    expect(light().some(({ level }) => level === 2)).toBe(true)
    // A line that is given back may be pulled low: by sysfs it cannot be pulled up instead.
    expect(pi.areLinesFree).toBe(way === 'device')
  })

  test('goes once round by the ADC', async () => {
    pi.addAdc(`gpio ${pi.base + 17} ${pi.base + 27}`)
    const ended = await run([
      'verify',
      ...GPIO,
      '--photodiode',
      'adc',
      ...SHORT,
      '--rate',
      '20',
      '--json',
    ])
    if (wasLate(ended)) return
    expect(JSON.parse(ended.stdout)).toMatchObject({
      verdict: 'pass',
      rig: 'gpio',
      pacing: { lateSymbols: 0 },
    })
    expect(JSON.parse(ended.stdout).greyRatio.seen).toBeCloseTo(0.52, 2)
  })

  test.skipIf(needs('socat'))('is seen by the bridge, if it has the light before it', async () => {
    // The emulated board has not: all but the light itself is as on the bench.
    const link = `${pi.folder}/board`
    const board = new Run(process.execPath, [BLINKUP, 'emulate', '--link', link], {})
    await board.says('stderr', /the emulated board is at/)
    const args = ['--photodiode', 'bridge', '--port', link, ...SHORT, '--rate', '20', '--json']
    const ended = await run(['verify', ...GPIO, ...args])
    const edges = ['--edges', '--seconds', '0.2', ...args.slice(0, 4)]
    const captured = await run(['capture', ...GPIO, ...edges])
    board.process.kill('SIGINT')
    await board.ended
    expect(captured).toMatchObject({ exitCode: 0, stdout: 'time_s,high\n' })
    if (wasLate(ended)) return
    expect(ended.exitCode, ended.stderr).toBe(1)
    expect(JSON.parse(ended.stdout)).toMatchObject({
      verdict: 'fail',
      reason: 'no-light',
      rig: 'gpio',
      gaps: [],
      pacing: { lateSymbols: 0 },
    })
  })

  test('is not verified without something that sees it', async () => {
    expect(await run(['verify', ...GPIO, ...SHORT])).toMatchObject({
      exitCode: 64,
      stderr: expect.stringMatching(/say what sees the light, with --photodiode\n$/),
    })
  })
})

describe.skipIf(cannot)('two pins of one PWM channel', () => {
  usePi('pi4')

  const duties = (): string[] =>
    existsLog()
      ? pi.writes
          .filter(({ attribute }) => attribute.endsWith('duty_cycle'))
          .map(({ text }) => text)
      : []
  const untilGrey = async (): Promise<void> => {
    while (!duties().includes('13000')) await sleep(20)
  }
  const PWM_0 = ['--rig', 'pwm', '--pin', '18']
  const SAME = ['--rig', 'pwm', '--pin', '12']
  const OTHER = ['--rig', 'pwm', '--pin', '13']

  test('are for one program at a time, also where another network is; the other channel is free', async () => {
    const sending = start(['send', ...PWM_0, ...LONG])
    while (!existsLog()) await sleep(20)
    const refused = {
      exitCode: 75,
      stderr: expect.stringContaining('another blinkup uses PWM channel 0 of pwmchip0: '),
    }
    expect(await run(['off', ...SAME])).toMatchObject(refused)
    const [program, args] = pi.command(['unshare', '--net', process.execPath, BLINKUP])
    const contained = new Run(program, [...args, 'off', ...SAME], {})
    expect(await contained.ended).toMatchObject(refused)
    expect(await run(['off', ...OTHER])).toMatchObject({ exitCode: 0 })
    sending.process.kill('SIGINT')
    await sending.ended
  })

  test.each([
    ['neither', without('koffi'), without('koffi')],
    ['the second one', undefined, without('koffi')],
    ['the first one', without('koffi'), undefined],
  ])('are so if %s has no koffi', async (_, first, second) => {
    const sending = start(['send', ...PWM_0, ...LONG], first)
    while (!existsLog()) await sleep(20)
    expect(await run(['off', ...SAME], second)).toMatchObject({
      exitCode: 75,
      stderr: expect.stringContaining('another blinkup uses /sys/class/pwm/pwmchip0/export: '),
    })
    sending.process.kill('SIGINT')
    await sending.ended
    expect(await run(['off', ...SAME], second)).toMatchObject({ exitCode: 0 })
  })

  test('are dark after kill -9 of the program, and free', async () => {
    const sending = start(['send', ...PWM_0, ...LONG])
    await untilGrey()
    sending.process.kill('SIGKILL')
    await sending.ended
    await expect.poll(() => pi.writes.at(-1)).toMatchObject({ attribute: 'pwm/pwmchip0/unexport' })
    expect(duties().at(-1)).toBe('0')
    expect(await run(['off', ...SAME])).toMatchObject({ exitCode: 0 })
  })

  test('are dark after a pacing process that never comes back', async () => {
    const sending = start(['send', ...PWM_0, ...LONG])
    await untilGrey()
    process.kill(pacingOf(sending), 'SIGSTOP')
    expect(await sending.ended).toMatchObject({
      exitCode: 74,
      stderr: expect.stringMatching(/because the process that paces it was held up: send again\n$/),
    })
    expect(duties().at(-1)).toBe('0')
  })

  test('that cannot be written any more may be lit', async () => {
    const sending = start(['send', ...PWM_0, ...LONG])
    await untilGrey()
    pi.remove('sys/class/pwm/pwmchip0/pwm0')
    const { exitCode, stderr } = await sending.ended
    expect(exitCode).toBe(74)
    expect(stderr).toMatch(
      /blinkup: the LED may still be lit, because its pins can no longer be written /,
    )
    expect(stderr).not.toMatch(/is dark\n/)
  })
})

/** Takes the names of locks that were abstract sockets once, and locks all files of the pins that it can open. */
const HINDER = `
  const { createServer } = require('node:net')
  const { execFileSync, spawn } = require('node:child_process')
  for (const part of ['BCM 17', 'BCM 27', 'BCM 18', 'PWM channel 2 of pwmchip2']) {
    createServer().listen({ path: '\\0blinkup ' + part })
  }
  const find = ['-L', '/sys/class/gpio', '/sys/class/pwm', '-maxdepth', '3', '-type', 'f']
  const files = execFileSync('find', [...find, '(', '-readable', '-o', '-writable', ')'], { encoding: 'utf8' })
  const locks = files.trim().split('\\n').map((file) => spawn('flock', ['-n', '-x', file, 'sleep', '60']))
  setTimeout(() => console.log(locks.filter(({ exitCode }) => exitCode === null).length, 'locks'), 500)`

describe.skipIf(cannot || process.getuid?.() !== 0).each(WAYS)(
  'another user, who may not use the pins, cannot hinder, by %s',
  (way) => {
    usePi('pi5', way)

    test('with the names and files that he may have', async () => {
      // Left as a program that was killed has left them, with attributes that everybody may read.
      pi.file(`sys/class/pwm/pwmchip2/pwm2/duty_cycle`, '0\n')
      for (const name of ['period', 'polarity', 'enable']) {
        pi.file(`sys/class/pwm/pwmchip2/pwm2/${name}`, '0\n')
      }
      const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']
      const [program, args] = pi.command([...nobody, process.execPath, '-e', HINDER])
      const hindering = new Run(program, args, { detached: true })
      await hindering.says('stdout', /^[1-9]\d* locks/)
      for (const rig of [GPIO, ['--rig', 'pwm', '--pin', '18']]) {
        expectSent(await run(['send', ...rig, ...SHORT, '--rate', '100']))
        expect(await run(['off', ...rig])).toMatchObject({ exitCode: 0 })
      }
      process.kill(-(hindering.process.pid as number), 'SIGKILL')
      await hindering.ended
    })
  },
)

describe.skipIf(cannot).each(WAYS)('two programs at once, by %s', (way) => {
  usePi('pi5', way)

  test('one has the lines, the other one ends', async () => {
    const short = ['send', ...GPIO, ...SHORT, '--rate', '100']
    const ended = await Promise.all([run(short), run(short)])
    const [refused] = ended.filter(({ exitCode }) => exitCode === 75)
    expect(refused?.stderr).toMatch(
      /\nblinkup: (another blinkup uses BCM (17|27): wait until it ends, or end it|BCM .* in use by .*)\n$/,
    )
    const others = ended.filter((one) => one !== refused)
    expect(others.length).toBe(1)
    for (const one of others) expectSent(one)
    expect(pi.areLinesFree).toBe(true)
  })
})

/** Opens a rig in a program of its own, as one that runs for long does, and again after it was closed or could not be opened. */
async function reopen(config: RigConfig, meanwhile: string): Promise<Ended> {
  const code = `
    const { rmSync } = await import('node:fs')
    const { openRig } = await import(${JSON.stringify(RIG)})
    const config = ${JSON.stringify(config)}
    const open = () => openRig(config).catch(({ code }) => console.log(code))
    const close = (rig) => rig?.[Symbol.asyncDispose]()
    const rig = await open()
    ${meanwhile}
    await close(rig)
    const again = await open()
    await close(again)
    console.log(again ? 'opened again' : 'not opened again')`
  const node = [process.execPath, '--input-type=module', '-e', code]
  const [program, args] = pi.command(node)
  return new Run(program, args, { stdio: ['ignore', 'pipe', 'pipe'] }).ended
}
const RIG = new URL('../../dist/rig/index.js', import.meta.url).href
const TWO_LINES = { kind: 'gpio', whiteLine: 17, greyLine: 27 } as const

describe.skipIf(cannot).each(WAYS)(
  'a program that goes on gives back what it had, by %s',
  (way) => {
    usePi('pi5', way)

    test.each<[string, RigConfig]>([
      ['two lines', TWO_LINES],
      ['a PWM channel', { kind: 'pwm', pin: 18 }],
    ])(
      '%s: nobody has them twice, and who has closed them can have them again',
      async (_, config) => {
        expect(await reopen(config, 'await open()')).toEqual({
          exitCode: 0,
          stdout: 'locked\nopened again\n',
          stderr: '',
        })
      },
    )
  },
)

describe.skipIf(cannot)('a program that goes on after lines were refused, by sysfs', () => {
  usePi('pi5', 'sysfs')

  test('keeps none of those that it was refused together', async () => {
    const twice = `
      await openRig({ kind: 'gpio', whiteLine: 22, greyLine: 17 }).catch(({ code }) => console.log(code))
      await close(await openRig({ kind: 'gpio', whiteLine: 22, greyLine: 23 }))`
    expect(await reopen(TWO_LINES, twice)).toEqual({
      exitCode: 0,
      stdout: 'locked\nopened again\n',
      stderr: '',
    })
  })

  test('can have them when they are free', async () => {
    const busy = `sys/class/gpio/busy${pi.base + 27}`
    pi.file(busy)
    expect(await reopen(TWO_LINES, `rmSync('/${busy}')`)).toEqual({
      exitCode: 0,
      stdout: 'locked\nopened again\n',
      stderr: '',
    })
  })
})

describe.skipIf(cannot)('lines that another blinkup has by sysfs', () => {
  usePi('pi5', 'both')

  test('are not taken for left ones by a program that has the character device', async () => {
    const sending = start(['send', ...GPIO, ...LONG], without('koffi'))
    await untilLit(11)
    expect(await run(['off', ...GPIO])).toMatchObject({
      exitCode: 75,
      stderr: expect.stringMatching(/another blinkup uses \/sys\/class\/gpio\/export: wait /),
    })
    const pacing = pacingOf(sending)
    sending.process.kill('SIGKILL')
    process.kill(pacing, 'SIGKILL')
    await sending.ended
    expect(await run(['off', ...GPIO])).toMatchObject({ exitCode: 0 })
    expect(pi.areLinesFree).toBe(true)
  })
})

const ADC = 'sys/bus/iio/devices/iio:device0'
const TRIGGER = 'sys/bus/iio/devices/trigger0'

/** An ADC with a buffer, and with other values of some attributes. */
function addBufferedAdc(attributes: Readonly<Record<string, string>> = {}): void {
  for (const [attribute, text] of Object.entries({
    name: 'ads1015',
    in_voltage0_raw: '0',
    current_timestamp_clock: 'realtime',
    'trigger/current_trigger': 'beat',
    'buffer/enable': '1',
    'buffer/length': '2',
    'scan_elements/in_voltage0_en': '0',
    'scan_elements/in_voltage0_type': 'be:u12/16>>4',
    'scan_elements/in_voltage1_en': '1',
    'scan_elements/in_voltage1_type': 'be:u12/16>>4',
    'scan_elements/in_timestamp_en': '0',
    'scan_elements/in_timestamp_type': 'le:s64/64>>0',
    ...attributes,
  })) {
    pi.file(`${ADC}/${attribute}`, `${text}\n`)
  }
  pi.file(`${TRIGGER}/name`, 'beat\n')
  pi.file(`${TRIGGER}/sampling_frequency`, '100\n')
}

/** Scans of these codes, at these times. */
function scansOf(codes: readonly number[], timesNs: readonly bigint[]): Buffer {
  const scans = Buffer.alloc(16 * codes.length)
  codes.forEach((code, i) => {
    scans.writeUInt16BE((code << 4) | 0xf, 16 * i) // what is below the shift is of no value
    scans.writeBigInt64LE(timesNs[i] as bigint, 16 * i + 8)
  })
  return scans
}

const CAPTURE = ['capture', ...GPIO, '--photodiode', 'adc']
const ADC_ALONE = ['doctor', '--json']
const adcCheck = ({ stdout }: Ended) =>
  JSON.parse(stdout).checks.find(({ name }: { name: string }) => name === 'adc')

describe.skipIf(cannot)('an ADC with a buffer', () => {
  usePi('pi4')

  let device: string
  beforeEach(() => {
    device = pi.withDevice('iio:device0')
  })

  const capture = (...options: string[]): Promise<Ended> => run([...CAPTURE, ...options], device)

  test('gives the samples that the kernel has stamped', async () => {
    addBufferedAdc()
    const codes = Array.from({ length: 2001 }, (_, i) => i)
    const timesNs = codes.map((i) => 5_000_000_000n + BigInt(i) * 1_000_000n)
    pi.writeDevice(scansOf(codes, timesNs))
    const { exitCode, stdout, stderr } = await capture('--sample-rate', '1000', '--seconds', '2')
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: 'blinkup: 2001 samples\n' })
    const rows = stdout.trim().split('\n').slice(1)
    expect(rows.length).toBe(2001)
    expect(rows[0]).toBe('5.000000,0.00000')
    expect(rows[2000]).toBe(`7.000000,${(2000 / 4095).toFixed(5)}`)
    expect(pi.read(`${ADC}/scan_elements/in_voltage0_en`)).toBe('1')
    expect(pi.read(`${ADC}/scan_elements/in_voltage1_en`)).toBe('0')
    expect(pi.read(`${ADC}/current_timestamp_clock`)).toBe('monotonic')
    expect(pi.read(`${TRIGGER}/sampling_frequency`)).toBe('1000')
    expect(pi.read(`${ADC}/buffer/enable`)).toBe('0')
  })

  test('tells what is missing between them, wherever that is', async () => {
    addBufferedAdc()
    const beats = Array.from({ length: 1001 }, (_, beat) => beat).filter(
      (beat) => beat !== 200 && !(beat >= 500 && beat < 900),
    )
    pi.writeDevice(
      scansOf(
        beats,
        beats.map((beat) => BigInt(1_000_000 * beat)),
      ),
    )
    const { exitCode, stderr } = await capture('--seconds', '1')
    expect({ exitCode, stderr: stderr.split('\n') }).toEqual({
      exitCode: 0,
      stderr: [
        expect.stringMatching(/1 samples from 0.200000 s on were lost$/),
        expect.stringMatching(/400 samples from 0.500000 s on were lost$/),
        'blinkup: 600 samples',
        '',
      ],
    })
  })

  test('that is slower than its trigger is refused', async () => {
    addBufferedAdc()
    const timesNs = Array.from({ length: 100 }, (_, i) => BigInt(8_000_000 * i))
    pi.writeDevice(
      scansOf(
        timesNs.map(() => 0),
        timesNs,
      ),
    )
    expect(await capture()).toMatchObject({
      exitCode: 69,
      stderr: expect.stringMatching(
        /ads1015 gives about 125 samples a second, while its trigger beat fires 1000 times a second: lower the sample rate, /,
      ),
    })
  })

  test('and a trigger without times is refused', async () => {
    addBufferedAdc()
    pi.writeDevice(scansOf([1, 2], [0n, 0n]))
    expect(await capture()).toMatchObject({
      exitCode: 74,
      stderr: expect.stringMatching(
        /the trigger beat does not give the samples of ads1015 increasing times: set another /,
      ),
    })
    expect(pi.read(`${ADC}/buffer/enable`)).toBe('0')
  })

  test.each([
    [400, 475, 400],
    [2000, 860, 860],
  ])(
    'of a rate of its own, for %i: that is %i, and its trigger beats no faster',
    async (rateHz, ownHz, beatHz) => {
      addBufferedAdc({
        sampling_frequency_available: '8 16 32 64 128 250 475 860',
        in_voltage0_sampling_frequency: '128',
      })
      await capture('--sample-rate', `${rateHz}`) // until it has got no samples for a second
      expect(pi.read(`${ADC}/in_voltage0_sampling_frequency`)).toBe(`${ownHz}`)
      expect(pi.read(`${TRIGGER}/sampling_frequency`)).toBe(`${beatHz}`)
    },
  )

  test('and one input at a time has the others turned off first', async () => {
    addBufferedAdc()
    const other = `${pi.folder}/${ADC}/scan_elements/in_voltage1_en`
    pi.remove(`${ADC}/scan_elements/in_voltage1_en`)
    execFileSync('mkfifo', [other])
    const capturing = start(CAPTURE, device)
    while (pi.read(`${ADC}/buffer/enable`) !== '0') await sleep(20)
    await sleep(200) // it waits for somebody to read that it turns the other input off
    expect(pi.read(`${ADC}/scan_elements/in_voltage0_en`)).toBe('0')
    expect((await readFile(other, 'latin1')).trim()).toBe('0')
    await capturing.ended
    expect(pi.read(`${ADC}/scan_elements/in_voltage0_en`)).toBe('1')
  })

  test('that goes away is told', async () => {
    addBufferedAdc()
    // What can be opened, but not be read.
    const node = '/dev/iio:device0'
    const folder = `${device} && umount ${node} ${pi.folder}${node} && rm ${node} && mkdir ${node}`
    expect(await run(CAPTURE, folder)).toMatchObject({
      exitCode: 74,
      stderr: expect.stringMatching(/ads1015 can no longer be read \(EISDIR.*\): check the ADC$/m),
    })
  })
})

describe.skipIf(cannot)('an ADC that cannot be used is told by capture and by doctor alike', () => {
  usePi('pi4')

  const expectRefused = async (finding: RegExp, setUp?: string): Promise<void> => {
    const captured = await run(CAPTURE, setUp)
    expect(captured.stderr).toMatch(finding)
    expect(captured.exitCode).toBeGreaterThan(1)
    const looked = await run(ADC_ALONE, setUp)
    expect(adcCheck(looked)).toEqual({
      name: 'adc',
      status: 'warning',
      finding: expect.stringMatching(finding),
    })
  }

  test('scans of an unknown kind', async () => {
    addBufferedAdc({ 'scan_elements/in_voltage0_type': 'be:u12/16X2>>4' })
    const setUp = pi.withDevice('iio:device0')
    await expectRefused(/the buffer of ads1015 is of an unknown kind: give a scan type /, setUp)
  })

  test('an unknown number of bits', async () => {
    pi.file(`${ADC}/name`, 'stranger\n')
    pi.file(`${ADC}/in_voltage0_raw`, '0\n')
    await expectRefused(/the resolution of the ADC stranger is not known: use one of mcp3001, /)
  })

  test('a value that is no number', async () => {
    pi.file(`${ADC}/name`, 'mcp3008\n')
    pi.file(`${ADC}/in_voltage0_raw`, 'nothing\n')
    await expectRefused(/in_voltage0_raw can no longer be read \(it does not hold a number\)/)
  })

  test('no node for its buffer', async () => {
    addBufferedAdc()
    await expectRefused(/ads1015 \(\/dev\/iio:device0\) cannot be used: ENOENT/)
  })

  test('no trigger for its buffer, or one of a name that the kernel has dropped', async () => {
    addBufferedAdc({ 'trigger/current_trigger': '' })
    await expectRefused(
      /ads1015 can only be read by its buffer, which has no trigger: set one \(echo beat \| sudo tee \/sys\/.*current_trigger\), then check that .*current_trigger reads beat, /,
    )
    pi.remove(TRIGGER)
    await expectRefused(
      /has no trigger: make one \(sudo modprobe iio-trig-hrtimer && sudo mkdir .*\/hrtimer\/blinkup\), set it \(echo blinkup /,
    )
  })

  test('a trigger that is not there any more', async () => {
    addBufferedAdc({ 'trigger/current_trigger': 'gone' })
    await expectRefused(/the trigger gone of ads1015 no longer exists: set one \(echo beat /)
  })

  test('a trigger that does not fire', async () => {
    addBufferedAdc()
    const setUp = pi.withDevice('iio:device0')
    await expectRefused(/ads1015 gives no samples: check that its trigger beat fires/, setUp)
  })

  test('no such input', async () => {
    pi.addAdc('gpio 0 0')
    const looked = await run([...ADC_ALONE, ...GPIO, '--photodiode', 'adc', '--adc-channel', '3'])
    expect(adcCheck(looked)).toMatchObject({
      status: 'warning',
      finding: expect.stringMatching(/^no ADC has a voltage input 3: /),
    })
  })

  test.skipIf(process.getuid?.() !== 0)('no permission', async () => {
    const device = pi.withDevice('iio:device0')
    const look = async () => {
      const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']
      const command = [...nobody, process.execPath, BLINKUP, ...ADC_ALONE]
      const [program, args] = pi.command(command, device)
      const looking = new Run(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
      return adcCheck(await looking.ended)
    }
    const noPermission = (what: RegExp) => ({
      status: 'warning',
      finding: expect.stringMatching(
        new RegExp(`^no permission for ${what.source}: add your user `),
      ),
    })
    pi.addAdc('gpio 0 0')
    chmodSync(`${pi.folder}/${ADC}/in_voltage0_raw`, 0o600)
    expect(await look()).toMatchObject(noPermission(/.*in_voltage0_raw/))
    addBufferedAdc()
    expect(await look()).toMatchObject(noPermission(/the buffer of ads1015/))
    chmodSync(`${pi.folder}/iio:device0`, 0o600)
    expect(await look()).toMatchObject(noPermission(/ads1015 .\/dev\/iio:device0./))
  })
})

describe.skipIf(cannot)('an ADC of one input', () => {
  usePi('pi4')

  test.each(['mcp3001', 'mcp3201'])('%s, is channel 0', async (name) => {
    pi.file(`${ADC}/name`, `${name}\n`)
    pi.file(`${ADC}/in_voltage0-voltage1_raw`, '100\n')
    expect(adcCheck(await run(ADC_ALONE))).toEqual({
      name: 'adc',
      status: 'ok',
      finding: `${name} by polling, 1000 samples a second`,
    })
    expect(await run([...CAPTURE, '--adc-channel', '1'])).toMatchObject({
      exitCode: 69,
      stderr: expect.stringMatching(/no ADC has a voltage input 1/),
    })
  })
})

describe.skipIf(cannot).each(WAYS)('whatever ends it, the LED is dark, by %s', (way) => {
  usePi('pi5', way)

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('%s', async (signal, exitCode) => {
    const sending = start(['send', ...GPIO, ...LONG])
    await untilLit(21)
    sending.process.kill(signal)
    expect(await sending.ended).toMatchObject({
      exitCode,
      stderr: expect.stringMatching(new RegExp(`interrupted by ${signal}; the LED is dark\n$`)),
    })
    expect(light().at(-1)?.level).toBe(0)
    expect(pi.areLinesFree).toBe(true)
  })

  test('a second Ctrl-C right after the first', async () => {
    const sending = start(['send', ...GPIO, ...LONG])
    await untilLit(21)
    sending.process.kill('SIGINT')
    sending.process.kill('SIGINT')
    expect((await sending.ended).exitCode).toBe(130)
    await expect.poll(() => light().at(-1)?.level).toBe(0)
  })

  test('kill -9 of the program: its pacing process turns it dark and gives the lines back', async () => {
    const sending = start(['send', ...GPIO, ...LONG])
    await untilLit(21)
    sending.process.kill('SIGKILL')
    await sending.ended
    while (!pi.areLinesFree) await sleep(20)
    expect(light().at(-1)?.level).toBe(0)
  })

  test('kill -9 of the pacing process', async () => {
    const sending = start(['send', ...GPIO, ...LONG])
    await untilLit(21)
    process.kill(pacingOf(sending), 'SIGKILL')
    expect(await sending.ended).toMatchObject({
      exitCode: 74,
      stderr: expect.stringMatching(
        /the light was cut short, because the process that paces it has ended \(SIGKILL\): send again\n$/,
      ),
    })
    expect(light().at(-1)?.level).toBe(0)
  })

  test('kill -9 of both: off mends it', async () => {
    const sending = start(['send', ...GPIO, ...LONG])
    await untilLit(21)
    const pacing = pacingOf(sending)
    process.kill(pacing, 'SIGSTOP')
    sending.process.kill('SIGKILL')
    process.kill(pacing, 'SIGKILL')
    await sending.ended
    // The kernel frees the lines of the character device itself. Raspberry Pi's leaves them lit.
    expect(pi.areLinesFree).toBe(way === 'device')
    expect(await run(['off', ...GPIO])).toMatchObject({ exitCode: 0 })
    expect(light().at(-1)?.level).toBe(0)
    expect(pi.areLinesFree).toBe(true)
  })

  test('a pacing process that is held up: the message has failed', async () => {
    const sending = start(['send', ...GPIO, ...SHORT, '--rate', '50'])
    await untilLit(21)
    holdUp(pacingOf(sending))
    const { exitCode, stdout, stderr } = await sending.ended
    expect(exitCode).toBe(74)
    expect(stdout).toMatch(/^edges late by \d.* µs \(median\), .*\n$/)
    expect(stderr).toMatch(
      /\d+ of \d+ changes of the light came more than a quarter of a symbol late, up to \d+\.\d ms: .* send again( \(see blinkup doctor\))?\n$/,
    )
    expect(light().at(-1)?.level).toBe(0)
  })

  test('and in JSON the document has both the failure and how late it was', async () => {
    const sending = start(['send', ...GPIO, ...SHORT, '--rate', '50', '--json'])
    await untilLit(21)
    holdUp(pacingOf(sending))
    expect(JSON.parse((await sending.ended).stdout)).toMatchObject({
      schema: 'blinkup.send/2',
      symbolRateHz: null,
      pacing: { maxS: expect.any(Number) },
      error: { code: 'rig.broken-off', exitCode: 74 },
    })
  })

  test('a pacing process that never comes back', async () => {
    const sending = start(['send', ...GPIO, ...LONG])
    await untilLit(21)
    process.kill(pacingOf(sending), 'SIGSTOP')
    expect(await sending.ended).toMatchObject({
      exitCode: 74,
      stderr: expect.stringMatching(/because the process that paces it was held up: send again\n$/),
    })
    expect(light().at(-1)?.level).toBe(0)
  })

  test('Ctrl-C when the pacing process is stopped', async () => {
    const sending = start(['send', ...GPIO, ...LONG])
    await untilLit(21)
    process.kill(pacingOf(sending), 'SIGSTOP')
    sending.process.kill('SIGINT')
    expect(await sending.ended).toMatchObject({
      exitCode: 130,
      stderr: expect.stringMatching(/interrupted by SIGINT; the LED is dark\n$/),
    })
    expect(light().at(-1)?.level).toBe(0)
    expect(pi.areLinesFree).toBe(true)
  })

  test('doctor, interrupted while it measures', async () => {
    pi.addAdc(`gpio ${lines().white} ${lines().grey}`)
    for (const changes of [1, 3]) {
      const looking = start(['doctor', ...GPIO, '--photodiode', 'adc'])
      await untilLit(changes)
      looking.process.kill('SIGINT')
      expect(await looking.ended).toMatchObject({
        exitCode: 130,
        stderr: 'blinkup: interrupted by SIGINT; the LED is dark\n',
      })
      expect(light().at(-1)?.level).toBe(0)
      expect(pi.areLinesFree).toBe(true)
    }
  })

  test('an ADC that says no number while the LED is lit', async () => {
    pi.addAdc(`gpio ${lines().white} ${lines().grey}`)
    const looking = start(['doctor', ...GPIO, '--photodiode', 'adc'])
    await untilLit(1)
    pi.file('sys/bus/iio/devices/iio:device0/in_voltage0_raw', 'nothing\n')
    const { exitCode, stdout } = await looking.ended
    expect(exitCode).toBe(1)
    if (LATE.test(stdout)) return
    expect(stdout).toMatch(
      /^FAILURE rig .*can no longer be read \(it does not hold a number\): check the ADC$/m,
    )
    expect(light().at(-1)?.level).toBe(0)
  })
})

describe.skipIf(cannot)('what is not there, or not free', () => {
  usePi('pi5')

  test('another blinkup has the line', async () => {
    const sending = start(['send', ...GPIO, ...LONG])
    await untilLit(1)
    const other = ['--rig', 'gpio', '--white-line', '5', '--grey-line', '27']
    expect(await run(['off', ...other])).toEqual({
      exitCode: 75,
      stdout: '',
      stderr:
        'blinkup: the LED may still be lit\nblinkup: another blinkup uses BCM 27: wait until it ends, or end it\n',
    })
    sending.process.kill('SIGINT')
    await sending.ended
    expect(light().at(-1)?.level).toBe(0)
  })

  test('the kernel has the line: it is told by whom, and neither is taken', async () => {
    pi.file('gpiochip0.user27', 'spi0 CS0')
    expect(await run(['off', ...GPIO])).toMatchObject({
      exitCode: 75,
      stderr: expect.stringMatching(
        /BCM 27 is used by spi0 CS0: free it, or choose another line\n$/,
      ),
    })
    expect(pi.areLinesFree).toBe(true)
  })

  test('no Raspberry Pi', async () => {
    pi.remove('sys/class/gpio')
    pi.remove('sys/bus/gpio')
    const { exitCode, stderr } = await run(['off', ...GPIO])
    expect(exitCode).toBe(69)
    expect(stderr).toMatch(
      /^blinkup: this machine has no Raspberry Pi header: use a rig of kind bridge or emulated \(--rig bridge or --rig emulated\)\n$/m,
    )
  })

  test('no overlay for the PWM', async () => {
    pi.remove('sys/class/pwm')
    expect(await run(['off', '--rig', 'pwm', '--pin', '13'])).toMatchObject({
      exitCode: 69,
      stderr:
        'blinkup: the LED may still be lit\nblinkup: there is no PWM for BCM 13: add the line "dtoverlay=pwm,pin=13,func=4" to /boot/firmware/config.txt and restart\n',
    })
  })

  test('a PWM that is not of the header is named', async () => {
    pi.remove('sys/class/pwm/pwmchip2')
    expect((await run(['off', '--rig', 'pwm', '--pin', '18'])).stderr).toMatch(
      /there is no PWM for BCM 18 \(but 1f0009c000.pwm\): add the line /,
    )
    expect((await run(['doctor'])).stdout).toMatch(
      /^warning pwm +there is none for the header \(but 1f0009c000.pwm\), so no pwm rig can be used: /m,
    )
  })

  test('off needs no photodiode', async () => {
    const ended = await run(['off', ...GPIO, '--photodiode', 'adc'])
    expect(ended).toMatchObject({ exitCode: 0, stderr: 'blinkup: the LED is dark\n' })
  })

  test('no ADC: the lines are given back', async () => {
    const { exitCode, stderr } = await run(['verify', ...GPIO, ...SHORT, '--photodiode', 'adc'])
    expect(exitCode).toBe(69)
    expect(stderr).toMatch(/no ADC has a voltage input 0: .*"dtoverlay=mcp3008,spi0-0-present"/)
    expect(pi.areLinesFree).toBe(true)
  })
})

describe.skipIf(cannot)('what is not there, or not free, by sysfs', () => {
  usePi('pi5', 'sysfs')

  test('a line that is taken away in the middle', async () => {
    const sending = start(['send', ...GPIO, ...LONG])
    await untilLit(21)
    pi.remove(`sys/class/gpio/gpio${lines().white}`)
    const { exitCode, stderr } = await sending.ended
    expect(exitCode).toBe(74)
    expect(stderr).toMatch(
      /the LED may still be lit, because its pins can no longer be written .*ENODEV.*: check that /,
    )
    const greys = pi.writes.filter(
      ({ attribute }) => attribute === `gpio/gpio${lines().grey}/value`,
    )
    expect(greys.at(-1)?.text).toBe('0') // at least
  })

  test('the kernel has the line: the other one is given back', async () => {
    pi.file(`sys/class/gpio/busy${pi.base + 27}`)
    const { exitCode, stderr } = await run(['off', ...GPIO])
    expect({ exitCode, stderr }).toEqual({
      exitCode: 75,
      stderr: expect.stringMatching(
        /BCM 27 \(the kernel's line 596\) is in use by the kernel or another program: /,
      ),
    })
    expect(pi.writes.at(-1)).toMatchObject({
      attribute: 'gpio/unexport',
      text: String(pi.base + 17),
    })
  })

  test.skipIf(process.getuid?.() !== 0)(
    'udev needs a second for the files of a new line',
    async () => {
      chmodSync(`${pi.folder}/sys/class/gpio`, 0o777)
      for (const file of ['export', 'unexport'])
        chmodSync(`${pi.folder}/sys/class/gpio/${file}`, 0o666)
      pi.file('sys/class/gpio/late', '1000') // ms
      expect(await runAsNobody(['off', ...GPIO])).toMatchObject({ exitCode: 0 })
      expect(pi.areLinesFree).toBe(true)
    },
  )
})

describe.skipIf(cannot)('a board that is plugged in', () => {
  usePi('pi5')
  const lack =
    'a possible Uno or Nano (USB ID 1a86:7523) is plugged in but has no serial port: remove brltty, which takes it for a Braille display (sudo apt remove brltty), or load the driver (sudo modprobe ch341), and plug it in again'

  test.each([
    ['doctor', ['doctor'], 0, `warning serial port     ${lack}\n`],
    ['send', ['send', '--rig', 'bridge', ...SHORT], 69, `blinkup: ${lack}\n`],
    [
      'send to a name',
      ['send', '--rig', 'bridge', '--port', 'line-7', ...SHORT],
      69,
      `blinkup: no USB serial port and no free board is called line-7; ${lack}\n`,
    ],
    [
      'a path',
      ['firmware', 'info', '--port', '/dev/ttyUSB0'],
      69,
      `blinkup: cannot open /dev/ttyUSB0, but ${lack}\n`,
    ],
  ])('but has no serial port: %s', async (_, args, exitCode, sentence) => {
    pi.addUsb('1a86', '7523')
    const ended = await run(args)
    expect(ended.exitCode).toBe(exitCode)
    expect(`${ended.stdout}${ended.stderr}`).toContain(sentence)
  })

  test('but has another chip is not taken, and told as such', async () => {
    pi.addUsb('2341', '0069', 'ttyACM0')
    const { exitCode, stderr } = await run(['send', '--rig', 'bridge', ...SHORT])
    expect(exitCode).toBe(69)
    expect(stderr).toMatch(
      /; \/dev\/ttyACM0 is an Uno R4 Minima \(2341:0069\), which has another chip: plug the board in, or name the serial port\n$/,
    )
  })

  const oldNano =
    'check that this is the right port, or flash it as a board with the old bootloader (--board nano-old)'
  test.skipIf(needs('socat')).each([
    ['0403', '6001', 'uno', oldNano],
    ['1a86', '55d4', 'nano', oldNano],
    ['2341', '0043', 'uno', 'check that this is the right port'],
    [
      '0403',
      '6001',
      'nano-old',
      'check that this is the right port, or flash it as a board with the new bootloader (without --board nano-old)',
    ],
    [
      '2341',
      '0069',
      'uno',
      'it is an Uno R4 Minima (2341:0069), which has another chip: use an Uno R3, or a Nano with an ATmega328P',
    ],
  ])(
    'but whose bootloader does not answer, %s:%s as %s',
    async (vendorId, productId, board, remedy) => {
      pi.addUsb(vendorId, productId, 'ttyUSB0')
      const socat = new Run('socat', [`PTY,link=${pi.folder}/tty,rawer`, 'STDIO'], {})
      while (!existsSync(`${pi.folder}/tty`)) await sleep(10)
      pi.file('bin/avrdude', '#!/bin/sh\necho "stk500_getsync() attempt 2: not in sync"\nexit 1\n')
      chmodSync(`${pi.folder}/bin/avrdude`, 0o755)
      const { exitCode, stderr } = await run(
        ['firmware', 'flash', '--port', '/dev/ttyUSB0', '--board', board],
        `${pi.withDevice('ttyUSB0', `${pi.folder}/tty`)} && export PATH=${pi.folder}/bin:$PATH`,
      )
      socat.process.kill()
      await socat.ended
      expect(exitCode).toBe(69)
      expect(stderr).toContain(
        `\nblinkup: the bootloader does not answer (avrdude ended with 1): ${remedy}\n`,
      )
    },
  )
})

describe.skipIf(cannot)('doctor', () => {
  usePi('pi5', 'both')
  const statuses = (checks: { name: string; status: string }[]) =>
    Object.fromEntries(checks.map(({ name, status }) => [name, status]))

  test('looks at the machine, and says how to mend it', async () => {
    pi.remove('sys/class/pwm')
    pi.file('sys/devices/system/cpu/cpu0/cpufreq/scaling_governor', 'ondemand\n')
    pi.file('sys/devices/system/cpu/isolated', '3\n')
    const { exitCode, stdout } = await run(['doctor', '--json'])
    const { schema, checks } = JSON.parse(stdout)
    expect({ exitCode, schema }).toEqual({ exitCode: 0, schema: 'blinkup.doctor/1' })
    expect(statuses(checks)).toMatchObject({
      model: 'ok',
      kernel: 'ok',
      gpio: 'ok',
      pwm: 'warning',
      adc: 'warning',
      'isolated cpu': 'ok',
      governor: 'warning',
    })
    const text = (await run(['doctor'])).stdout
    expect(text).toMatch(/^ok +model +Raspberry Pi 5 Model B Rev 1.0$/m)
    expect(text).toMatch(/^ok +gpio +driven by \/dev\/gpiochip0, pinctrl-rp1$/m)
    expect(text).toMatch(
      /^warning pwm .*: dtoverlay=pwm,pin=18,func=2 in \/boot\/firmware\/config.txt$/m,
    )
    expect(text).toMatch(/^warning governor +ondemand .*: echo performance \| sudo tee /m)
  })

  test('a chrt of busybox has short options only, and perhaps not all', async () => {
    const realTime = async (script: string): Promise<string> => {
      pi.file('chrt', `#!/bin/sh\n${script}\n`)
      chmodSync(`${pi.folder}/chrt`, 0o755)
      const setUp = `mount --bind ${pi.folder}/chrt "$(command -v chrt)"`
      const { stdout } = await run(['doctor'], setUp)
      return /^\w+ +real-time +(.*)$/m.exec(stdout)?.[1] ?? ''
    }
    const usage = '{ echo "BusyBox v1.37.0 () multi-call binary. Usage: chrt" >&2; exit 1; }'
    expect(await realTime(`case "$*" in *--*) ${usage};; esac`)).toBe(
      'real-time priority is granted',
    )
    expect(await realTime(usage)).toMatch(
      /: this chrt is not the one from util-linux: install util-linux$/,
    )
    expect(await realTime('echo chrt: nicht erlaubt >&2; exit 1')).toMatch(
      /: chrt was refused: echo "@gpio - rtprio 10" /,
    )
  })

  test('looks at serial ports without opening them: who has them, and how late they deliver', async () => {
    pi.addUsb('0403', '6001', 'ttyUSB0')
    pi.file('sys/bus/usb-serial/devices/ttyUSB0/latency_timer', '16\n')
    const { stdout } = await run(
      ['doctor'],
      // Until doctor, of the same PID as this shell, has ended.
      `${pi.withDevice('ttyUSB0')} && { tail --pid=$$ -f /dev/null 3<>/dev/ttyUSB0 & }`,
    )
    expect(stdout).toMatch(
      /^warning serial port +\/dev\/ttyUSB0, USB ID 0403:6001, no serial number: tail \(PID \d+\) uses it: end tail /m,
    )
    expect(stdout).toMatch(
      /^warning latency timer +\/dev\/ttyUSB0 delivers after 16 ms only: echo 1 /m,
    )
  })

  test('tells an Arduino with another chip', async () => {
    pi.addUsb('2341', '0069', 'ttyACM0')
    const { stdout } = await run(['doctor'], pi.withDevice('ttyACM0'))
    expect(stdout).toMatch(
      /^warning serial port +\/dev\/ttyACM0, USB ID 2341:0069, no serial number, is an Uno R4 Minima .*, which has another chip: use an Uno R3, /m,
    )
  })

  test('looks at the rig and its light', async () => {
    const { white, grey } = lines()
    pi.addAdc(`gpio ${white} ${grey}`)
    const { exitCode, stdout } = await run(['doctor', ...GPIO, '--photodiode', 'adc', '--json'])
    if (LATE.test(stdout)) return
    const { checks } = JSON.parse(stdout)
    expect(exitCode).toBe(0)
    expect(statuses(checks)).toMatchObject({
      'BCM 17': 'ok',
      'BCM 27': 'ok',
      adc: 'ok',
      rig: 'ok',
      black: 'ok',
      flicker: 'ok',
      white: 'ok',
      grey: 'ok',
    })
    expect(light().at(-1)?.level).toBe(0)
  })

  test('tells who has a line, as the kernel does', async () => {
    pi.file('gpiochip0.user17', 'spi0 CS0')
    pi.file(`sys/class/gpio/gpio${pi.base + 27}/direction`, 'in\n')
    const { exitCode, stdout } = await run(['doctor', ...GPIO])
    expect(exitCode).toBe(1)
    expect(stdout).toMatch(/^FAILURE BCM 17 +is used by spi0 CS0: remove that from /m)
    expect(stdout).toMatch(
      /^warning BCM 27 +a program uses it, or was killed and has left it in use: turn the LED off \(blinkup off, /m,
    )
    expect(stdout).toMatch(/^FAILURE rig +BCM 17 is used by spi0 CS0: free it, /m)
  })
})

describe.skipIf(cannot)('doctor, by sysfs', () => {
  usePi('pi5', 'sysfs')

  test('a line that a driver has is a failure', async () => {
    pi.file(`sys/class/gpio/busy${pi.base + 17}`)
    const table = [
      'gpiochip0: GPIOs 569-622, parent: platform/1f000d0000.gpio, pinctrl-rp1:',
      ' gpio-586 (GPIO17              |led                 ) out lo',
    ]
    pi.file('sys/kernel/debug/gpio', table.join('\n'))
    const { exitCode, stdout } = await run(['doctor', ...GPIO])
    expect(exitCode).toBe(1)
    expect(stdout).toMatch(/^FAILURE BCM 17 +is used by led: remove that from /m)
    expect(stdout).toMatch(/^FAILURE rig +BCM 17 .the kernel's line 586. is in use by the kernel /m)
  })
})
