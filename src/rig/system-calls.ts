import { machine } from 'node:os'
import { getSystemErrorName } from 'node:util'
import { RigError } from './errors.js'

/** System calls that Node.js has no function for. Each throws what the kernel refuses, with the name of its error as `code`. */
export interface SystemCalls {
  ioctl(fd: number, request: number, argument: Buffer | null): void
  fcntl(fd: number, command: number, argument: Buffer): void
  flock(fd: number, operation: number): void
  /** How many of the files in an array of struct pollfd are ready. */
  poll(files: Buffer, count: number, timeoutMs: number): number
  socket(domain: number, type: number, protocol: number): number
  sendto(
    fd: number,
    message: Buffer,
    length: number,
    flags: number,
    address: Buffer,
    addressLength: number,
  ): number
}

/** What is used of koffi, and its name. TypeScript must not look for it, as it is an optional dependency. */
interface Koffi {
  load(library: null): { func(prototype: string): (...args: unknown[]) => number }
  errno(): number
}
const KOFFI: string = 'koffi'

/** The one whose offsets have 64 bits on a processor of 32, too. */
const FCNTL = process.arch === 'arm' ? 'fcntl64' : 'fcntl'

/**
 * The system calls of this process, called by koffi.
 *
 * @throws RigError 'missing' where koffi is not installed, or cannot run
 */
export async function loadSystemCalls(): Promise<SystemCalls> {
  if (machine() === 'armv6l') {
    throw new RigError('missing', 'koffi has no build for ARMv6 (Pi 1, Zero)') // its ARMv7 one would crash
  }
  try {
    const { default: koffi }: { default: Koffi } = await import(KOFFI)
    const library = koffi.load(null)
    const checked = (prototype: string) => {
      const call = library.func(prototype)
      return (...args: unknown[]): number => {
        const result = call(...args)
        if (result >= 0) return result
        const code = getSystemErrorName(-koffi.errno())
        throw Object.assign(new Error(code), { code })
      }
    }
    return {
      ioctl: checked('int ioctl(int fd, unsigned long request, void *argument)'),
      fcntl: checked(`int ${FCNTL}(int fd, int command, void *argument)`),
      flock: checked('int flock(int fd, int operation)'),
      poll: checked('int poll(void *files, unsigned long count, int timeout)'),
      socket: checked('int socket(int domain, int type, int protocol)'),
      sendto: checked(
        'long sendto(int fd, void *message, unsigned long length, int flags, void *address, uint32_t addressLength)',
      ),
    }
  } catch (cause) {
    const [reason] = (cause as Error).message.split('\n')
    throw new RigError(
      'missing',
      `koffi, which calls the kernel, cannot be loaded (${reason}): install blinkup again, with its optional packages`,
      { cause },
    )
  }
}
