import { expect, test } from 'vitest'
import type { DeviceApi, PinName } from '../../../src/factory/index.js'
import { FakeHost } from '../../helpers/device-host.js'

test('an output is written when it is configured, and then; its level can be read', async () => {
  const host = new FakeHost().run(({ hardware, server, DIGITAL_OUT, PWM_OUT }) => {
    hardware.pinC.configure(DIGITAL_OUT, 1)
    hardware.pinC.write(0)
    hardware.pinD.configure(DIGITAL_OUT)
    hardware.pinE.configure(PWM_OUT, 0.01, 0.25)
    hardware.pinE.write(0.5)
    server.log(`${hardware.pinC.read()} ${hardware.pinE.read()}`)
  })
  await host.after(1)
  expect(host.events.filter(([what]) => what === 'write')).toEqual([
    ['write', 'pinC', 1],
    ['write', 'pinC', 0],
    ['write', 'pinD', 0],
    ['write', 'pinE', 0.25],
    ['write', 'pinE', 0.5],
  ])
  expect(host.all('log')).toEqual(['0 0.5'])
})

test('an input that nothing drives is low, or high with a pull-up', async () => {
  const host = new FakeHost()
  host.inputs.pinB = 0
  host.run(({ hardware, server, ...api }) => {
    hardware.pin1.configure(api.DIGITAL_IN)
    hardware.pin2.configure(api.DIGITAL_IN_PULLUP)
    hardware.pinA.configure(api.DIGITAL_IN_PULLDOWN)
    hardware.pinB.configure(api.DIGITAL_IN_PULLUP)
    const { pin1, pin2, pinA, pinB } = hardware
    server.log([pin1, pin2, pinA, pinB].map((pin) => pin.read()).join())
  })
  await host.after(1)
  expect(host.all('log')).toEqual(['0,1,0,0'])
})

test('an input calls back on each change, until it is configured anew or the firmware ends', async () => {
  const host = new FakeHost().run(({ hardware, server, DIGITAL_IN_WAKEUP, DIGITAL_IN }) => {
    const tell = () => void server.log(hardware.pinC.read())
    hardware.pinC.configure(DIGITAL_IN, () => void server.log('old'))
    hardware.pinC.configure(DIGITAL_IN_WAKEUP, tell)
  })
  await host.after(1)
  host.drive('pinC', 1)
  await host.after(1)
  host.drive('pinC', 0)
  await host.after(1)
  expect(host.all('log')).toEqual(['1', '0'])
  host.stop()
  host.drive('pinC', 1)
  await host.after(1)
  expect(host.all('log')).toHaveLength(2)
  expect(host.watchers.get('pinC')?.size).toBe(0)
})

test('all pins of all imps are there, and no other', async () => {
  const host = new FakeHost().run(({ hardware, server, DIGITAL_IN }) => {
    const names = [...'125678 9ABCDEFGHIJKLMNOPQRSTUVWXYZ'.replace(' ', '')]
    for (const name of names) hardware[`pin${name}` as PinName].configure(DIGITAL_IN)
    const { pinA } = hardware
    server.log(pinA === hardware.pinA)
    server.log(hardware['pin3' as 'pin1'] === undefined)
    server.log((hardware as unknown as Record<string, unknown>).led === undefined)
  })
  await host.after(1)
  expect(host.all('log')).toEqual(['true', 'true', 'true'])
})

test.each<[string, (api: DeviceApi) => void]>([
  ['hardware.pin1.configure', (api) => api.hardware.pin1.configure(api.CONFIG_ALL as never)],
  ['hardware.pin1.configure', (api) => api.hardware.pin1.configure(undefined as never)],
  ['hardware.pin1.configure', (api) => api.hardware.pin1.configure(api.DIGITAL_IN, 5 as never)],
  ['hardware.pin1.write', (api) => api.hardware.pin1.configure(api.DIGITAL_OUT, 'on' as never)],
  ['hardware.pin1.read', (api) => api.hardware.pin1.read()],
  ['hardware.pin1.write', (api) => api.hardware.pin1.write(1)],
  [
    'hardware.pin1.write',
    (api) => {
      api.hardware.pin1.configure(api.DIGITAL_IN)
      api.hardware.pin1.write(1)
    },
  ],
])('%s refuses what it cannot do', async (call, make) => {
  const host = new FakeHost().run(make)
  await host.after(1)
  expect(host.all('error')).toEqual([expect.stringContaining(`${call}: `)])
})

test('behind serial ports there is nothing: what is written is told, what is read is nothing', async () => {
  const host = new FakeHost().run((api) => {
    const { hardware, server, PARITY_NONE, NO_CTSRTS, CLOCK_SPEED_400_KHZ } = api
    const { uart2, i2c0, spi0 } = hardware
    uart2.configure(19200, 8, PARITY_NONE, 1, NO_CTSRTS, () => void server.log('never'))
    uart2.write('label')
    i2c0.configure(CLOCK_SPEED_400_KHZ)
    spi0.configure(0, 1000)
    spi0.write('x')
    server.log(
      JSON.stringify([
        uart2.read(),
        uart2.readstring(),
        i2c0.write(0x92, 'a') === 0,
        i2c0.read(0x92, '\0', 2),
        spi0.writeread('ab'),
        spi0.readstring(1),
        typeof hardware.uart57,
      ]),
    )
  })
  await host.after(1)
  expect(host.all('log')).toEqual([JSON.stringify([-1, '', false, null, '\0\0', '\0', 'object'])])
  expect(host.all('hint')).toEqual(
    ['19200 baud', '"label"', '"x"', '0x92', '"ab"'].map((what) => expect.stringContaining(what)),
  )
})
