import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { userInfo } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Folder } from './folder.js'

/** A port of this computer that nobody has. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

/** A real broker on loopback, which may be killed and started again. */
export class Mosquitto implements AsyncDisposable {
  #process: ChildProcess | undefined

  private constructor(
    private readonly folder: Folder,
    readonly port: number,
  ) {}

  static async open(folder: Folder, settings = 'allow_anonymous true'): Promise<Mosquitto> {
    const broker = new Mosquitto(folder, await freePort())
    await broker.start(settings)
    return broker
  }

  async start(settings = 'allow_anonymous true'): Promise<void> {
    const { username } = userInfo() // else root's files are another user's
    const listener = `listener ${this.port} 127.0.0.1`
    const config = await this.folder.file(
      'mosquitto.conf',
      `user ${username}\n${listener}\n${settings}\n`,
    )
    this.#process = spawn('/usr/sbin/mosquitto', ['-c', config], { stdio: 'ignore' })
    while (!(await isListening(this.port))) {
      if (this.#process.exitCode !== null) throw new Error(`mosquitto does not take: ${settings}`)
      await sleep(10)
    }
  }

  async stop(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const process = this.#process
    if (!process || process.exitCode !== null || process.signalCode !== null) return
    process.kill(signal)
    await once(process, 'exit')
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
