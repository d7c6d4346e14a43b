import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Scheduling } from '../rig.js'
import { readAttribute } from './sysfs.js'

/** Any real-time priority is above all usual programs; a low one leaves the kernel's interrupt threads theirs. */
export const REAL_TIME_PRIORITY = 10
/**
 * By chrt, a real-time priority, but not for the threads that the thread starts: a compiler must not keep the
 * light waiting. Short options, as busybox knows no others.
 */
const CHRT_OPTIONS = ['-f', '-R']
/** The same for a program, which follows. */
export const CHRT_PROGRAM = [...CHRT_OPTIONS, `${REAL_TIME_PRIORITY}`]

/** Such a program is done within milliseconds. */
export const PATIENCE_MS = 2000

/** How a user gets the right to it (limits.conf(5), systemd.exec(5)). */
const RIGHTS_ADVICE = `echo "@gpio - rtprio ${REAL_TIME_PRIORITY}" | sudo tee /etc/security/limits.d/blinkup.conf, then log in again; LimitRTPRIO=${REAL_TIME_PRIORITY} in a systemd unit`

/** Asks for real-time priority for a thread and, where the machine has an isolated CPU, for that one. */
export async function requestRealTime(threadId: number): Promise<Scheduling> {
  const refusals: string[] = []
  const ask = async (program: string, ...args: string[]): Promise<boolean> => {
    try {
      await promisify(execFile)(program, [...args, String(threadId)], { timeout: PATIENCE_MS })
      return true
    } catch (error) {
      refusals.push(schedulingRefusal(program, error))
      return false
    }
  }
  const [cpu] = /^\d+/.exec(readAttribute('/sys/devices/system/cpu/isolated') ?? '') ?? []
  const realTime = await ask('chrt', ...CHRT_OPTIONS, '-p', `${REAL_TIME_PRIORITY}`)
  const pinned = cpu !== undefined && (await ask('taskset', '-c', '-p', cpu))
  return { realTime, isolatedCpu: pinned ? Number(cpu) : null, refusals }
}

/** Why a program could not do what it was asked to, and what helps. */
export function schedulingRefusal(program: string, error: unknown): string {
  const { code, stderr } = error as NodeJS.ErrnoException & { stderr?: string | Buffer }
  if (code === 'ENOENT') return `${program} is missing: install util-linux`
  // Another one, such as busybox's, does not know all options.
  return /usage/i.test(String(stderr))
    ? `this ${program} is not the one from util-linux: install util-linux`
    : `${program} was refused: ${RIGHTS_ADVICE}`
}
