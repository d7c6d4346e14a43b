import type { DeviceFirmware } from 'blinkup/factory'
import dut from './dut.js'
import fixture from './fixture.js'

/** One program for both, as factories had it before fixtures and devices got groups of their own. */
const oneProgram: DeviceFirmware = (api) => {
  const { imp, hardware, server } = api
  // Once connected: on a warm start configparams is empty before, and a fixture would take itself for none.
  imp.onidle(async () => {
    await server.log('has started')
    const fixtureId = imp.configparams['factory_imp_device_id']
    if (fixtureId === undefined) return server.log('this device is not in a factory')
    return fixtureId === hardware.getdeviceid() ? fixture(api) : dut(api)
  })
}
export default oneProgram
