import type { AgentFirmware } from 'blinkup/factory'

/** The fixture's agent: the agents of the devices post their results to its URL. */
const fixtureAgent: AgentFirmware = ({ device, http, server }) => {
  device.on('started', ({ deviceInfo }: { deviceInfo: { deviceId: string } }) => {
    server.log(`${deviceInfo.deviceId}: factory BlinkUp begins`)
  })

  http.onrequest((request, response) => {
    if (request.method !== 'POST') return response.send(404, 'Not Found')
    let result: { deviceInfo: { deviceId: string }; success: boolean }
    try {
      result = http.jsondecode(request.body) as typeof result
    } catch (error) {
      return response.send(400, String(error))
    }
    server.log(`${result.deviceInfo.deviceId}: ${result.success ? 'passed' : 'failed'}`)
    device.send('result', { success: result.success })
    response.send(200, 'OK')
  })
}
export default fixtureAgent
