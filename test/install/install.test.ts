import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { REAL_TIME_PRIORITY } from '../../src/rig/raspberry-pi/real-time.js'
import { NAMESPACE, needs } from '../requirements.js'

const pathOf = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url))

/** Runs a program; all that it says, with its exit code at the end. */
function run(program: string, ...args: string[]): string {
  const { stdout, stderr, status, error } = spawnSync(program, args, { encoding: 'utf8' })
  if (error) throw error
  return `${stdout}${stderr}exit ${status}`
}

describe.skipIf(needs('/usr/bin/systemd-analyze'))('systemd', () => {
  let folder: string
  /** The unit, with the command at the place where it is in this clone. */
  let unit: string

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'blinkup-install-'))
    unit = join(folder, 'blinkup-send.service')
    const text = readFileSync(pathOf('install/blinkup-send.service'), 'utf8')
    writeFileSync(unit, text.replace(/^(Exec\w+=)blinkup /gm, `$1${pathOf('bin/blinkup')} `))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('the unit has no fault that systemd knows', () => {
    expect(run('systemd-analyze', 'verify', unit)).toBe('exit 0')
  })

  test('the service may have the priority that blinkup asks for', () => {
    expect(readFileSync(unit, 'utf8')).toMatch(
      new RegExp(`^LimitRTPRIO=${REAL_TIME_PRIORITY}$`, 'm'),
    )
  })

  test('the service takes no chances with what it sends', () => {
    expect(readFileSync(unit, 'utf8')).toMatch(/^ExecStart=.* verify .*--strict/m)
  })

  test('the service is exposed to little (2.0 of 10)', () => {
    const said = run('systemd-analyze', 'security', '--offline=true', '--threshold=20', unit)
    expect(said).toContain('Overall exposure level')
    expect(said).toMatch(/exit 0$/)
  })

  test('what the light needs is not forbidden', () => {
    const text = readFileSync(unit, 'utf8')
    expect(text).not.toMatch(
      /^(ProtectKernelTunables|PrivateDevices|PrivateNetwork|RestrictRealtime|MemoryDenyWriteExecute)=/m,
    )
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
