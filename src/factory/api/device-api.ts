/** What a device's firmware is given. */
export interface DeviceApi {
  readonly imp: object
  readonly server: object
  readonly hardware: object
  readonly agent: object
}
