// Run by exceptions.test.ts: vitest would take its rejections for its own.
import { runAgent } from '../../../src/factory/api/run-agent.js'
import type { DeviceApi } from '../../../src/factory/index.js'
import { machineTimebase } from '../../../src/rig/timebase.js'
import { FakeHost } from '../../helpers/device-host.js'

async function later(): Promise<void> {
  await null
  throw new Error('floating')
}
const firmware = ({ imp }: { imp: Pick<DeviceApi['imp'], 'wakeup'> }) => {
  imp.wakeup(0, () => void later())
}

const host = new FakeHost().run(firmware)
await host.after(1)
console.log(`device: ${host.all('restart')}`)

await new Promise<void>((resolve) => {
  runAgent(firmware, {
    agentUrl: 'http://localhost/agent',
    configparams: {},
    timebase: machineTimebase,
    isDeviceConnected: false,
    say: () => {},
    send: async () => false,
    restart: (reason) => {
      console.log(`agent: ${reason}`)
      resolve()
    },
  })
})

void Promise.reject(new Error('not of a firmware'))
