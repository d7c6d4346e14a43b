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
export type {
  BlinkUpFlag,
  ConfigPart,
  ConnectResult,
  Environment,
  I2cSpeed,
  InputMode,
  OutputMode,
  Parity,
  ProxyType,
  PwmMode,
  SendError,
  SendErrorPolicy,
  SendWait,
  UartFlag,
  WakeReasonConstant,
} from './api/constants.js'
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
export type { FactoryLight, FactoryLightOptions } from './api/host.js'
export { loadAgentFirmware, loadDeviceFirmware } from './api/load.js'
export type { Timer } from './api/program.js'
export { FactoryError, type FactoryErrorCode } from './errors.js'
export { FactoryBlinkUp, type FactoryBlinkUpOptions } from './fixture/factory-blink-up.js'
