import { FactoryError } from '../errors.js'
import {
  checkSettings,
  requireConstant,
  requireFunction,
  requireString,
  wrongArgument,
} from './arguments.js'
import { Environment, ProxyType } from './constants.js'
import type { Callback, DeviceImp } from './device-api.js'
import type { FactoryCalls } from './factory-calls.js'
import type { DeviceHost, StoredSettings } from './host.js'
import { CONNECT_S } from './outbox.js'
import { cancelWakeup, type Program, requireSeconds } from './program.js'

/** There is no radio to measure with: a good signal, in dBm. */
const RSSI_DBM = -50
/** The first releases of impOS with the calls that turn on the fast start. */
const RESCUE_PIN_FROM = 36
const RESCUE_FROM = 42

export function deviceImp(
  program: Program,
  host: DeviceHost,
  { clearconfiguration, setcountry }: Pick<FactoryCalls, 'clearconfiguration' | 'setcountry'>,
): DeviceImp {
  const { identity, settings, server } = host
  const hint = (text: string) => host.say({ kind: 'hint', text })
  let hasHintedAtParams = false
  let hasTriedToConnect = !host.isWarmStart

  const store = (call: string, change: StoredSettings): void => {
    const { settings: checked, warnings } = checkSettings(call, change)
    for (const warning of warnings) hint(`${call}: ${warning}`)
    settings.change(checked)
  }
  const toDut = (call: string, isThere: boolean, where: string): void => {
    if (host.role !== 'dut') {
      throw new FactoryError(
        'wrong-role',
        `${call} is for the firmware of a device under test only`,
      )
    }
    if (!isThere) throw new FactoryError('wrong-role', `${call} is there on ${where} only`)
    hint(`${call}: the fast start that it turns on is not simulated`)
  }
  const callWhenIdle = (callback: Callback): void => {
    if (program.whenIdle(callback)) {
      hint(
        'imp.onidle: replaces a function that has not been called yet; whether an imp calls both is not public',
      )
    }
  }
  const isImp006 = identity.impType.startsWith('imp006')

  return {
    get configparams() {
      const params = server.configparams
      if (!server.isConnected && Object.keys(params).length === 0 && !hasHintedAtParams) {
        hasHintedAtParams = true
        hint(
          'configparams read before connection: it is still empty, so read it in imp.onidle, or after await server.log()',
        )
      }
      return Object.freeze({ ...params })
    },
    clearconfiguration,
    enableblinkup(enabled) {
      host.enableBlinkUp(Boolean(enabled))
    },
    setenroltokens(planId, token) {
      store('imp.setenroltokens', { planId, token })
    },
    setwificonfiguration(ssid, password) {
      requireString('imp.setwificonfiguration', 'password', password)
      store('imp.setwificonfiguration', { ssid, password })
    },
    setstaticnetworkconfiguration(ip, netmask, gateway, dns) {
      const call = 'imp.setstaticnetworkconfiguration'
      if (!Array.isArray(dns) || dns.length < 1 || dns.length > 2) {
        throw wrongArgument(call, 'give it an array of one or two DNS servers')
      }
      const [dns1, dns2] = dns
      store(call, { staticAddress: { ip, netmask, gateway, dns1, ...(dns2 && { dns2 }) } })
    },
    setproxy(type, address, port, username = '', password = '') {
      const call = 'imp.setproxy'
      requireConstant(call, ProxyType, type)
      for (const [name, text, most] of [
        ['address', address, 64],
        ['user name', username, 32],
        ['password', password, 32],
      ] as const) {
        requireString(call, name, text)
        if (text.length > most) {
          throw wrongArgument(
            call,
            `give it ${name === 'address' ? 'an' : 'a'} ${name} of at most ${most} characters`,
          )
        }
      }
      store(call, { proxy: { server: address, port, username, password } })
    },
    setcountry,
    setnvramimage() {
      throw new FactoryError(
        'not-public',
        'imp.setnvramimage: its parameters are not public; leave the call out',
      )
    },
    setrescuepin() {
      toDut(
        'imp.setrescuepin',
        identity.impOs >= RESCUE_PIN_FROM && !isImp006,
        `all imps but imp006, from impOS ${RESCUE_PIN_FROM},`,
      )
    },
    enablerescuepin() {
      toDut(
        'imp.enablerescuepin',
        identity.impOs >= RESCUE_FROM && isImp006,
        `an imp006, from impOS ${RESCUE_FROM},`,
      )
    },
    onidle(callback) {
      if (callback === null) {
        program.whenIdle(undefined)
        return
      }
      requireFunction('imp.onidle', callback)
      if (hasTriedToConnect || server.isConnected) {
        callWhenIdle(callback)
        return
      }
      void server.connect(CONNECT_S).then(() => {
        hasTriedToConnect = true
        if (!program.ended.aborted) callWhenIdle(callback)
      })
    },
    wakeup(seconds, callback) {
      requireFunction('imp.wakeup', callback)
      return program.wakeup(seconds, callback)
    },
    cancelwakeup: cancelWakeup,
    sleep: (seconds) => program.sleep(seconds),
    deepsleepfor: (seconds) => deepSleepFor(program, host, 'imp.deepsleepfor', seconds),
    environment: () =>
      identity.impType === 'imp001' ? Environment.ENVIRONMENT_CARD : Environment.ENVIRONMENT_MODULE,
    info: () => ({ type: identity.impType }),
    net: program.guard({
      info: () => ({
        ...(server.isConnected && { active: 0 }),
        interface: [{ type: 'wifi', macaddress: identity.macAddress }],
      }),
    }),
    getmacaddress: () => identity.macAddress,
    getssid: () => settings.read().ssid ?? '',
    rssi: () => (server.isConnected ? RSSI_DBM : 0),
  }
}

/** Nothing of the firmware goes on after it. */
export function deepSleepFor(
  program: Program,
  host: DeviceHost,
  call: string,
  seconds: number,
): never {
  requireSeconds(call, seconds)
  program.end()
  host.deepSleepFor(seconds)
  throw program.ended.reason
}
