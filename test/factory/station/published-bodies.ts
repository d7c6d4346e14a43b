import type { DeviceReport } from '../../../src/factory/records/cycle-record.js'

export const JSON_TYPE = 'application/json'
export const FORM = 'application/x-www-form-urlencoded'
export const ID = '600a0c2a69000001'
export const MAC = '0c2a69000001'

interface PublishedBody {
  readonly who: string
  readonly body: Readonly<Record<string, unknown>>
  readonly report: DeviceReport
}

const ofSensor = {
  Battery: 3.29,
  WifiStrength: -61,
  SSID: 'factory',
  EC: 0,
  Humidity: 41.5,
  Temperature: 23.1,
  SolarV: 0.02,
  timestamp: 1412160000,
}

/** Every body that published and real firmware posts, as they write it. */
export const PUBLISHED_BODIES: readonly PublishedBody[] = [
  {
    who: 'a DUT of FactoryTools',
    body: { deviceInfo: { deviceId: ID }, ts: 1532946000, success: true },
    report: { deviceId: ID, mac: null, success: true, values: { ts: 1532946000 } },
  },
  {
    who: 'a fixture of FactoryTools when it is triggered',
    body: { deviceInfo: { deviceId: ID }, ts: 1532946000, msg: 'Starting factory blinkup.' },
    report: {
      deviceId: ID,
      mac: null,
      success: null,
      values: { ts: 1532946000, msg: 'Starting factory blinkup.' },
    },
  },
  {
    who: 'the agent of a sensor node',
    body: { mac: MAC, id: ID },
    report: { deviceId: ID, mac: MAC, success: null, values: {} },
  },
  {
    who: 'a pair of agents',
    body: { device_id: ID, mac: MAC, success: false },
    report: { deviceId: ID, mac: MAC, success: false, values: {} },
  },
  {
    who: 'an older process that has a message',
    body: { device_id: ID, mac: MAC, msg: 'Test passed' },
    report: { deviceId: ID, mac: MAC, success: null, values: { msg: 'Test passed' } },
  },
  {
    who: 'an older process that has a result',
    body: { device_id: ID, mac: MAC, passed: 1, success: 1 },
    report: { deviceId: ID, mac: MAC, success: true, values: {} },
  },
  {
    who: 'the firmware of a sensor',
    body: { device_id: ID, mac: MAC, success: true, ...ofSensor },
    report: { deviceId: ID, mac: MAC, success: true, values: ofSensor },
  },
]
