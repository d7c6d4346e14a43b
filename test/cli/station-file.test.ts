import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import { TREND_NAMES } from '../../src/bench/soak-tally.js'
import { ENROLLMENT_FAULTS } from '../../src/cli/enrollment-section.js'
import { STATION_FILE } from '../../src/cli/station-file.js'
import { readStation } from '../../src/cli/station-settings.js'
import { CYCLE_REASONS, type CycleReason } from '../../src/factory/records/cycle-record.js'
import { instructionFor } from '../../src/factory/station/instructions.js'
import { stationMetrics } from '../../src/web/station/metrics.js'
import { test } from '../helpers/folder.js'

const pathOf = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url))
const EXAMPLE = pathOf('install/station.toml')
const example = await readFile(EXAMPLE, 'utf8')
const page = await readFile(pathOf('docs/station.md'), 'utf8')

/** What may be left out is a comment there. */
const complete = example.replaceAll(/^#(?=\[|[\w-]+ = )/gm, '')

describe('the example of a file', () => {
  test('is right, and so it is with all that may be left out', async ({ folder }) => {
    for (const text of [example, complete]) {
      const settings = await readStation(await folder.file('station.toml', text))
      expect(settings).toMatchObject({ name: 'line 3', rigs: { left: {}, right: {} } })
    }
  })

  test('has every key that there is', () => {
    const sections: [header: string, keys: string[]][] = [['', []]]
    for (const line of complete.split('\n')) {
      const [, header] = /^\[(.*)\]/.exec(line) ?? []
      if (header !== undefined) sections.push([header, []])
      const [, key] = /^([\w-]+) = /.exec(line) ?? []
      if (key !== undefined) sections.at(-1)?.[1].push(key)
    }
    const inExample = Object.fromEntries(sections)
    const {
      message,
      result,
      blessing,
      label,
      reports,
      page,
      mqtt,
      rigs,
      limits,
      enrollment,
      ...top
    } = STATION_FILE.shape
    expect(inExample['']).toEqual(Object.keys(top))
    const shapes = { message, result, blessing, reports, page, mqtt }
    for (const [header, schema] of Object.entries(shapes)) {
      const { shape } = 'unwrap' in schema ? schema.unwrap() : schema
      expect([header, inExample[header]?.toSorted()]).toEqual([
        header,
        Object.keys(shape).toSorted(),
      ])
    }
    const { trigger, lamps } = rigs.valueType.shape
    expect(inExample['rigs.left.lamps']?.toSorted()).toEqual(
      Object.keys(lamps.unwrap().shape).toSorted(),
    )
    // A button is at a line, or at the board.
    expect(['input', ...(inExample['rigs.left.trigger'] ?? [])].toSorted()).toEqual(
      Object.keys(trigger.unwrap().shape).toSorted(),
    )
    // A label goes to a printer, or into a folder.
    expect(['folder', ...(inExample['label'] ?? [])].toSorted()).toEqual(
      Object.keys(label.unwrap().shape).toSorted(),
    )
    expect(inExample['enrollment']).toEqual([...ENROLLMENT_FAULTS.keys()])
    for (const header of Object.keys({ limits, enrollment }))
      expect(inExample).toHaveProperty(header)
  })
})

describe('the page of a station', () => {
  test('has the example as it is', () => expect(page).toContain(`\`\`\`toml\n${example}\`\`\`\n`))

  test('has every reason, with what the operator reads', () => {
    for (const [reason, { outcome, cause }] of Object.entries(CYCLE_REASONS)) {
      const end = { outcome, reason: reason as CycleReason, detail: '' }
      const told = instructionFor({ state: 'waiting' }, { cycleId: '', end })
      const row = page.split('\n').find((line) => line.startsWith(`| \`${reason}\` |`))
      expect(row).toContain(`| ${outcome.toUpperCase()}, ${cause} |`)
      expect(row).toMatch(new RegExp(`\\| ${told} \\|$`))
    }
  })

  test('has the figures that can be limited', () => {
    expect(page).toContain(
      TREND_NAMES.map((name) => `\`${name}\``)
        .slice(0, 7)
        .join(', '),
    )
    for (const name of TREND_NAMES) expect(page).toContain(`\`${name}\``)
  })

  test('has every metric', () => {
    const metrics = stationMetrics({ station: 'a', rigs: [] }, { reportAnswers: new Map() })
    const names = [...metrics.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name)
    expect(names.length).toBeGreaterThan(5)
    for (const name of names) expect(page).toContain(`| \`${name}\` |`)
  })
})

describe('what would let every unit fail is a mistake', () => {
  const RIG = '[rigs.left]\nrig = "emulated"'
  const DUMMY = '[message]\ndummy = true'
  test.for<[what: string, settings: string, faults: string[]]>([
    [
      'a limit of what no message has',
      `${DUMMY}\n[limits]\ntie-rms-us = 20\nsnr-db = [12, 99]\n${RIG}`,
      [`6: limits.tie-rms-us is not measured here: take ${TREND_NAMES.join(', ')}`],
    ],
    [
      'a server that tells no device',
      `${DUMMY}\n[enrollment]\napi = "v5"\n${RIG}`,
      ['6: enrollment.api must be v1: how v5 tells which device has come is not public'],
    ],
    [
      'light that nobody sees',
      `${DUMMY}\n[rigs.left]\nrig = "gpio"\nwhite-line = 17\ngrey-line = 27`,
      ['5: rigs.left has no photodiode, by which each light is proven: give it one'],
    ],
    [
      'nothing to tell',
      `[message]\nopen = true\n${RIG}`,
      ['3: message tells a unit nothing: give it ssid, config or dummy = true'],
    ],
    [
      'a network beside an invented one',
      `${DUMMY}\nssid = "factory"\n${RIG}`,
      ['5: message.ssid is invented by dummy = true: leave one of them out'],
    ],
    [
      'a rate of one rig',
      `${DUMMY}\n${RIG}\nrate = 142\nsync = 48`,
      [
        '7: rigs.left.rate is the same for all rigs: write it at the top of the file',
        '8: rigs.left.sync is the same for all rigs: write it at the top of the file',
      ],
    ],
    [
      'a label that says what nobody tells, twice over',
      `${DUMMY}\n[label]\nsize = [50, 25]\ntext = ["{unit}", "{mac}"]\n${RIG}`,
      [
        '5: label needs a printer or a folder, and not both',
        '5: label.code has {device}, which needs an [enrollment]: nobody else tells it',
        '7: label.text.1 has {mac}, which needs a [result], with which devices tell it',
      ],
    ],
    [
      'a label on which the longest unit number has no room',
      `${DUMMY}\n[label]\nfolder = "labels"\nsize = [10, 10]\ncode = "{unit}"\ntext = ["unit {unit} of {station}"]\n${RIG}`,
      [
        '7: label.size is too small: a symbol of 7 characters with 1 line of 17 characters cannot be read on 10 mm x 10 mm: make the label larger, or let it say less',
      ],
    ],
    [
      'words of no label',
      `${DUMMY}\n[label]\nprinter = "the zebra"\nsize = [10]\ncode = "{token}"\ntext = ["{unit"]\nsymbol = "pdf417"\n${RIG}`,
      [
        '6: label.printer must be the name of a queue of CUPS',
        '7: label.size must be [WIDTH, HEIGHT] in millimetres',
        '8: label.code has {token}, which is no word of a label: take {device}, {mac}, {plan}, {unit}, {station}, {rig}, {date}',
        '9: label.text.0 has a brace of no word: take {device}, {mac}, {plan}, {unit}, {station}, {rig}, {date}',
        '10: label.symbol must be qr or datamatrix',
      ],
    ],
    [
      'a rig whose name is none',
      `${DUMMY}\n[rigs."a;b"]\nrig = "emulated"`,
      [
        '5: rigs.a;b is no name of a rig, which must be 1 to 32 letters, digits, blanks, hyphens or underscores',
      ],
    ],
  ])('%s', async ([, settings, faults], { folder }) => {
    const file = await folder.file('station.toml', `name = "a"\ndatabase = "b"\n${settings}`)
    const read = (await readStation(file)) as { line: number; sentence: string }[]
    expect(read.map(({ line, sentence }) => `${line}: ${sentence}`)).toEqual(faults)
  })
})
