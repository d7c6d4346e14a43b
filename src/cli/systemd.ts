import { closeSync } from 'node:fs'
import { loadSystemCalls } from '../rig/system-calls.js'
import { CommandError, EXIT } from './errors.js'

/** <sys/socket.h>, the same on every processor that Node.js runs on. */
const AF_UNIX = 1
const SOCK_DGRAM = 2
const SOCK_CLOEXEC = 0o2000000
const MSG_NOSIGNAL = 0x4000
const FAMILY_BYTES = 2
/** Of sun_path in struct sockaddr_un. */
const PATH_BYTES = 108

/** What a service tells the program that has started it, such as systemd (sd_notify(3)). Where that does not ask, nothing is told. */
export class ServiceManager implements Disposable {
  readonly #watchdog: NodeJS.Timeout | undefined

  private constructor(
    /** Whether a program wants to be told. */
    readonly isThere: boolean,
    private readonly send: (message: string) => void,
    private readonly close: () => void,
    watchdogMs: number | undefined,
  ) {
    if (watchdogMs === undefined) return
    // Half of the time, as sd_watchdog_enabled(3) advises. A program that hangs runs no timer.
    this.#watchdog = setInterval(() => send('WATCHDOG=1'), watchdogMs / 2).unref()
    send('WATCHDOG=1')
  }

  /**
   * Finds whom to tell, and tells from now on that this process does not hang, if that is asked for.
   *
   * The messages are datagrams, which Node.js has no sockets for: koffi, which is here already, calls the kernel. Packages
   * for datagrams or libsystemd want a compiler, and the command systemd-notify is one more process each time, of whose
   * word systemd must be told to take notice.
   *
   * @throws RigError 'missing' where koffi cannot be loaded; CommandError for an address of an unknown kind
   */
  static async find(environment: NodeJS.ProcessEnv): Promise<ServiceManager> {
    const { NOTIFY_SOCKET: name, WATCHDOG_USEC: watchdogUs, WATCHDOG_PID: pid } = environment
    if (!name) return new ServiceManager(false, nothing, nothing, undefined)
    const address = addressOf(name)
    const { socket, sendto } = await loadSystemCalls()
    const fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)
    const send = (text: string): void => {
      const message = Buffer.from(text)
      try {
        sendto(fd, message, message.length, MSG_NOSIGNAL, address, address.length)
      } catch {} // whoever was there has ended, which is no fault of ours
    }
    const isForUs = pid === undefined || Number(pid) === process.pid
    const watchdogMs = Number(watchdogUs) / 1000
    return new ServiceManager(
      true,
      send,
      () => closeSync(fd),
      isForUs && watchdogMs > 0 ? watchdogMs : undefined,
    )
  }

  /** It does its work now, after its start or after `reloading`. */
  ready(status: string): void {
    this.send(`READY=1\n${statusLine(status)}`)
  }

  /** What it does, in a sentence without secrets. */
  status(status: string): void {
    this.send(statusLine(status))
  }

  /** It reads its settings again; `ready` ends that. */
  reloading(): void {
    const monotonicUs = process.hrtime.bigint() / 1000n
    this.send(`RELOADING=1\nMONOTONIC_USEC=${monotonicUs}`)
  }

  /** It comes to its end. */
  stopping(status: string): void {
    this.send(`STOPPING=1\n${statusLine(status)}`)
  }

  [Symbol.dispose](): void {
    clearInterval(this.#watchdog)
    this.close()
  }
}

const nothing = (): void => {}

const statusLine = (status: string): string => `STATUS=${status.replace(/\s+/g, ' ')}`

/** The struct sockaddr_un for a path, or for a name that begins with @ and is none of a file. */
function addressOf(name: string): Buffer {
  const path = Buffer.from(name)
  if (!/^[/@]/.test(name) || path.length >= PATH_BYTES) {
    throw new CommandError(
      EXIT.usage,
      `NOTIFY_SOCKET must be a path, or a name after @, of at most ${PATH_BYTES - 1} bytes: unset it, or start the program by systemd`,
    )
  }
  if (name.startsWith('@')) path[0] = 0
  const family = Buffer.alloc(FAMILY_BYTES)
  family.writeUInt16LE(AF_UNIX)
  return Buffer.concat([family, path])
}
