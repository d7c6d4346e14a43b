import fc from 'fast-check'
import { expect, test } from 'vitest'
import { runAgent } from '../../../src/factory/api/run-agent.js'
import { FactoryError } from '../../../src/factory/index.js'
import type { Role } from '../../../src/factory/link/messages.js'
import { FakeHost, HeldLight } from '../../helpers/device-host.js'

/** What a firmware gets from a call: a FactoryError, or nothing else that is thrown. */
function callWith(call: (...parameters: never[]) => unknown, parameters: unknown[]): void {
  try {
    const result = call(...(parameters as never[]))
    if (result instanceof Promise) result.catch(() => {})
  } catch (error) {
    expect(error).toBeInstanceOf(FactoryError)
    expect((error as Error).message).not.toContain('\n')
  }
}

const functionsOf = (part: object): [string, (...parameters: never[]) => unknown][] =>
  Object.entries(part).filter(([, call]) => typeof call === 'function')

const parameters = fc.array(
  fc.oneof(
    fc.anything(),
    fc.constant(() => {}),
    fc.string(),
  ),
  {
    maxLength: 6,
  },
)

test.each<Role>(['fixture', 'dut', 'application'])(
  'whatever a firmware of a %s gives a call, it is taken or refused with one sentence',
  async (role) => {
    await fc.assert(
      fc.asyncProperty(fc.array(parameters, { minLength: 40, maxLength: 40 }), async (given) => {
        const host = new FakeHost()
        host.role = role
        host.factoryLight = new HeldLight()
        host.run((api) => {
          const { imp, server, hardware, agent } = api
          const { pinA, uart0, i2c0, spi0 } = hardware
          const parts = [imp, server, hardware, agent, pinA, uart0, i2c0, spi0]
          const calls = parts.flatMap(functionsOf)
          expect(calls.length).toBeGreaterThan(40)
          for (const [name, call] of calls) {
            if (['deepsleepfor', 'sleepfor'].includes(name)) continue
            callWith(call, given.shift() ?? [])
          }
        })
        await host.after(1)
        expect(host.all('restart')).toEqual([])
        host.stop()
        host.timebase.stop()
      }),
      { numRuns: 200 },
    )
  },
)

test('whatever an agent gives a call, too', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(parameters, { minLength: 30, maxLength: 30 }), async (given) => {
      const host = new FakeHost()
      const restarts: string[] = []
      const agent = runAgent(
        ({ imp, server, device, http }) => {
          const calls = [imp, server, device, http].flatMap(functionsOf)
          for (const [name, call] of calls) {
            if (name !== 'jsondecode') callWith(call, given.shift() ?? [])
          }
        },
        {
          agentUrl: 'http://localhost',
          configparams: {},
          timebase: host.timebase,
          isDeviceConnected: true,
          say: () => {},
          send: async () => true,
          restart: (reason) => void restarts.push(reason),
        },
      )
      await host.after(1)
      expect(restarts).toEqual([])
      agent.stop()
      host.timebase.stop()
    }),
    { numRuns: 200 },
  )
})

test('any number is flags of a factory BlinkUp, or is none', async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.integer(), fc.double(), fc.nat(2 ** 22)), async (number) => {
      const light = new HeldLight()
      const host = new FakeHost()
      host.role = 'fixture'
      host.factoryLight = light
      let known = 0
      host.run(({ server, hardware, BLINKUP_FAST, BLINKUP_ACTIVEHIGH }) => {
        known = BLINKUP_FAST | BLINKUP_ACTIVEHIGH
        server.factoryblinkup('', '', hardware.pinM, number)
      })
      await host.after(1)
      const isKnown = Number.isInteger(number) && (number & ~known) === 0 && number <= known
      expect(light.played).toHaveLength(isKnown && number >= 0 ? 1 : 0)
      expect(host.all('restart')).toHaveLength(isKnown && number >= 0 ? 0 : 1)
      host.stop()
      host.timebase.stop()
    }),
  )
})
