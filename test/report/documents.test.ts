import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DOCUMENT_PAGES } from '../../manual/document-pages.js'
import { exampleFile } from '../../manual/json-page.js'
import { makeMessage } from '../../src/bench/message.js'
import { judge } from '../../src/bench/verdict.js'
import { receptionDocument } from '../../src/cli/decode.js'
import { encodeDocument } from '../../src/cli/encode.js'
import { CommandError, EXIT, explain } from '../../src/cli/errors.js'
import { completeSymbols } from '../../src/cli/symbol-options.js'
import { verdictDocument } from '../../src/cli/verify.js'
import { HOST_CLOCK } from '../../src/light/clock.js'
import { type DeviceConfig, decodePacket, type Settings } from '../../src/packet/index.js'
import { DOCUMENTS, type DocumentName, LINES, type LineName } from '../../src/report/documents.js'
import { ERRORS } from '../../src/report/error-codes.js'
import { completeConfig } from '../../src/rig/config.js'
import { deviceConfigArbitrary } from '../helpers/arbitraries.js'
import { message as lightOf, receive } from '../helpers/receive.js'

const isLine = (name: string): name is LineName => name in LINES

const NAMES = Object.keys(DOCUMENT_PAGES) as (DocumentName | LineName)[]

test.each(NAMES)('the example of %s is one', (name) => {
  const example = readFileSync(exampleFile(name), 'utf8')
  const schema = isLine(name) ? LINES[name] : DOCUMENTS[name]
  const documents = isLine(name) ? example.trimEnd().split('\n') : [example]
  for (const document of documents.map((text) => JSON.parse(text))) {
    expect(document.schema).toBe(name)
    expect(schema.parse(document)).toEqual(document)
  }
})

test.each(Object.values({ ...DOCUMENTS, ...LINES }))(
  'no document has a member that is not known',
  (schema) => {
    const unknown = { schema: schema.shape.schema.value, nonsense: 1 }
    const issues = schema.safeParse(unknown).error?.issues ?? []
    expect(issues.map(({ code }) => code)).toContain('unrecognized_keys')
  },
)

describe('codes of errors', () => {
  test('end as the command has it documented', () => {
    const exitCodes = new Set(Object.values(ERRORS).map(({ exitCode }) => exitCode))
    expect([...exitCodes].filter((code) => typeof code === 'number').sort()).toEqual(
      Object.values(EXIT)
        .filter((code) => code !== EXIT.done)
        .sort(),
    )
  })

  test.each(Object.values(EXIT).filter((code) => code !== EXIT.done))(
    'a command that chooses %i has one that ends so',
    (exitCode) => {
      const { code } = explain(new CommandError(exitCode, 'do this'))
      expect(ERRORS[code].exitCode).toBe(exitCode)
    },
  )
})

describe('what is masked', () => {
  const settings = {
    ...completeSymbols({}, EXIT.usage),
    rig: completeConfig({ kind: 'emulated' }),
    enrollment: null,
    limits: {},
    byName: {},
  }
  /** What nobody but the sender and the device should know, as text and as the bytes that are sent, in hex. */
  function secretsOf(config: DeviceConfig): string[] {
    if (config.clear) return []
    const { password, token, proxy } = config
    const texts = [password, token, proxy?.username, proxy?.password].filter(Boolean) as string[]
    const sent = texts.map((text) => Buffer.from(text).toString('hex'))
    const tokenSent = Buffer.from(token ?? '', 'hex')
      .reverse()
      .toString('hex')
    return [...texts.map((text) => JSON.stringify(text).slice(1, -1)), ...sent, tokenSent]
      .filter(Boolean)
      .map((secret) => secret.toLowerCase())
  }

  /** All that may be shown: by chance it holds what is a secret elsewhere. */
  function shownOf(config: DeviceConfig): string {
    const { ssid, planId, staticAddress, proxy } = config as Settings
    const sent = [Buffer.from(ssid ?? ''), Buffer.from(planId ?? '', 'hex').reverse()]
    const hex = sent.map((bytes) => bytes.toString('hex'))
    return JSON.stringify([ssid, planId, staticAddress, proxy?.server, ...hex]).toLowerCase()
  }

  /** The documents about a message, without its symbols, which are the message. */
  function documentsOf(config: DeviceConfig, showSecrets: boolean): object[] {
    const message = {
      ...makeMessage(config, { ...settings, allowNonstandard: true }),
      isSecret: true,
    }
    const receptions = receive(lightOf(message.packet))
    const play = {
      symbols: message.sequence.levels.length,
      symbolRateHz: 60,
      greyRatio: 0.52,
      startS: 0,
      clock: HOST_CLOCK,
    }
    const report = {
      ...judge(message.packet, receptions),
      play,
      gaps: [],
      seenClock: HOST_CLOCK,
      light: null,
      differences: [],
      figures: [],
    }
    const decoded = [
      ...receptions,
      { kind: 'symbols', packet: message.packet, config: decodePacket(message.packet) } as const,
    ]
    const documents = [
      encodeDocument(message, settings, showSecrets),
      verdictDocument(message, settings, report, showSecrets),
      {
        schema: 'blinkup.decode/2',
        channels: [{ name: 'level', unit: null, kind: 'analog', isRead: true }],
        receptions: decoded.map((reception) => receptionDocument(reception, showSecrets)),
        error: null,
      } as const,
    ].map((document) => ({ ...document, warnings: [] }))
    for (const document of documents) DOCUMENTS[document.schema].parse(document)
    return documents.map((document) => ({ ...document, symbols: null }))
  }

  test('is in no document, whatever the settings', () => {
    fc.assert(
      fc.property(deviceConfigArbitrary, (config) => {
        const shown = shownOf(config)
        const documents = documentsOf(config, false).map((d) => JSON.stringify(d).toLowerCase())
        // A short one may be in anything by chance.
        for (const secret of secretsOf(config)) {
          if (secret.length < 12 || shown.includes(secret)) continue
          for (const document of documents) expect(document).not.toContain(secret)
        }
      }),
      { numRuns: 30 },
    )
  })

  test('is there with --show-secrets', () => {
    const config = { ssid: 'net', password: 'correct horse' }
    for (const document of documentsOf(config, true)) {
      for (const secret of secretsOf(config)) expect(JSON.stringify(document)).toContain(secret)
    }
  })
})
