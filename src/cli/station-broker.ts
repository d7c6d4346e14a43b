import type { Records } from '../factory/records/records.js'
import type { BrokerConfig } from '../factory/station/mqtt.js'
import type { Station } from '../factory/station/station.js'
import { findSecret, type Secret } from './credentials.js'
import { CommandError, EXIT } from './errors.js'
import { readText } from './files.js'
import type { MqttSettings } from './station-settings.js'

export const MQTT_PASSWORD: Secret = {
  variable: 'BLINKUP_MQTT_PASSWORD',
  credential: 'blinkup-mqtt-password',
  name: "password of the station's user of its broker",
  otherwise: 'or take user out of [mqtt]',
}

/** How the broker of a station's file is reached; null for none. @throws CommandError */
export async function loadBroker(mqtt: MqttSettings | null): Promise<BrokerConfig | null> {
  if (!mqtt) return null
  const { url, user, ca } = mqtt
  const password = user === null ? null : ((await findSecret(MQTT_PASSWORD)) ?? null)
  if (user !== null && password === null) {
    throw new CommandError(
      EXIT.usage,
      `${MQTT_PASSWORD.variable} is missing: set it to the ${MQTT_PASSWORD.name}, ${MQTT_PASSWORD.otherwise}`,
    )
  }
  return { url, user, password, ca: ca === null ? null : await readText(ca, EXIT.badFixture) }
}

/** Tells the broker what a station does, until it is closed. The library is loaded only where there is a broker. */
export async function openBroker(
  broker: BrokerConfig | null,
  station: Station,
  records: Records,
  onFault: (error: unknown) => void,
): Promise<AsyncDisposable | null> {
  if (!broker) return null
  const { Publisher } = await import('../factory/station/mqtt.js')
  return new Publisher({ ...broker, station, records, onFault })
}
