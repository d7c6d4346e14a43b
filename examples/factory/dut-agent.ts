import type { AgentFirmware } from 'blinkup/factory'

/** The agent of the device under test: posts its result to the fixture, and tells the device when it is stored there. */
const dutAgent: AgentFirmware = ({ device, http, imp, server }) => {
  device.on('testresult', (result: object) => {
    const url = imp.configparams['factory_fixture_url']
    if (typeof url !== 'string') return server.error('there is no fixture to post the result to')
    const headers = { 'content-type': 'application/json' }
    http.post(url, headers, http.jsonencode(result)).sendasync(({ statuscode, body }) => {
      if (statuscode === 200) device.send('stored', true)
      else server.error(`the fixture did not take the result: ${statuscode} ${body}`)
    })
  })
}
export default dutAgent
