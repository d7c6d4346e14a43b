import { readFileSync, symlinkSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { needs } from '../requirements.js'
import { lightOf, Pi, type PiModel } from '../rig/raspberry-pi/pi.js'
import { BLINKUP, blinkup, type Ended, Run } from './blinkup.js'

const GPIO = ['--rig', 'gpio', '--white-line', '17', '--grey-line', '27']
const SHORT = ['--ssid', 'a', '--open']
/** Half a minute: it is broken off. */
const LONG = ['--dummy', '--rate', '20', '--sync', '200']

const cannot = needs('unshare') || needs('/usr/bin/gcc') || needs('onoff')

let pi: Pi
const usePi = (model: PiModel): void => {
  beforeEach(() => {
    pi = new Pi(model)
  })
  afterEach(() => pi[Symbol.dispose]())
}

function start(args: readonly string[], setUp?: string): Run {
  const [program, programArgs] = pi.command([process.execPath, BLINKUP, ...args], setUp)
  return new Run(program, programArgs, { stdio: ['ignore', 'pipe', 'pipe'] })
}

const run = (args: readonly string[], setUp?: string): Promise<Ended> => start(args, setUp).ended

const lines = () => ({ white: pi.base + 17, grey: pi.base + 27 })
const light = () => lightOf(pi.writes, lines())

/** It was sent whole. On a busy machine an edge may be late, which is no fault of the light's order. */
function expectSent({ exitCode, stderr }: Ended): void {
  if (exitCode === 0) return
  expect({ exitCode, stderr }).toEqual({
    exitCode: 74,
    stderr: expect.stringMatching(/came late by more than a quarter of a symbol/),
  })
}

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

describe.skipIf(cannot).each(['pi3-old', 'pi3', 'pi4', 'pi5'] as const)('on a %s', (model) => {
  usePi(model)

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

describe.skipIf(cannot)('light on GPIO lines', () => {
  usePi('pi4')

  test('is the message, symbol for symbol, never early, and nothing brighter in between', async () => {
    const { stdout } = await blinkup(['encode', ...SHORT])
    const symbols = [...stdout.trim()].map(Number)
    const ended = await run(['send', ...GPIO, ...SHORT, '--rate', '50', '--json'])
    expectSent(ended)
    expect(JSON.parse(ended.stdout)).toMatchObject({
      schema: 'blinkup.send/1',
      pacing: { edges: 192, scheduling: { isolatedCpu: null } },
    })

    // White is reached and left by way of grey, within the write of one line.
    const changes = light()
    const levels = changes.map(({ level }) => level)
    const expected = symbols.flatMap((level, i) => {
      const before = symbols[i - 1] ?? 0
      if (level === before) return []
      return level === 2 ? [1, 2] : before === 2 ? [1, 0] : [level]
    })
    expect(levels).toEqual(expected)

    const rises = changes.filter(({ level }, i) => level > 0 && (levels[i - 1] ?? 0) === 0)
    const bits = symbols.filter((level) => level > 0).length
    expect(rises.length).toBe(bits)
    // Some may be late on a busy machine, but none is early.
    const offsetsNs = rises.map(({ timeNs }, bit) => timeNs - bit * 40e6).sort((x, y) => x - y)
    const onTimeNs = offsetsNs[Math.floor(bits / 2)] as number
    expect(onTimeNs - (offsetsNs[0] as number)).toBeLessThan(5e6)
  })

  test('with active-low lines is dark before, after and in black', async () => {
    expectSent(await run(['send', ...GPIO, ...SHORT, '--active-low', '--rate', '100']))
    const directions = pi.writes.filter(({ attribute }) => attribute.endsWith('direction'))
    expect(directions.map(({ text }) => text)).toEqual(['high', 'high'])
    const inverted = pi.writes.filter(({ attribute }) => attribute.endsWith('active_low'))
    expect(inverted.map(({ text }) => text)).toEqual(['1', '1'])
    expect(light().at(-1)?.level).toBe(0)
    expect(light().some(({ level }) => level === 2)).toBe(true)
    // A line that is given back may be pulled low.
    expect(pi.writes.some(({ attribute }) => attribute === 'gpio/unexport')).toBe(false)
  })

  // Once more where the machine was held up for longer than a quarter of a symbol, or than a bit.
  test('goes once round by the ADC', { retry: 2 }, async () => {
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
    expect(JSON.parse(ended.stdout)).toMatchObject({
      verdict: 'pass',
      rig: 'gpio',
      pacing: { lateSymbols: 0 },
    })
    expect(JSON.parse(ended.stdout).greyRatio.seen).toBeCloseTo(0.52, 2)
  })

  test.skipIf(needs('socat'))(
    'is seen by the bridge, if it has the light before it',
    { retry: 2 },
    async () => {
      // The emulated board has not: all but the light itself is as on the bench.
      const link = `${pi.folder}/board`
      const board = new Run(process.execPath, [BLINKUP, 'emulate', '--link', link], {})
      await board.says('stderr', /the emulated board is at/)
      const args = ['--photodiode', 'bridge', '--port', link, ...SHORT, '--rate', '20', '--json']
      const ended = await run(['verify', ...GPIO, ...args])
      expect(ended.exitCode, ended.stderr).toBe(1)
      expect(JSON.parse(ended.stdout)).toMatchObject({
        verdict: 'fail',
        reason: 'no-light',
        rig: 'gpio',
        gaps: [],
        pacing: { lateSymbols: 0 },
      })
      board.process.kill('SIGINT')
      await board.ended
    },
  )

  test('is not verified without something that sees it', async () => {
    expect(await run(['verify', ...GPIO, ...SHORT])).toMatchObject({
      exitCode: 64,
      stderr: expect.stringMatching(/say what sees the light, with --photodiode\n$/),
    })
  })
})

describe.skipIf(cannot)('two pins of one PWM channel', () => {
  usePi('pi4')

  test('are for one program at a time', async () => {
    const sending = start(['send', '--rig', 'pwm', '--pin', '18', ...LONG])
    while (!existsLog()) await sleep(20)
    expect(await run(['off', '--rig', 'pwm', '--pin', '12'])).toMatchObject({
      exitCode: 75,
      stderr: expect.stringContaining('another blinkup uses PWM channel 0 of pwmchip0: '),
    })
    sending.process.kill('SIGINT')
    await sending.ended
  })
})

describe.skipIf(cannot)('an ADC with a buffer', () => {
  usePi('pi4')
  const device = 'sys/bus/iio/devices/iio:device0'

  test('gives the samples that the kernel has stamped', async () => {
    for (const [attribute, text] of Object.entries({
      name: 'ads1015',
      in_voltage0_raw: '0',
      current_timestamp_clock: 'realtime',
      'trigger/current_trigger': 'beat',
      'buffer/enable': '0',
      'buffer/length': '2',
      'scan_elements/in_voltage0_en': '0',
      'scan_elements/in_voltage0_type': 'be:u12/16>>4',
      'scan_elements/in_voltage1_en': '1',
      'scan_elements/in_voltage1_type': 'be:u12/16>>4',
      'scan_elements/in_timestamp_en': '0',
      'scan_elements/in_timestamp_type': 'le:s64/64>>0',
    })) {
      pi.file(`${device}/${attribute}`, `${text}\n`)
    }
    pi.file('sys/bus/iio/devices/trigger0/name', 'beat\n')
    pi.file('sys/bus/iio/devices/trigger0/sampling_frequency', '100\n')

    const capturing = start(
      ['capture', ...GPIO, '--photodiode', 'adc', '--sample-rate', '1000', '--seconds', '2'],
      pi.withDevice('iio:device0'),
    )
    while (pi.read(`${device}/buffer/enable`) !== '1') await sleep(20)
    expect(pi.read(`${device}/scan_elements/in_voltage0_en`)).toBe('1')
    expect(pi.read(`${device}/scan_elements/in_voltage1_en`)).toBe('0')
    expect(pi.read(`${device}/current_timestamp_clock`)).toBe('monotonic')
    expect(pi.read('sys/bus/iio/devices/trigger0/sampling_frequency')).toBe('1000')

    const scans = Buffer.alloc(16 * 2001)
    for (let i = 0; i <= 2000; i++) {
      scans.writeUInt16BE((i << 4) | 0xf, 16 * i) // what is below the shift is of no value
      scans.writeBigInt64LE(5_000_000_000n + BigInt(i) * 1_000_000n, 16 * i + 8)
    }
    pi.writeDevice('iio:device0', scans)
    const { exitCode, stdout } = await capturing.ended
    expect(exitCode).toBe(0)
    const rows = stdout.trim().split('\n').slice(1)
    expect(rows.length).toBe(2001)
    expect(rows[0]).toBe('5.000000,0.00000')
    expect(rows[2000]).toBe(`7.000000,${(2000 / 4095).toFixed(5)}`)
    expect(pi.read(`${device}/buffer/enable`)).toBe('0')
  })
})

describe.skipIf(cannot)('an ADC whose scans are of an unknown kind', () => {
  usePi('pi4')

  test('is refused', async () => {
    const device = 'sys/bus/iio/devices/iio:device0'
    pi.addAdc('gpio 0 0')
    pi.file(`${device}/trigger/current_trigger`, 'beat\n')
    pi.file(`${device}/buffer/enable`, '0\n')
    pi.file(`${device}/scan_elements/in_voltage0_type`, 'be:u12/16X2>>4\n')
    pi.file('sys/bus/iio/devices/trigger0/name', 'beat\n')
    expect(await run(['verify', ...GPIO, '--photodiode', 'adc', ...SHORT])).toMatchObject({
      exitCode: 69,
      stderr: expect.stringMatching(
        /the buffer of mcp3008 is of an unknown kind: give a scan type /,
      ),
    })
  })
})

describe.skipIf(cannot)('whatever ends it, the LED is dark', () => {
  usePi('pi5')

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
    expect(pi.writes.at(-1)?.attribute).toBe('gpio/unexport')
  })

  test('kill -9 of the program: its pacing process turns it dark and gives the lines back', async () => {
    const sending = start(['send', ...GPIO, ...LONG])
    await untilLit(21)
    sending.process.kill('SIGKILL')
    await sending.ended
    while (pi.writes.at(-1)?.attribute !== 'gpio/unexport') await sleep(20)
    expect(light().at(-1)?.level).toBe(0)
  })

  test('kill -9 of the pacing process', async () => {
    const sending = start(['send', ...GPIO, ...LONG])
    await untilLit(21)
    process.kill(pacingOf(sending), 'SIGKILL')
    expect(await sending.ended).toMatchObject({
      exitCode: 74,
      stderr: expect.stringMatching(
        /the light was broken off, as the process that paces it has ended \(SIGKILL\): send again\n$/,
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
    expect(pi.writes.at(-1)?.attribute).toMatch(/value$/)
    expect(await run(['off', ...GPIO])).toMatchObject({ exitCode: 0 })
    expect(light().at(-1)?.level).toBe(0)
    expect(pi.writes.at(-1)?.attribute).toBe('gpio/unexport')
  })

  test('a pacing process that is held up: the message has failed', async () => {
    const sending = start(['send', ...GPIO, ...SHORT, '--rate', '50'])
    await untilLit(21)
    process.kill(pacingOf(sending), 'SIGSTOP')
    await sleep(100)
    process.kill(pacingOf(sending), 'SIGCONT')
    const { exitCode, stdout, stderr } = await sending.ended
    expect(exitCode).toBe(74)
    expect(stdout).toMatch(/^edges late by \d.* µs \(median\), .*\n$/)
    expect(stderr).toMatch(
      /\d+ of \d+ changes of the light came late by more than a quarter of a symbol, up to \d+\.\d ms: .* send again\n$/,
    )
    expect(light().at(-1)?.level).toBe(0)
  })

  test('a pacing process that never comes back', async () => {
    const sending = start(['send', ...GPIO, ...SHORT, '--rate', '100'])
    await untilLit(21)
    process.kill(pacingOf(sending), 'SIGSTOP')
    expect(await sending.ended).toMatchObject({
      exitCode: 74,
      stderr: expect.stringMatching(/as the process that paces it was held up: send again\n$/),
    })
    expect(light().at(-1)?.level).toBe(0)
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
      expect(pi.writes.at(-1)?.attribute).toBe('gpio/unexport')
    }
  })

  test('an ADC that says no number while the LED is lit', async () => {
    pi.addAdc(`gpio ${lines().white} ${lines().grey}`)
    const looking = start(['doctor', ...GPIO, '--photodiode', 'adc'])
    await untilLit(1)
    pi.file('sys/bus/iio/devices/iio:device0/in_voltage0_raw', 'nothing\n')
    const { exitCode, stdout } = await looking.ended
    expect(exitCode).toBe(1)
    expect(stdout).toMatch(
      /^FAILURE rig .*cannot be read any more \(what it says is no number\): see to the ADC$/m,
    )
    expect(light().at(-1)?.level).toBe(0)
  })

  test('a line that is taken away in the middle', async () => {
    const sending = start(['send', ...GPIO, ...LONG])
    await untilLit(21)
    pi.remove(`sys/class/gpio/gpio${lines().white}`)
    const { exitCode, stderr } = await sending.ended
    expect(exitCode).toBe(74)
    expect(stderr).toMatch(
      /the LED may still be lit, as its pins cannot be written any more .*ENODEV.*: see whether /,
    )
    const greys = pi.writes.filter(
      ({ attribute }) => attribute === `gpio/gpio${lines().grey}/value`,
    )
    expect(greys.at(-1)?.text).toBe('0') // at least
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
        'blinkup: the LED may still be lit\nblinkup: another blinkup uses BCM 27: wait for its end, or end it\n',
    })
    sending.process.kill('SIGINT')
    await sending.ended
    expect(light().at(-1)?.level).toBe(0)
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

  test.skipIf(process.getuid?.() !== 0)('no permission', async () => {
    const [program, args] = pi.command([
      'setpriv',
      '--reuid=65534',
      '--regid=65534',
      '--clear-groups',
      process.execPath,
      BLINKUP,
      'off',
      ...GPIO,
    ])
    const run = new Run(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    expect(await run.ended).toMatchObject({
      exitCode: 69,
      stderr: expect.stringMatching(
        /blinkup: no permission for BCM 17 \(the kernel's line 586\): add your user to the group gpio /,
      ),
    })
  })

  test('onoff was not compiled', async () => {
    const onoff = fileURLToPath(new URL('../../node_modules/onoff', import.meta.url))
    const { exitCode, stderr } = await run(['off', ...GPIO], `mount -t tmpfs none '${onoff}'`)
    expect(exitCode).toBe(69)
    expect(stderr).toMatch(/blinkup: onoff, which drives the GPIO lines, was not compiled when /)
  })

  test('no Raspberry Pi', async () => {
    pi.remove('sys/class/gpio')
    const { exitCode, stderr } = await run(['off', ...GPIO])
    expect(exitCode).toBe(69)
    expect(stderr).toMatch(
      /this machine has no Raspberry Pi's header: use --rig bridge or --rig emulated\n$/,
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

  test('off needs no photodiode', async () => {
    const ended = await run(['off', ...GPIO, '--photodiode', 'adc'])
    expect(ended).toMatchObject({ exitCode: 0, stderr: 'blinkup: the LED is dark\n' })
  })

  test('no ADC: the lines are given back', async () => {
    const { exitCode, stderr } = await run(['verify', ...GPIO, ...SHORT, '--photodiode', 'adc'])
    expect(exitCode).toBe(69)
    expect(stderr).toMatch(/no ADC has a voltage input 0: .*"dtoverlay=mcp3008,spi0-0-present"/)
    expect(pi.writes.at(-1)?.attribute).toBe('gpio/unexport')
  })
})

describe.skipIf(cannot)('doctor', () => {
  usePi('pi5')
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
      'gpio base': 'ok',
      onoff: 'ok',
      'gpio permission': 'ok',
      pwm: 'warning',
      adc: 'warning',
      'isolated cpu': 'ok',
      governor: 'warning',
    })
    const text = (await run(['doctor'])).stdout
    expect(text).toMatch(/^ok +model +Raspberry Pi 5 Model B Rev 1.0$/m)
    expect(text).toMatch(/^ok +gpio base +BCM 0 is the kernel's line 569$/m)
    expect(text).toMatch(
      /^warning pwm .*: dtoverlay=pwm,pin=18,func=2 in \/boot\/firmware\/config.txt$/m,
    )
    expect(text).toMatch(/^warning governor +ondemand .*: echo performance \| sudo tee /m)
  })

  test('looks at serial ports without opening them: who has them, and how late they deliver', async () => {
    const usb = 'sys/devices/platform/usb/1-1'
    pi.file(`${usb}/idVendor`, '0403\n')
    pi.file(`${usb}/idProduct`, '6001\n')
    pi.file(`${usb}/1-1:1.0/ttyUSB0/tty/ttyUSB0/dev`, '188:0\n')
    pi.file('sys/class/tty/ttyUSB0/dev', '188:0\n')
    symlinkSync(`${pi.folder}/${usb}/1-1:1.0/ttyUSB0`, `${pi.folder}/sys/class/tty/ttyUSB0/device`)
    pi.file('sys/bus/usb-serial/devices/ttyUSB0/latency_timer', '16\n')
    const { stdout } = await run(
      ['doctor'],
      `${pi.withDevice('ttyUSB0')} && { sleep 10 3<>/dev/ttyUSB0 & }`,
    )
    expect(stdout).toMatch(
      /^warning serial port +\/dev\/ttyUSB0, USB ID 0403:6001, no serial number: sleep \(PID \d+\) uses it: end sleep /m,
    )
    expect(stdout).toMatch(
      /^warning latency timer +\/dev\/ttyUSB0 delivers after 16 ms only: echo 1 /m,
    )
  })

  test('looks at the rig and its light', async () => {
    const { white, grey } = lines()
    pi.addAdc(`gpio ${white} ${grey}`)
    const table = [
      'gpiochip0: GPIOs 569-622, parent: platform/1f000d0000.gpio, pinctrl-rp1:',
      ` gpio-${white - 1} (GPIO16              |led                 ) out lo`,
      ` gpio-${grey} (GPIO27              |sysfs               ) out lo`,
    ]
    pi.file('sys/kernel/debug/gpio', table.join('\n'))
    const { exitCode, stdout } = await run(['doctor', ...GPIO, '--photodiode', 'adc', '--json'])
    const { checks } = JSON.parse(stdout)
    expect(exitCode).toBe(0)
    expect(statuses(checks)).toMatchObject({
      'BCM 17': 'ok',
      'BCM 27': 'warning',
      adc: 'ok',
      rig: 'ok',
      black: 'ok',
      flicker: 'ok',
      white: 'ok',
      grey: 'ok',
    })
    expect(light().at(-1)?.level).toBe(0)
  })

  test('a line that a driver has is a failure', async () => {
    pi.file(`sys/class/gpio/busy${pi.base + 17}`)
    const user = ` gpio-${pi.base + 17} (GPIO17              |led                 ) out lo\n`
    pi.file('sys/kernel/debug/gpio', user)
    const { exitCode, stdout } = await run(['doctor', ...GPIO])
    expect(exitCode).toBe(1)
    expect(stdout).toMatch(/^FAILURE BCM 17 +is used by led: remove that from /m)
    expect(stdout).toMatch(/^FAILURE rig +BCM 17 .the kernel's line 586. is in use by the kernel /m)
  })
})
