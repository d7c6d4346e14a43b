export type {
  AgentApi,
  AgentConfigParams,
  AgentImp,
  AgentServer,
  DeviceLink,
  Http,
  HttpCall,
  HttpHeaders,
  HttpRequest,
  HttpResponder,
  HttpResponse,
} from './api/agent-api.js'
export type { DateTable } from './api/date.js'
export type {
  AgentLink,
  Callback,
  DeviceApi,
  DeviceConfigParams,
  DeviceImp,
  DeviceServer,
  Hardware,
  I2c,
  NetInfo,
  Pin,
  PinName,
  Spi,
  Uart,
} from './api/device-api.js'
export type { AgentFirmware, DeviceFirmware } from './api/firmware.js'
export { loadAgentFirmware, loadDeviceFirmware } from './api/load.js'
export { FactoryError, type FactoryErrorCode } from './errors.js'
