import { readAttribute } from './sysfs.js'

/** How often the process that paces the light or reads an ADC is looked at. */
export const LOOK_INTERVAL_MS = 50
/**
 * 10 s. Node.js runs, however slowly, while it starts: seconds pass on the slowest Pi, and more where other programs are
 * busy, but only if it is stopped or hangs it does not run at all.
 */
export const START_LOOKS = 200

/** Whether a process runs at all. Looks count, not time: who stands still himself looks at nobody, and blames nobody. */
export class Liveness {
  #seen: string | undefined
  #lifeless = 0

  constructor(private readonly pid: number | undefined) {}

  /** Looks once more. Gives how many looks in a row have seen no sign of life; 0 where the kernel does not tell. */
  look(): number {
    const sign = this.#sign()
    this.#lifeless = sign !== undefined && sign === this.#seen ? this.#lifeless + 1 : 0
    this.#seen = sign
    return this.#lifeless
  }

  /**
   * What changes whenever the main thread runs: how often it has been given and left a CPU, and the time it has had
   * (proc_pid_status(5), proc_pid_stat(5)).
   */
  #sign(): string | undefined {
    const thread = `/proc/${this.pid}/task/${this.pid}`
    const switches = readAttribute(`${thread}/status`)?.match(/ctxt_switches:\s*\d+/g)
    const times = readAttribute(`${thread}/stat`)?.match(/(?<=\) \S(?: -?\d+){10}) \d+ \d+/)
    return switches && times ? `${switches}${times}` : undefined
  }
}
