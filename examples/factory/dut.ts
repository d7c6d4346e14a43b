import type { DeviceFirmware } from 'blinkup/factory'

/** How long the agent may take to have the result stored. */
const RESULT_S = 10

/** The device under test: tests itself, has the result stored, and only then is blessed. */
const dut: DeviceFirmware = ({ imp, server, hardware, agent, CONFIG_WIFI, DIGITAL_IN_PULLUP }) => {
  const { pin1: selfTest } = hardware
  let isDone = false

  const bless = (passed: boolean): void => {
    if (isDone) return
    isDone = true
    server.bless(passed, (blessed) => {
      // Only now: whoever clears it before the answer has a device that nobody can reach, blessed or not.
      if (blessed) imp.clearconfiguration(CONFIG_WIFI)
      server.log(blessed ? 'blessed' : 'not blessed')
    })
  }

  // Once connected: before, as on a warm start, configparams is empty. A slow network is not there when the device is idle first.
  imp.onidle(async () => {
    await server.log('has started')
    const fixtureId = imp.configparams['factory_imp_device_id']
    if (fixtureId === undefined || fixtureId === hardware.getdeviceid()) return
    selfTest.configure(DIGITAL_IN_PULLUP)
    const passed = selfTest.read() === 1
    // No result is no knowledge: a device whose result nobody has is not blessed.
    agent.on('stored', () => bless(passed))
    imp.wakeup(RESULT_S, () => bless(false))
    agent.send('testresult', {
      deviceInfo: { deviceId: hardware.getdeviceid() },
      ts: Math.floor(Date.now() / 1000),
      success: passed,
    })
  })
}
export default dut
