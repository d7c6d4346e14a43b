import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PASSWORD } from '../../src/cli/credentials.js'
import { ENROLLMENT_KEY } from '../../src/cli/enrollment.js'
import { EXIT } from '../../src/cli/errors.js'
import { MQTT_PASSWORD } from '../../src/cli/station-broker.js'
import { DATABASE_PASSWORD } from '../../src/cli/station-plant.js'
import { PAGE_TOKEN, REPORT_TOKEN } from '../../src/cli/station-tokens.js'
import { REAL_TIME_PRIORITY } from '../../src/rig/raspberry-pi/real-time.js'
import { NAMESPACE, needs } from '../helpers/requirements.js'

const pathOf = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url))

/** Runs a program; all that it says, with its exit code at the end. */
function run(program: string, ...args: string[]): string {
  const { stdout, stderr, status, error } = spawnSync(program, args, { encoding: 'utf8' })
  if (error) throw error
  return `${stdout}${stderr}exit ${status}`
}

const readme = readFileSync(pathOf('install/README.md'), 'utf8')

test('what is installed below /etc is uninstalled', () => {
  const installed = [
    ...readme.matchAll(/sudo install -m 644 install\/(\S+) (\/etc\/\S+)/g),
    ...readme.matchAll(/sudo (tee) (\/etc\/\S+)/g),
  ].map(([, name = '', to = '']) => (to.endsWith('/') ? `${to}${name}` : to))
  expect(installed).toHaveLength(10)
  const [, uninstall = ''] = readme.match(/\*\*Uninstall\*\*(.*?)\n\n[A-Z]/s) ?? []
  const patterns = uninstall.match(/\/etc\/\S+/g)?.map((glob) => glob.split('*')) ?? []
  const isRemoved = (path: string): boolean =>
    patterns.some(([start = '', end = '']) => path.startsWith(start) && path.endsWith(end))
  expect(installed.filter((path) => !isRemoved(path))).toEqual([])
})

describe.skipIf(needs('/usr/bin/systemd-analyze'))('systemd', () => {
  let folder: string
  let unit: string

  /** A unit of that text in the folder, with the command at the place where it is in this clone. */
  function placeUnit(name: string, text: string): string {
    const path = join(folder, name)
    writeFileSync(path, text.replace(/^(Exec\w+=)blinkup /gm, `$1"${pathOf('bin/blinkup')}" `))
    return path
  }

  /** What the command makes of the unit with which install/README.md writes another one. */
  function rewritten(name: string): string {
    const [, command = ''] =
      readme.match(new RegExp(`^(sed .*) \\|\\n +sudo tee /etc/systemd/system/${name}$`, 'm')) ?? []
    return execFileSync('sh', ['-c', command], { cwd: pathOf('.'), encoding: 'utf8' })
  }

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'blinkup-install-'))
    unit = placeUnit(
      'blinkup-send.service',
      readFileSync(pathOf('install/blinkup-send.service'), 'utf8'),
    )
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('a service that only sends', () => {
    const text = rewritten('blinkup-send.service')
    expect(text.match(/^Exec.*=blinkup \w+/gm)).toEqual([
      'ExecStart=blinkup send',
      'ExecStopPost=blinkup off',
    ])
    const sending = placeUnit('blinkup-only-send.service', text)
    expect(run('systemd-analyze', 'verify', sending)).toBe('exit 0')
  })

  test('a second rig has all its settings in a folder of its own', () => {
    const text = rewritten('blinkup-send@.service')
    const settings = text.match(/^[^#\n].*\/etc\/blinkup\/.*/gm) ?? []
    expect(settings).toHaveLength(4)
    for (const line of settings) expect(line).toContain('/etc/blinkup/%i/')
    placeUnit('blinkup-send@.service', text)
    const left = join(folder, 'blinkup-send@left.service')
    expect(run('systemd-analyze', 'verify', left)).toBe('exit 0')
  })

  /** What each unit is allowed: the light, and for a station other machines. */
  describe.each([
    ['blinkup-send.service', 1.5, 'AF_UNIX'],
    ['blinkup-station.service', 1.8, 'AF_UNIX AF_INET AF_INET6 AF_NETLINK'],
  ])('%s', (name, score, families) => {
    let text: string
    let path: string
    beforeAll(() => {
      text = readFileSync(pathOf(`install/${name}`), 'utf8')
      path = placeUnit(name, text)
    })

    test('has no fault that systemd knows', () => {
      expect(run('systemd-analyze', 'verify', path)).toBe('exit 0')
    })

    test('may have the priority that blinkup asks for', () => {
      expect(text).toMatch(new RegExp(`^LimitRTPRIO=${REAL_TIME_PRIORITY}$`, 'm'))
    })

    test(`is exposed to little: ${score} of 10 by systemd 252, and at most 2 by any`, () => {
      const said = run('systemd-analyze', 'security', '--offline=true', '--threshold=20', path)
      expect(said).toContain('Overall exposure level')
      expect(said).toMatch(/exit 0$/)
    })

    test('forbids nothing that the light needs', () => {
      expect(text).not.toMatch(
        /^(ProtectKernelTunables|PrivateDevices|PrivateNetwork|RestrictRealtime|MemoryDenyWriteExecute)=/m,
      )
      expect(text.match(/(?<=^DeviceAllow=char-)\w+(?= rw$)/gm)?.sort()).toEqual([
        'gpiochip',
        'iio',
        'ttyACM',
        'ttyUSB',
      ])
      expect(text).toContain(`\nRestrictAddressFamilies=${families}\n`)
    })
  })

  test('the service takes no chances with what it sends', () => {
    expect(readFileSync(unit, 'utf8')).toMatch(/^ExecStart=.* verify .*--strict/m)
  })

  test('a station is started again after a fault, and not for settings that are wrong', () => {
    const text = readFileSync(pathOf('install/blinkup-station.service'), 'utf8')
    expect(text).toMatch(/^Type=notify$/m)
    expect(text).toMatch(/^Restart=on-failure$/m)
    expect(text).toMatch(/^StartLimitIntervalSec=0$/m)
    expect(text).toContain(`\nSuccessExitStatus=${128 + constants.signals.SIGTERM}\n`)
    const { usage, badData, noInput, badFixture } = EXIT
    const lasting = [usage, badData, noInput, badFixture].join(' ')
    expect(text).toContain(`\nRestartPreventExitStatus=${lasting}\n`)
  })

  test('a station gets the secrets by the names that blinkup looks for', () => {
    const text = readFileSync(pathOf('install/blinkup-station.service'), 'utf8')
    expect(text.match(/(?<=^LoadCredential=).*/gm)).toEqual(
      [PASSWORD, ENROLLMENT_KEY, REPORT_TOKEN, PAGE_TOKEN, MQTT_PASSWORD].map(
        ({ credential }) => credential,
      ),
    )
  })

  test("a station's records go to the plant by a timer, in a sandbox without any device", () => {
    const path = placeUnit(
      'blinkup-station-sync.service',
      readFileSync(pathOf('install/blinkup-station-sync.service'), 'utf8'),
    )
    const timer = join(folder, 'blinkup-station-sync.timer')
    copyFileSync(pathOf('install/blinkup-station-sync.timer'), timer)
    expect(run('systemd-analyze', 'verify', path, timer)).toBe('exit 0')
    expect(run('systemd-analyze', 'security', '--offline=true', '--threshold=15', path)).toMatch(
      /exit 0$/,
    )
    const text = readFileSync(path, 'utf8')
    expect(text).toContain(`\nLoadCredential=${DATABASE_PASSWORD.credential}\n`)
    expect(text).toContain('\nPrivateDevices=yes\n')
  })

  test('systemd-sysusers takes the user and the groups', () => {
    const said = run('systemd-sysusers', '--dry-run', pathOf('install/sysusers.conf'))
    expect(said).not.toMatch(/sysusers\.conf:\d/)
    expect(said).toMatch(/exit 0$/)
  })
})

describe.skipIf(needs('/usr/bin/udevadm') || needs('unshare'))('udev', () => {
  /** What udev says about a rules file, in a namespace with nothing else in /run, and with a group gpio. */
  function complaints(rules: string): string[] {
    const script = `
      mount -t tmpfs none /run && mkdir -p /run/udev/rules.d && cat > /run/udev/rules.d/99-blinkup.rules &&
      (cat /etc/group; echo gpio:x:997:) > /run/group && mount --bind /run/group /etc/group &&
      udevadm test /sys/class/net/lo 2>&1`
    const { stdout } = spawnSync('unshare', [...NAMESPACE, 'sh', '-c', script], {
      input: rules,
      encoding: 'utf8',
    })
    expect(stdout).toContain('99-blinkup.rules')
    return stdout.match(/99-blinkup\.rules:\d+.*/g) ?? []
  }
  const rules = readFileSync(pathOf('install/99-blinkup.rules'), 'utf8')

  test('understands every rule', () => {
    expect(complaints(rules)).toEqual([])
  })

  test('and would complain', () => {
    expect(complaints(rules.replace('SYMLINK', 'SYMLNK'))).toHaveLength(1)
  })
})
