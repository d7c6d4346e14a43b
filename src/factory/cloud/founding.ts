import { randomUUID } from 'node:crypto'
import { newSecret } from './ids.js'
import type { Account, Change, DeviceGroup, GroupType, Product } from './records.js'

export interface Founding {
  readonly enrollmentKey?: string | undefined
}

/** The least world that a factory works in: an account, a product, and a group each for fixture, device under test and production. */
export function found({ enrollmentKey = newSecret() }: Founding): Change[] {
  const account: Account = {
    id: randomUUID(),
    login: 'factory@localhost',
    password: newSecret(),
    loginKey: newSecret(),
    enrollmentKey,
    unblessingKey: newSecret(),
    secret: newSecret(),
  }
  const product: Product = { id: randomUUID(), name: 'Product', description: '' }
  const production = newGroup('production_devicegroup', 'Production', product.id)
  const dut = newGroup('dut_devicegroup', 'DUT', product.id)
  const fixture: DeviceGroup = {
    ...newGroup('factoryfixture_devicegroup', 'Fixture', product.id),
    productionTargetId: production.id,
    dutTargetId: dut.id,
  }
  return [
    { put: 'account', record: account },
    { put: 'product', record: product },
    ...[production, dut, fixture].map((record): Change => ({ put: 'group', record })),
  ]
}

/** A group without devices or targets. */
export const newGroup = (type: GroupType, name: string, productId: string): DeviceGroup => ({
  id: randomUUID(),
  type,
  name,
  description: '',
  region: null,
  productId,
  productionTargetId: null,
  dutTargetId: null,
  loadCodeAfterBlessing: true,
  envVars: {},
})
