import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** A mount namespace; without root, a user namespace gives what that takes. */
export const NAMESPACE = process.getuid?.() === 0 ? ['--mount'] : ['--mount', '--map-root-user']

const REMEDIES = {
  socat: 'install it (on Debian: sudo apt install socat)',
  python3: 'install it (on Debian: sudo apt install python3)',
  script: "install util-linux's (on Debian: sudo apt install bsdutils)",
  '/usr/bin/gcc': 'install it (on Debian: sudo apt install gcc libc6-dev)',
  '/usr/include/simavr/sim_avr.h': 'install simavr (on Debian: sudo apt install libsimavr-dev)',
  '/usr/bin/avrdude': 'install it (on Debian: sudo apt install avrdude)',
  '/usr/bin/ngspice': 'install it (on Debian: sudo apt install ngspice)',
  '/usr/bin/systemd-analyze': 'install it (on Debian: sudo apt install systemd)',
  prlimit: "install util-linux's (on Debian: sudo apt install util-linux)",
  sqlite3: 'install it (on Debian: sudo apt install sqlite3)',
  openssl: 'install it (on Debian: sudo apt install openssl)',
  '/usr/sbin/mosquitto': 'install it (on Debian: sudo apt install mosquitto)',
  '/usr/bin/pg_ctlcluster': 'install it (on Debian: sudo apt install postgresql)',
  '/usr/sbin/cupsd': 'install it (on Debian: sudo apt install cups-daemon cups-client)',
  '/usr/bin/pdftoppm': 'install it (on Debian: sudo apt install poppler-utils)',
  '/usr/bin/udevadm': 'install it (on Debian: sudo apt install udev)',
  '/usr/bin/make': 'install it (on Debian: sudo apt install make)',
  '/usr/bin/avr-gcc': 'install it (on Debian: sudo apt install gcc-avr avr-libc)',
  '/proc': 'use Linux',
  unshare: 'use Linux with mount namespaces, as root or with user namespaces allowed',
  '/dev/full': 'use Linux',
  '/usr/bin/chromium': 'install it (on Debian: sudo apt install chromium)',
  '/usr/bin/sigrok-cli': 'install it (on Debian: sudo apt install sigrok-cli)',
  '/usr/bin/vcd2fst': 'install it (on Debian: sudo apt install gtkwave)',
  onoff: 'install a compiler (on Debian: sudo apt install build-essential python3), then npm ci',
}

/** What must succeed, where it is not a program that tells its version with -V. */
const TRIALS: Readonly<Record<string, [program: string, ...args: string[]]>> = {
  unshare: ['unshare', ...NAMESPACE, 'true'],
  openssl: ['openssl', 'version'],
  sqlite3: ['sqlite3', '-version'],
  onoff: [process.execPath, '-e', 'require("onoff")'],
}
const PROJECT = fileURLToPath(new URL('../..', import.meta.url))

/**
 * Vitest's skip condition for tests that need a program or a file of the machine, or an optional package: true where it is missing,
 * with the reason told. Where the variable CI is set nothing may be skipped: then it throws.
 */
export function needs(requirement: keyof typeof REMEDIES): boolean {
  const [program, ...args] = TRIALS[requirement] ?? [requirement, '-V']
  const isThere = requirement.startsWith('/')
    ? existsSync(requirement)
    : spawnSync(program, args, { cwd: PROJECT }).status === 0
  if (isThere) return false
  const reason = `${requirement} is missing: ${REMEDIES[requirement]}`
  if (process.env.CI) throw new Error(reason)
  console.warn(`tests are skipped, as ${reason}`)
  return true
}
