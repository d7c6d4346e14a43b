import { spawn } from 'node:child_process'
import { describe, expect, onTestFinished } from 'vitest'
import { Link } from '../../../src/rig/bridge/link.js'
import { openBridge } from '../../../src/rig/bridge/open.js'
import { openPort } from '../../../src/rig/bridge/port.js'
import { readersOf } from '../../../src/rig/bridge/port-users.js'
import { emulatedBinding } from '../../../src/rig/emulated/binding.js'
import { Emulation } from '../../../src/rig/emulated/emulation.js'
import { serveEmulatedBoard } from '../../../src/rig/emulated/serve.js'
import { test } from '../../helpers/folder.js'
import { needs } from '../../helpers/requirements.js'

describe('what the board refuses', () => {
  test('is told with its reason, but without the light, which is as secret as the password', async () => {
    const emulation = new Emulation()
    onTestFinished(() => emulation.stop())
    const port = await openPort('emulated', emulatedBinding(emulation))
    const link = new Link(port, emulation)
    await emulation.sleep(1500)
    await expect(link.request('load', 96, '0102010201')).rejects.toMatchObject({
      code: 'refused',
      message:
        'the board refuses "load 96 …": symbols before this offset are missing: load them first',
    })
    await expect(link.request('rate', 5)).rejects.toMatchObject({
      code: 'refused',
      message: 'the board refuses "rate 5": the symbol rate is 10 to 2000 Hz',
    })
    await link.close()
  })

  test.skipIf(needs('socat'))('is told with who else has the port open', async ({ folder }) => {
    const path = folder.at('board')
    const end = new AbortController()
    let served: Promise<void> = Promise.resolve()
    await new Promise<void>((resolve, reject) => {
      served = serveEmulatedBoard(path, end.signal, resolve)
      served.catch(reject)
    })
    const reader = spawn('sh', ['-c', 'exec sleep 60 9<>"$0"', path], { stdio: 'ignore' })
    await expect.poll(() => readersOf(path)).toEqual([`sleep (PID ${reader.pid})`])
    const options = { brightness: 1, greyRatio: 0.52, sampleRateHz: 1000 }
    const bridge = await openBridge(path, options)
    const played = bridge.emitter.play({ levels: Uint8Array.of(0, 3) }, { symbolRateHz: 60 })
    await expect(played).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringMatching(
        new RegExp(
          `^the board refuses "load 0 …": .*; sleep \\(PID ${reader.pid}\\) has the port open, too: end it$`,
        ),
      ),
    })
    await bridge[Symbol.asyncDispose]()
    reader.kill()
    end.abort()
    await served
  })
})
