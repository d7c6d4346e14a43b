import type { Settings } from '../../packet/index.js'
import { FactoryError } from '../errors.js'
import type { BlessAnswer } from '../link/messages.js'
import {
  checkSettings,
  requireConstant,
  requireFlags,
  requireFunction,
  requireString,
  wrongArgument,
} from './arguments.js'
import { BlinkUpFlag, ConfigPart } from './constants.js'
import type { DeviceServer, Pin } from './device-api.js'
import type { Clearing, DeviceHost } from './host.js'
import type { Program } from './program.js'

/** To the letter: it is what people look for in their logs. */
const NOT_A_FIXTURE = 'Factory BlinkUp request failed. This is not a factory imp.'
/** A limit that staff once told, and that nobody has confirmed. */
const LONG_PASSWORD = 32

const NOT_BLESSED: BlessAnswer = { blessed: false, loadCodeAfterBlessing: false }
/** The card, which the factory calls have not served since 2018. */
const CARD = 'imp001'
/** Published: of `imp.setcountry`. */
const COUNTRIES = [0x00005355, 0x00004247, 0x00115858, 0x03b64143, 0x037f3045, 0x03b8504a]

const CLEARINGS: Readonly<Record<ConfigPart, Clearing>> = {
  [ConfigPart.CONFIG_WIFI]: 'wifi',
  [ConfigPart.CONFIG_STATIC_NETWORK]: 'static-network',
  [ConfigPart.CONFIG_PROXY]: 'proxy',
  [ConfigPart.CONFIG_ALL]: 'all',
}

type FactoryServer = Pick<DeviceServer, 'factoryblinkup' | 'bless'>
export interface FactoryCalls extends FactoryServer {
  clearconfiguration(what?: ConfigPart): void
  setcountry(code: number): void
}

/** Factory firmware is a fixture's or a DUT's. */
function requireFactory({ role }: DeviceHost, call: string): void {
  if (role === 'fixture' || role === 'dut') return
  throw new FactoryError(
    'wrong-role',
    `${call} is for factory firmware: call it in that of a fixture or a device under test only`,
  )
}

/**
 * The calls by which a factory works.
 *
 * @param pinName undefined for what is none of the hardware's pins
 */
export function factoryCalls(
  program: Program,
  host: DeviceHost,
  pinName: (pin: Pin) => string | undefined,
): FactoryCalls {
  const hint = (text: string) => host.say({ kind: 'hint', text })
  /** Whether the device is blessed, as far as its firmware knows. */
  let blessing: 'not asked' | 'asked' | 'good' | 'failed' = 'not asked'
  /** Is stored with a good blessing. */
  let country: number | undefined

  function factoryblinkup(
    ssid: string,
    password: string,
    pin: Pin,
    flags: BlinkUpFlag | 0,
    apn?: string,
  ): void {
    const call = 'server.factoryblinkup'
    requireFactory(host, call)
    if (host.role === 'dut') {
      hint(`${call} has no effect in the firmware of a device under test`)
      return
    }
    requireString(call, 'SSID', ssid)
    requireString(call, 'password', password)
    requireFlags(call, BlinkUpFlag, flags)
    const name = pinName(pin)
    if (name === undefined) {
      throw new FactoryError('wrong-argument', `${call}: give it a pin, such as hardware.pinM`)
    }
    if (apn !== undefined) {
      requireString(call, 'APN', apn)
      hint(`${call}: how an APN is sent is not public; it is left out of the light`)
    }
    if (ssid === '' && password !== '') {
      hint(`${call}: without an SSID the password is left out of the light`)
    }
    const wifi = ssid === '' ? {} : readWifi(call, { ssid, password })
    const { factoryLight } = host
    if (host.identity.impType === CARD) {
      hint(`${call} always fails on an ${CARD}, since March 2018: take another imp as fixture`)
      return
    }
    if (!factoryLight) {
      hint(`${call}: this device has no rig to make light with; give it one`)
      return
    }
    let isSuspended = false
    const takeSettings = async (): Promise<Settings> => {
      const token = await host.server.factoryToken()
      program.ended.throwIfAborted()
      program.suspend()
      isSuspended = true
      return { ...wifi, ...token }
    }
    factoryLight
      .play(takeSettings, {
        fast: (flags & BlinkUpFlag.BLINKUP_FAST) !== 0,
        activeHigh: (flags & BlinkUpFlag.BLINKUP_ACTIVEHIGH) !== 0,
        pin: name,
        signal: program.ended,
      })
      .then((isPlayed) => {
        if (!isPlayed) hint(`${call} came too early after the last one: it is ignored`)
      }, tellFailure)
      .finally(() => isSuspended && program.resume())
  }

  function readWifi(call: string, wifi: Settings): Settings {
    const { settings, warnings } = checkSettings(call, wifi)
    for (const warning of warnings) hint(`${call}: ${warning}`)
    if ((wifi.password ?? '').length > LONG_PASSWORD) {
      hint(
        `${call}: imps have been said to take Wi-Fi passwords of at most ${LONG_PASSWORD} characters; this one is longer`,
      )
    }
    return settings
  }

  function tellFailure(error: unknown): void {
    if (program.ended.aborted) return
    const code = error instanceof FactoryError ? error.code : undefined
    if (code === 'not-a-fixture') {
      host.say({ kind: 'log', text: NOT_A_FIXTURE })
      host.server.log({ kind: 'log', text: NOT_A_FIXTURE })
      return
    }
    const why = error instanceof Error ? error.message : String(error)
    if (code === 'unreachable') {
      hint(
        `no light: the server gives no factory token (${why}); what an imp tells then is not public`,
      )
    } else {
      host.say({ kind: 'error', text: `the factory BlinkUp failed: ${why}` })
    }
  }

  function bless(success: boolean | number, callback: (isBlessed: boolean) => unknown): void {
    const call = 'server.bless'
    requireFactory(host, call)
    if (host.role === 'fixture') {
      throw new FactoryError(
        'not-public',
        `what ${call} does on a fixture is not public: call it in the firmware of a device under test only`,
      )
    }
    requireFunction(call, callback)
    const hasPassed = Boolean(success)
    blessing = 'asked'
    if (!hasPassed) host.showBlessing(false)
    answerOf(call, hasPassed)
      .catch((error) => {
        if (!program.ended.aborted) {
          host.say({ kind: 'error', text: `${call} is refused: ${error.message}` })
        }
        return NOT_BLESSED
      })
      .then((answer) =>
        program.enqueue(() => {
          blessing = answer.blessed ? 'good' : 'failed'
          if (hasPassed) host.showBlessing(answer.blessed)
          if (answer.blessed && country !== undefined) host.settings.change({ country })
          const result = callback(answer.blessed)
          if (answer.blessed) host.handOver(answer)
          return result
        }),
      )
  }

  function answerOf(call: string, hasPassed: boolean): Promise<BlessAnswer> {
    if (host.identity.impType !== CARD) return host.server.bless(hasPassed)
    hint(`${call} always fails on an ${CARD}, since January 2018`)
    return Promise.resolve(NOT_BLESSED)
  }

  function setcountry(code: number): void {
    const call = 'imp.setcountry'
    requireFactory(host, call)
    if (!Number.isInteger(code)) throw wrongArgument(call, 'give it the code of a region')
    if (!COUNTRIES.includes(code))
      hint(`${call}: 0x${code.toString(16)} is none of the published codes`)
    country = code
    if (blessing === 'good') host.settings.change({ country })
  }

  function clearconfiguration(what: ConfigPart = ConfigPart.CONFIG_ALL): void {
    requireConstant('imp.clearconfiguration', ConfigPart, what)
    if (host.role === 'dut' && blessing !== 'good') {
      hint(
        blessing === 'failed'
          ? 'imp.clearconfiguration: cleared although it is not blessed: call it in the callback of server.bless, if that is given true'
          : 'imp.clearconfiguration: cleared before it is blessed, so the blessing may be lost with the connection: call it in the callback of server.bless, if that is given true',
      )
    }
    host.settings.clear(CLEARINGS[what])
  }

  return { factoryblinkup, bless, clearconfiguration, setcountry }
}
