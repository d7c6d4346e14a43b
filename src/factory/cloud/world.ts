import type {
  Account,
  Change,
  Device,
  DeviceGroup,
  EnrollmentToken,
  Product,
  Webhook,
} from './records.js'

/** All that the stand-in of the server knows for good. It is what the changes that it was told have made of it, and nothing else. */
export class World {
  readonly #accounts = new Map<string, Account>()
  readonly products = new Map<string, Product>()
  readonly groups = new Map<string, DeviceGroup>()
  readonly devices = new Map<string, Device>()
  readonly tokens = new Map<string, EnrollmentToken>()
  readonly webhooks = new Map<string, Webhook>()
  readonly #deviceIdOfAgent = new Map<string, string>()
  readonly #kinds = {
    account: this.#accounts,
    product: this.products,
    group: this.groups,
    device: this.devices,
    token: this.tokens,
    webhook: this.webhooks,
  }

  /** Whether it has been made. */
  get isFounded(): boolean {
    return this.#accounts.size > 0
  }

  get account(): Account {
    const [account] = this.#accounts.values()
    if (!account) throw new Error('this world has no account yet')
    return account
  }

  apply(changes: readonly Change[]): void {
    for (const change of changes) {
      if ('put' in change) {
        if (change.put === 'device') this.#indexAgent(change.record)
        const records: Map<string, unknown> = this.#kinds[change.put]
        records.set(change.record.id, change.record)
      } else {
        if (change.drop === 'device') this.#forgetAgent(change.id)
        this.#kinds[change.drop].delete(change.id)
      }
    }
  }

  /** Changes that make the same world again. */
  *records(): Generator<Change> {
    for (const [put, records] of Object.entries(this.#kinds)) {
      for (const record of records.values()) yield { put, record } as Change
    }
  }

  deviceOfAgent(agentId: string): Device | undefined {
    return this.devices.get(this.#deviceIdOfAgent.get(agentId) ?? '')
  }

  /** By its device ID, MAC address or agent ID. */
  findDevice(name: string): Device | undefined {
    const plain = name.toLowerCase().replaceAll(':', '')
    return (
      this.devices.get(plain) ??
      this.deviceOfAgent(name) ??
      Array.from(this.devices.values()).find(({ macAddress }) => macAddress === plain)
    )
  }

  groupOf({ groupId }: Device): DeviceGroup | undefined {
    return groupId === null ? undefined : this.groups.get(groupId)
  }

  #indexAgent({ id, agentId }: Device): void {
    this.#forgetAgent(id)
    this.#deviceIdOfAgent.set(agentId, id)
  }

  #forgetAgent(deviceId: string): void {
    const agentId = this.devices.get(deviceId)?.agentId
    if (agentId !== undefined) this.#deviceIdOfAgent.delete(agentId)
  }
}
