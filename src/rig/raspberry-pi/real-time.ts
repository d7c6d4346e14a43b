import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Scheduling } from '../rig.js'
import { readAttribute } from './sysfs.js'

/** Any real-time priority is above all usual programs; a low one leaves the kernel's interrupt threads theirs. */
export const REAL_TIME_PRIORITY = 10

/** Asks for real-time priority for a process and, where the machine has an isolated CPU, for that one. */
export async function requestRealTime(pid: number): Promise<Scheduling> {
  const refusals: string[] = []
  const ask = async (program: string, ...args: string[]): Promise<boolean> => {
    try {
      await promisify(execFile)(program, args)
      return true
    } catch (error) {
      refusals.push(sentenceOf(program, error))
      return false
    }
  }
  const [cpu] = /^\d+/.exec(readAttribute('/sys/devices/system/cpu/isolated') ?? '') ?? []
  const realTime = await ask('chrt', '--fifo', '--pid', String(REAL_TIME_PRIORITY), String(pid))
  const pinned =
    cpu !== undefined && (await ask('taskset', '--cpu-list', '--pid', cpu, String(pid)))
  return { realTime, isolatedCpu: pinned ? Number(cpu) : null, refusals }
}

function sentenceOf(program: string, error: unknown): string {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
    return `${program} is missing: install util-linux`
  }
  return `${program} was refused: allow real-time priority (rtprio in /etc/security/limits.d, or LimitRTPRIO= in a systemd unit)`
}
