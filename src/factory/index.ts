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
export type {
  DeviceIdentity,
  FactoryLight,
  FactoryLightOptions,
  StoredSettings,
} from './api/host.js'
export { loadAgentFirmware, loadDeviceFirmware } from './api/load.js'
export type { Timer } from './api/program.js'
export { runAgent } from './api/run-agent.js'
export { runDevice } from './api/run-device.js'
export { Cloud, type CloudOptions } from './cloud/cloud.js'
export type { CloudEvent } from './cloud/logs.js'
export type { EnrolledDevice, Enrollment } from './enrollment/answers.js'
export {
  type AwaitDeviceOptions,
  EnrollmentClient,
  type PollProgress,
} from './enrollment/client.js'
export {
  DEFAULT_ENROLLMENT_URL,
  type EnrollmentApi,
  type EnrollmentConfig,
} from './enrollment/config.js'
export { EnrollmentError, type EnrollmentErrorCode } from './enrollment/errors.js'
export { FactoryError, type FactoryErrorCode } from './errors.js'
export { FactoryBlinkUp, type FactoryBlinkUpOptions } from './fixture/factory-blink-up.js'
export type { ImpEvent } from './imp/events.js'
export { identityOf } from './imp/identity.js'
export { Imp, type ImpOptions } from './imp/imp.js'
export { memoryFile, memoryOnly } from './imp/stored-settings.js'
export { type LightSource, photodiodeLight, recordedLight } from './imp/watch-light.js'
export type { LabelPrinting } from './label/printing.js'
export type {
  CycleEnd,
  CycleRecord,
  CycleState,
  DeviceReport,
  Measurement,
  StoredResult,
  TriggerKind,
} from './records/cycle-record.js'
export { CYCLE_REASONS, CYCLE_STATES } from './records/cycle-record.js'
export { RecordsError, type RecordsErrorCode } from './records/errors.js'
export { Records } from './records/records.js'
export type { CycleSteps } from './station/cycle.js'
export { ReportEndpoint, type ReportEndpointOptions } from './station/report-endpoint.js'
export type { RigActivity, RigSnapshot, StationSnapshot } from './station/snapshot.js'
export { Station, type StationOptions, type StationRig } from './station/station.js'
