import { describe, expect } from 'vitest'
import { BLINKUP, startOnTerminal } from '../helpers/blinkup.js'
import { test } from '../helpers/folder.js'
import { needs } from '../helpers/requirements.js'

const NODE = `'${process.execPath}' '${BLINKUP}'`
const CLEAR_LINE = '\r\x1b[K'
const PASSWORD = 'correct horse'

describe.skipIf(needs('script'))('on a terminal', () => {
  test('the light is shown as it plays, and the line is cleared at the end', async () => {
    const run = startOnTerminal(`${NODE} send --rig emulated --dummy --rate 500`)
    const { exitCode, stdout } = await run.ended
    expect(exitCode).toBe(0)
    const shown = stdout.split('\r').filter((line) => line.startsWith('▕'))
    expect(shown.length).toBeGreaterThan(2)
    for (const line of shown) expect(line).toMatch(/^▕[ ▒█]{48}▏ \d+ %, \d+\.\d s left /)
    expect(shown.join('')).toMatch(/█/)
    expect(shown.join('')).toMatch(/▒/)
    expect(shown.at(-1)).toContain(' 100 %, 0.0 s left ')
    expect(stdout.split(CLEAR_LINE).at(-1)).toBe('sent 710 symbols in 1.420 s, at 500.0000 Hz\r\n')
  })

  test.for([
    ['send --rig emulated --ssid net --rate 500'],
    ['verify --rig emulated --ssid net --rate 500 --sample-rate 6000'],
  ] as const)('%s shows of real credentials only how far they are', async ([command]) => {
    const run = startOnTerminal(`${NODE} ${command}`, { BLINKUP_PASSWORD: PASSWORD })
    const { exitCode, stdout } = await run.ended
    expect(exitCode).toBe(0)
    const shown = stdout.split('\r').filter((line) => line.startsWith('▕'))
    expect(shown.length).toBeGreaterThan(2)
    let fullest = 0
    for (const line of shown) {
      const [, bar = '', percent] = /^▕(█* *)▏ (\d+) %, \d+\.\d s left /.exec(line) ?? []
      expect(bar).toHaveLength(48)
      const full = bar.trimEnd().length
      expect(full).toBeGreaterThanOrEqual(fullest)
      expect(Math.abs(full - (48 * Number(percent)) / 100)).toBeLessThanOrEqual(1)
      fullest = full
    }
    expect(fullest).toBe(48)
  })

  test.for(['/dev/tty', '$(tty)'])(
    'that is named as the port, as %s, is left alone',
    async (port) => {
      const run = startOnTerminal(`${NODE} off --port ${port}; sh -c 'echo still open >/dev/tty'`)
      const { stdout } = await run.ended
      expect(stdout).toMatch(
        /\nblinkup: \/dev\/\S+ is the terminal that this program runs in: name the board's port\r\nstill open\r\n$/,
      )
      expect(stdout).not.toContain('hello')
    },
  )

  test('the verdict has colour, unless NO_COLOR is set', async () => {
    const verify = `${NODE} verify --rig emulated --ssid net --open --rate 200 2>/dev/null`
    const coloured = await startOnTerminal(verify).ended
    expect(coloured.stdout.startsWith('\x1b[32mPASS\x1b[39m ')).toBe(true)
    const plain = await startOnTerminal(verify, { NO_COLOR: '1' }).ended
    expect(plain.stdout.startsWith('PASS ')).toBe(true)
  })

  test('Ctrl-C in mid-message ends it with 130', async () => {
    const run = startOnTerminal(`${NODE} send --rig emulated --dummy`)
    await run.says('stdout', /▏ [1-9]/)
    run.process.stdin?.write('\x03')
    const { exitCode, stdout } = await run.ended
    expect(exitCode).toBe(130)
    expect(stdout.split(CLEAR_LINE).at(-1)).toBe(
      'blinkup: interrupted by SIGINT; the LED is dark\r\n',
    )
  })
})

describe.skipIf(needs('script'))('the question for the password', () => {
  const ENCODE = `${NODE} encode --ssid net --format json`
  const NOTHING_TYPED = 'no password was typed: type it, or use --open for an open network'

  test('does not show what is typed', async () => {
    const run = startOnTerminal(`${ENCODE} --show-secrets`)
    await run.says('stdout', /Password of "net": $/)
    run.process.stdin?.write(`${PASSWORD}\r`)
    const { exitCode, stdout } = await run.ended
    expect(exitCode).toBe(0)
    const [question, document] = stdout.split(/(?<=^Password of "net": \r\n)/)
    expect(question).toBe('Password of "net": \r\n')
    expect(JSON.parse(document ?? '').config).toEqual({ ssid: 'net', password: PASSWORD })
  })

  test('comes when the --config file has none', async ({ folder }) => {
    const config = await folder.file('device.json', '{"ssid": "net"}')
    const run = startOnTerminal(`${NODE} encode --config ${config} --format json --show-secrets`)
    await run.says('stdout', /Password of "net": $/)
    run.process.stdin?.write(`${PASSWORD}\r`)
    expect((await run.ended).stdout).toContain(`"password": "${PASSWORD}"`)
  })

  test('does not come when the settings were typed', async () => {
    const run = startOnTerminal(`${NODE} encode --config -`)
    run.process.stdin?.write('{"ssid": "net"}\n\x04')
    const { exitCode, stdout } = await run.ended
    expect(exitCode).toBe(64)
    expect(stdout).toContain('blinkup: the Wi-Fi password is missing: ')
  })

  test('takes corrections', async () => {
    const run = startOnTerminal(`${ENCODE} --show-secrets`)
    await run.says('stdout', /Password of "net": $/)
    run.process.stdin?.write(`${PASSWORD}x\x7f\r`)
    expect((await run.ended).stdout).toContain(`"password": "${PASSWORD}"`)
  })

  test.for([
    ['Ctrl-C', '\x03', 130, 'interrupted by SIGINT'],
    ['Ctrl-D', '\x04', 64, NOTHING_TYPED],
    ['Enter', '\r', 64, NOTHING_TYPED],
  ] as const)('%s ends it', async ([, key, exitCode, sentence]) => {
    const run = startOnTerminal(`${NODE} encode --ssid net`)
    await run.says('stdout', /Password of "net": $/)
    run.process.stdin?.write(key)
    expect(await run.ended).toMatchObject({
      exitCode,
      stdout: `Password of "net": \r\nblinkup: ${sentence}\r\n`,
    })
  })
})
