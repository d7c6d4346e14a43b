import { readFileSync } from 'node:fs'
import type { DeviceFirmware } from 'blinkup/factory'

/** From outside: what stands in a firmware ends up in a repository. */
const { ssid, password } = JSON.parse(
  readFileSync(process.env['FACTORY_NETWORK'] ?? new URL('network.json', import.meta.url), 'utf8'),
)

/** The fixture: a press of its button sets up the device that lies before its LED. */
const fixture: DeviceFirmware = ({ imp, server, hardware, agent, ...constants }) => {
  const { BLINKUP_FAST, BLINKUP_ACTIVEHIGH, DIGITAL_IN, DIGITAL_OUT } = constants
  const { pinC: button, pinE: greenLamp, pinF: redLamp, pinM: blinkUpLed } = hardware

  const blink = (): void => {
    greenLamp.write(0)
    redLamp.write(0)
    agent.send('started', { deviceInfo: { deviceId: hardware.getdeviceid() } })
    server.factoryblinkup(ssid, password, blinkUpLed, BLINKUP_FAST | BLINKUP_ACTIVEHIGH)
  }

  // Once connected: before, as on a warm start, configparams is empty. A slow network is not there when the device is idle first.
  imp.onidle(async () => {
    await server.log('has started')
    if (imp.configparams['factory_imp_device_id'] !== hardware.getdeviceid()) {
      return server.error('this device is no fixture: assign it to a fixture device group')
    }
    greenLamp.configure(DIGITAL_OUT, 0)
    redLamp.configure(DIGITAL_OUT, 0)
    agent.on('result', ({ success }: { success: boolean }) => {
      greenLamp.write(success ? 1 : 0)
      redLamp.write(success ? 0 : 1)
    })
    // On release, as the published firmware does. A callback that comes late reads what is then: down must have been seen.
    let wasDown = false
    button.configure(DIGITAL_IN, () => {
      const isDown = button.read() === 1
      if (wasDown && !isDown) blink()
      wasDown = isDown
    })
    server.log('ready for the first device')
  })
}
export default fixture
