import { spawnSync } from 'node:child_process'
import { link, open, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { strToU8, zipSync } from 'fflate'
import { describe, expect } from 'vitest'
import { simulateChannel } from '../../src/channel/index.js'
import { modulate } from '../../src/modulation/index.js'
import { encodePacket } from '../../src/packet/index.js'
import { CSV_HEADER, csvLines } from '../../src/recording/csv.js'
import { BLINKUP, blinkup, Run, start } from '../helpers/blinkup.js'
import { type Folder, test } from '../helpers/folder.js'
import { damaged } from '../helpers/receive.js'
import { needs } from '../helpers/requirements.js'

const CONFIG = {
  ssid: 'net',
  password: 'correct horse',
  planId: 'fedcba9876543210',
  token: '0123456789abcdef',
}

async function symbolsOf(config: object): Promise<string> {
  const args = ['encode', '--config', '-']
  return (await blinkup(args, { input: JSON.stringify(config) })).stdout
}

test('what encode prints is decoded, with its secrets masked', async () => {
  const { exitCode, stdout, stderr } = await blinkup(['decode', '-', '--json'], {
    input: await symbolsOf(CONFIG),
  })
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
  expect(JSON.parse(stdout)).toEqual({
    schema: 'blinkup.decode/2',
    channels: [],
    receptions: [
      {
        kind: 'symbols',
        ok: true,
        packetHex: `2601036e6574060d${'**'.repeat(13)}05101032547698badcfe${'**'.repeat(10)}`,
        config: { ...CONFIG, password: '********', token: '********' },
        symbolRateHz: null,
        levels: null,
        greyRatio: null,
        timingSpread: null,
        quality: null,
        advice: null,
        startS: null,
        endS: null,
        reason: null,
      },
    ],
    error: null,
    warnings: [],
  })
})

test('--show-secrets shows them', async () => {
  const { stdout } = await blinkup(['decode', '-', '--show-secrets'], {
    input: await symbolsOf(CONFIG),
  })
  expect(stdout).toContain('correct horse')
  expect(stdout).toContain('0123456789abcdef')
})

describe.concurrent('symbols', () => {
  test('with a wrong bit fail the check', async () => {
    const symbols = await symbolsOf(CONFIG)
    const broken = `${symbols.slice(0, 101)}${symbols[101] === '1' ? '2' : '1'}${symbols.slice(102)}`
    const { exitCode, stdout } = await blinkup(['decode', '-', '--json'], { input: broken })
    expect(exitCode).toBe(1)
    expect(JSON.parse(stdout).receptions).toMatchObject([
      { ok: false, reason: 'crc', packetHex: expect.stringMatching(/^(\*\*)+$/), config: null },
    ])
  })

  test.for([
    ['that end early', (symbols: string) => symbols.slice(0, 200), /ends early/],
    ['without a marker', () => '0101010101', /marker 0x2A/],
    ['without a clock', (symbols: string) => symbols.replace('0202', '0222'), /must be black/],
  ] as const)('%s are bad data', async ([, damage, message]) => {
    const input = damage(await symbolsOf(CONFIG))
    const { exitCode, stdout, stderr } = await blinkup(['decode', '-'], { input })
    expect({ exitCode, stdout }).toEqual({ exitCode: 65, stdout: '' })
    expect(stderr).toMatch(message)
  })
})

describe.concurrent('a file', () => {
  test('without samples is bad data', async ({ folder }) => {
    expect(await blinkup(['decode', await folder.file('empty', '')])).toEqual({
      exitCode: 65,
      stdout: '',
      stderr: 'blinkup: there are no samples: give a capture\n',
    })
  })

  test('of binary garbage is bad data', async ({ folder }) => {
    const file = await folder.file(
      'garbage',
      Uint8Array.from({ length: 1000 }, (_, i) => i * 37),
    )
    expect(await blinkup(['decode', file])).toEqual({
      exitCode: 65,
      stdout: '',
      stderr: `blinkup: ${file} is no text, and no recording of a kind that is known: export it as CSV\n`,
    })
  })

  test('of darkness fails the check, with one sentence', async ({ folder }) => {
    const file = await folder.file('dark.csv', 'time_s,level\n0,0.1\n1,0.1\n')
    const { exitCode, stdout } = await blinkup(['decode', file])
    expect(exitCode).toBe(1)
    expect(stdout.match(/check that the LED lights up/g)).toHaveLength(1)
    expect(stdout).toContain(
      '\n  levels       black 0.100, grey not seen, white not seen, swing 0.000 of full scale\n  symbol rate  no sync was seen\n',
    )
  })

  test('with other text is bad data, told by its place and not by its content', async ({
    folder,
  }) => {
    const good = Array.from({ length: 20 }, (_, n) => `${n / 1000},0.5\n`).join('')
    const file = await folder.file('a.csv', `time_s,level\n${good}0.002,0.5,hunter2\n${good}`)
    expect(await blinkup(['decode', file])).toEqual({
      exitCode: 65,
      stdout: '',
      stderr: 'blinkup: line 22: give 2 cells, as in the lines before it, not 3\n',
    })
  })
})

const lightOf = (packet: Uint8Array, startS: number): string =>
  csvLines(simulateChannel(modulate(packet).levels, { startS, afterS: 1 }))
const [first, second] = ['one', 'two'].map((ssid, n) =>
  lightOf(encodePacket({ ssid }), 60 * n),
) as [string, string]
const packetOfOther = encodePacket({ ssid: 'other' })
const [other, another] = [60, 120].map((startS) => lightOf(damaged(packetOfOther), startS)) as [
  string,
  string,
]
const last = lightOf(packetOfOther, 180)
const half = first.slice(0, 1 + first.indexOf('\n', first.length / 2))

describe('a capture that goes on', () => {
  const BROKEN = '999\n'
  const SENTENCE = /^blinkup: line \d+: give 2 cells, [^\n]*\n$/

  test('is told message by message', async () => {
    const run = start(['decode', '-'], { input: CSV_HEADER + first, inputGoesOn: true })
    await run.says('stdout', /^message at 0\.\d+ s: .*\n {2}advice .*\n$/s)
    run.process.stdin?.write(second.slice(0, second.length / 2))
    run.process.stdin?.write(second.slice(second.length / 2))
    await run.says('stdout', /\n\nmessage at 60\.\d+ s: .*\n {2}advice .*\n$/s)
    run.process.stdin?.end()
    const { exitCode, stdout, stderr } = await run.ended
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(stdout.match(/^message/gm)).toHaveLength(2)
  })

  test('keeps its first message as soon as it has come', async ({ folder }) => {
    const file = folder.at('seen.vcd')
    const run = start(['decode', '-', '--vcd', file], { input: first, inputGoesOn: true })
    await expect.poll(() => readFile(file, 'utf8').catch(() => '')).toMatch(/\n#\d+\n$/)
    const kept = await readFile(file, 'utf8')
    run.process.stdin?.end(second)
    expect(await run.ended).toMatchObject({ exitCode: 0 })
    expect(await readFile(file, 'utf8')).toBe(kept)
  })

  test('and breaks has told what came before', async () => {
    const { exitCode, stdout, stderr } = await blinkup(['decode', '-'], { input: first + BROKEN })
    expect(exitCode).toBe(65)
    expect(stdout).toMatch(/^message at 0\.\d+ s: .*\n {2}advice .*\n$/s)
    expect(stderr).toMatch(SENTENCE)
  })

  test.for([
    ['has told what came before', first, 'blinkup.decode/2', { receptions: [{ ok: true }] }],
    [
      'before a message is no more than an error',
      CSV_HEADER + half.slice(0, 170),
      'blinkup.error/1',
      {},
    ],
  ] as const)('and breaks in JSON %s', async ([, before, schema, found]) => {
    const { exitCode, stdout, stderr } = await blinkup(['decode', '-', '--json'], {
      input: before + BROKEN,
    })
    expect(exitCode).toBe(65)
    expect(JSON.parse(stdout)).toMatchObject({
      schema,
      ...found,
      error: { code: 'recording.format', exitCode: 65 },
    })
    expect(stderr).toMatch(SENTENCE)
  })

  test('and breaks keeps its message, and reports the fault', async ({ folder }) => {
    const [vcd, report] = [folder.at('seen.vcd'), folder.at('report.html')]
    const args = ['decode', '-', '--vcd', vcd, '--report', report]
    const { exitCode, stderr } = await blinkup(args, { input: first + BROKEN })
    expect(exitCode).toBe(65)
    expect(stderr).toMatch(SENTENCE)
    expect(await readFile(vcd, 'utf8')).toMatch(/\n#\d+\n$/)
    expect(await readFile(report, 'utf8')).toContain(stderr.slice('blinkup: '.length, -1))
  })

  test('with a message that failed fails the check', async () => {
    const { exitCode, stdout } = await blinkup(['decode', '-'], { input: half + second })
    expect(exitCode).toBe(1)
    expect(stdout).toMatch(/^failed at .*\n\nmessage at 60/s)
  })

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('ends with %s', async (signal, exitCode) => {
    const run = start(['decode', '-'], { input: first, inputGoesOn: true })
    await run.says('stdout', /^message/)
    run.process.kill(signal)
    expect(await run.ended).toMatchObject({ exitCode, stderr: '' })
  })

  test.each([
    ['SIGINT', 130, 'message at', { receptions: [{ ok: true }] }],
    ['SIGTERM', 143, '', {}],
  ] as const)('prints what was found as JSON on %s', async (signal, exitCode, found, document) => {
    const run = start(['decode', '-', '--json', '--trace'], {
      input: found ? first : CSV_HEADER,
      inputGoesOn: true,
    })
    // It says nothing before its end: by then it has read what there is.
    await sleep(2000)
    run.process.kill(signal)
    const { stdout, ...ended } = await run.ended
    expect(ended).toEqual({ exitCode, stderr: `blinkup: interrupted by ${signal}\n` })
    expect(JSON.parse(stdout)).toMatchObject({
      schema: found ? 'blinkup.decode/2' : 'blinkup.error/1',
      ...document,
      error: { code: 'interrupted', exitCode },
    })
  })

  test('ends when nobody reads what it says', async () => {
    const run = start(['decode', '-'], { input: first, inputGoesOn: true })
    await run.says('stdout', /^message/)
    run.process.stdout?.destroy()
    run.process.stdin?.write(second)
    const { exitCode, stderr } = await run.ended // though its input goes on
    expect({ exitCode, stderr }).toEqual({
      exitCode: 74,
      stderr: 'blinkup: cannot write the output: broken pipe\n',
    })
  })
})

describe.concurrent('the file of --vcd', () => {
  const isNotWritten = (file: string): string =>
    `blinkup: there is no good message from a capture to keep: ${file} was not written\n`

  test('stays as it is when all messages failed, which fails the check', async ({ folder }) => {
    const file = await folder.file('seen.vcd', 'older')
    const ended = await blinkup(['decode', '-', '--vcd', file, '--force'], { input: half })
    expect(ended).toEqual({
      exitCode: 1,
      stdout: expect.stringMatching(/^failed at /),
      stderr: isNotWritten(file),
    })
    expect(await readFile(file, 'utf8')).toBe('older')
  })

  test('is of the first failed message with a whole packet when none is good', async ({
    folder,
  }) => {
    const [wrong, good] = [folder.at('wrong.vcd'), folder.at('good.vcd')]
    const input = CSV_HEADER + half + other
    const ended = await blinkup(['decode', '-', '--vcd', wrong], { input: input + another })
    expect(ended).toEqual({
      exitCode: 1,
      stdout: expect.stringMatching(/^failed at 0\..*\nfailed at 60\..* crc: .*\nfailed at 120\./s),
      stderr: expect.stringMatching(
        /^blinkup: there is no good message: keeping the one that failed at 60\.\d{3} s \(crc\)\n$/,
      ),
    })
    expect(await readFile(wrong, 'utf8')).toMatch(
      /\n#(59|60)\d{6}\n0w\n0g\n0p\nr\S+ l\n(#\d+\nr\S+ l\n)*#60[23]\d{5}\n1g\n/,
    )

    const { stderr } = await blinkup(['decode', '-', '--vcd', good], { input: input + last })
    expect(stderr).toBe('')
    expect(await readFile(good, 'utf8')).toMatch(
      /\n#1(79|80)\d{6}\n0w\n0g\n0p\nr\S+ l\n(#\d+\nr\S+ l\n)*#180[23]\d{5}\n1g\n/,
    )
  })

  test('of a failed message that cannot be written is told', async ({ folder }) => {
    const file = folder.at('none/seen.vcd')
    const { exitCode, stderr } = await blinkup(['decode', '-', '--vcd', file], { input: other })
    expect({ exitCode, stderr }).toEqual({
      exitCode: 74,
      stderr: expect.stringMatching(
        /^blinkup: there is no good message: .*\nblinkup: cannot write .*: no such file or directory\n$/,
      ),
    })
  })

  test('is not made from symbols, which have no times', async ({ folder }) => {
    const file = folder.at('seen.vcd')
    const input = await symbolsOf(CONFIG)
    expect(await blinkup(['decode', '-', '--vcd', file], { input })).toEqual({
      exitCode: 65,
      stdout: expect.stringMatching(/^message: /),
      stderr: isNotWritten(file),
    })
    await expect(readFile(file)).rejects.toThrow('ENOENT')
  })

  test('that cannot be written costs no message', async ({ folder }) => {
    const file = folder.at('none/seen.vcd')
    const { exitCode, stdout, stderr } = await blinkup(['decode', '-', '--json', '--vcd', file], {
      input: first + second,
    })
    expect({ exitCode, stderr }).toEqual({
      exitCode: 74,
      stderr: `blinkup: cannot write ${file}: no such file or directory\n`,
    })
    expect(JSON.parse(stdout)).toMatchObject({
      receptions: [{ ok: true }, { ok: true }],
      error: { code: 'output' },
    })
  })

  test('is written though nobody reads what is said of it', async ({ folder }) => {
    const file = folder.at('seen.vcd')
    const run = start(['decode', '-', '--vcd', file], { input: first, inputGoesOn: true })
    run.process.stdout?.destroy()
    expect(await run.ended).toMatchObject({ exitCode: 74 })
    expect(await readFile(file, 'utf8')).toMatch(/\n#\d+\n$/)
  })

  test.skipIf(needs('/dev/full'))('is told when the disk is full', async () => {
    const ended = await blinkup(['decode', '-', '--vcd', '/dev/full'], { input: first })
    expect(ended).toEqual({
      exitCode: 74,
      stdout: expect.stringMatching(/^message at /),
      stderr: 'blinkup: cannot write /dev/full: no space left on device\n',
    })
  })

  test('is whole or an error, also where only its beginning finds room', async ({ folder }) => {
    const capture = await folder.file('a.csv', first)
    const file = folder.at('seen.vcd')
    const limited = ['ulimit -f 1; exec "$0" "$@"', process.execPath, BLINKUP]
    const run = new Run('sh', ['-c', ...limited, 'decode', capture, '--vcd', file], {})
    expect(await run.ended).toMatchObject({
      exitCode: 74,
      stderr: `blinkup: cannot write ${file}: file too large\n`,
    })
  })
})

describe.concurrent('the file of --sr', () => {
  test('has the light from a second before the message on, and is decoded again', async ({
    folder,
  }) => {
    const [sr, vcd] = [folder.at('seen.sr'), folder.at('seen.vcd')]
    const input = CSV_HEADER + other + last
    const first = await blinkup(['decode', '-', '--json', '--sr', sr, '--vcd', vcd], { input })
    expect(first).toMatchObject({ exitCode: 1 })
    expect((await stat(sr)).mode & 0o777).toBe(0o600)
    expect(await readFile(vcd, 'utf8')).toMatch(/\n#1(79|80)\d{6}\n0w\n/)
    const again = await blinkup(['decode', sr, '--json'])
    expect(again).toMatchObject({ exitCode: 0, stderr: '' })
    const [message] = JSON.parse(again.stdout).receptions
    expect(message).toMatchObject({ config: JSON.parse(first.stdout).receptions[1].config })
    expect(message.startS).toBeLessThan(1.1)
  })

  test('is told together with that of --vcd when there is nothing to keep', async ({ folder }) => {
    const [sr, vcd] = [folder.at('seen.sr'), folder.at('seen.vcd')]
    const input = await symbolsOf(CONFIG)
    expect(await blinkup(['decode', '-', '--sr', sr, '--vcd', vcd], { input })).toMatchObject({
      exitCode: 65,
      stderr: `blinkup: there is no good message from a capture to keep: ${vcd} and ${sr} were not written\n`,
    })
  })

  test('is written where that of --vcd cannot be', async ({ folder }) => {
    const [sr, vcd] = [folder.at('seen.sr'), folder.at('none/seen.vcd')]
    expect(
      await blinkup(['decode', '-', '--sr', sr, '--vcd', vcd], { input: first }),
    ).toMatchObject({
      exitCode: 74,
      stderr: `blinkup: cannot write ${vcd}: no such file or directory\n`,
    })
    expect((await readFile(sr)).toString('latin1')).toMatch(/^PK/)
  })

  test('is not overwritten without --force', async ({ folder }) => {
    const sr = await folder.file('seen.sr', 'older')
    expect(await blinkup(['decode', '-', '--sr', sr], { input: first })).toMatchObject({
      exitCode: 64,
      stdout: '',
    })
    expect(await readFile(sr, 'utf8')).toBe('older')
    const forced = await blinkup(['decode', '-', '--sr', sr, '--force'], { input: first })
    expect(forced).toMatchObject({ exitCode: 0 })
    expect((await readFile(sr)).toString('latin1')).toMatch(/^PK/)
  })
})

describe.concurrent('an output that is an input is refused, and keeps what is in it', () => {
  const CAPTURE = 'time_s,level\n0,0.5\n'
  const refusal = (output: string) => ({
    exitCode: 64,
    stdout: '',
    stderr: `blinkup: ${output} is also the input, and would be emptied: write to another file\n`,
  })

  test('under the same name', async ({ folder }) => {
    const file = await folder.file('a.csv', CAPTURE)
    expect(await blinkup(['decode', file, '--vcd', file])).toEqual(refusal(file))
    expect(await readFile(file, 'utf8')).toBe(CAPTURE)
  })

  test.for([
    ['a symbolic link', symlink],
    ['a hard link', link],
  ] as const)('under the name of %s', async ([, makeLink], { folder }) => {
    const file = await folder.file('a.csv', CAPTURE)
    const other = folder.at('other')
    await makeLink(file, other)
    expect(await blinkup(['decode', file, '--vcd', other])).toEqual(refusal(other))
    expect(await blinkup(['decode', other, '--vcd', file])).toEqual(refusal(file))
    expect(await readFile(file, 'utf8')).toBe(CAPTURE)
  })

  test('when it is standard input', async ({ folder }) => {
    const file = await folder.file('a.csv', CAPTURE)
    const input = await open(file)
    const ended = await blinkup(['decode', '-', '--vcd', file], { stdin: input.fd })
    await input.close()
    expect(ended).toEqual(refusal(file))
    expect(await readFile(file, 'utf8')).toBe(CAPTURE)
  })

  test.for([
    ['verify --config FILE --capture FILE'],
    ['verify --dummy --fixture FILE --capture FILE'],
    ['capture --fixture FILE FILE'],
  ] as const)('by %s', async ([command], { folder }) => {
    const file = await folder.file('settings', '{}')
    expect(await blinkup(command.replaceAll('FILE', file).split(' '))).toEqual(refusal(file))
    expect(await readFile(file, 'utf8')).toBe('{}')
  })
})

describe.skipIf(process.platform === 'win32').concurrent('a FIFO', () => {
  const fifo = (folder: Folder): string => {
    spawnSync('mkfifo', [folder.at('fifo')])
    return folder.at('fifo')
  }

  test('that breaks ends the program, though its writer stays', async ({ folder }) => {
    const path = fifo(folder)
    const run = start(['decode', path])
    const writer = await open(path, 'w')
    await writer.write(`${CSV_HEADER}${'0,0.5\n'.repeat(8)}1\n`)
    expect(await run.ended).toEqual({
      exitCode: 65,
      stdout: '',
      stderr: 'blinkup: line 10: give 2 cells, as in the lines before it, not 1\n',
    })
    await writer.close()
  })

  test('is read to its end, whenever its writer comes', async ({ folder }) => {
    const path = fifo(folder)
    const run = start(['decode', path])
    await sleep(1000)
    await writeFile(path, CSV_HEADER + first)
    expect(await run.ended).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^message/),
    })
  })

  test.for([
    ['decode FIFO', 'SIGINT', 130],
    ['encode --config FIFO', 'SIGTERM', 143],
  ] as const)(
    'without a writer leaves %s to %s',
    async ([command, signal, exitCode], { folder }) => {
      const run = start(command.replace('FIFO', fifo(folder)).split(' '))
      await sleep(1500)
      run.process.kill(signal)
      expect(await run.ended).toMatchObject({ exitCode })
    },
  )

  test('of settings without end is refused', async ({ folder }) => {
    const path = fifo(folder)
    const run = start(['encode', '--config', path])
    const writer = await open(path, 'w')
    await writer.writeFile('\n'.repeat(2 ** 16 + 1))
    expect(await run.ended).toMatchObject({
      exitCode: 65,
      stderr: `blinkup: ${path} is larger than 64 KiB: give only settings\n`,
    })
    await writer.close()
  })
})

describe.concurrent('a device without end is refused', () => {
  test('of zeros', async () => {
    expect(await blinkup(['decode', '/dev/zero'])).toEqual({
      exitCode: 65,
      stdout: '',
      stderr: 'blinkup: there are no samples: give a capture\n',
    })
  })

  test('of random bytes', async () => {
    expect(await blinkup(['decode', '/dev/urandom'])).toEqual({
      exitCode: 65,
      stdout: '',
      stderr: expect.stringMatching(/^blinkup: [^\n]+\n$/), // which one, chance decides
    })
  })
})

describe.concurrent('captures of other programs', () => {
  const PACKET = encodePacket({ ssid: 'net', password: 'correct horse' })
  const { timesS, levels } = simulateChannel(modulate(PACKET).levels)

  test('as the tuning firmware draws them: pairs of µs and 0 to 65535', async () => {
    const pairs = Array.from(timesS, (timeS, n) => [
      Math.round(timeS * 1e6),
      Math.round(65535 * (levels[n] ?? 0)),
    ])
    const { exitCode, stdout } = await blinkup(['decode', '-', '--json'], {
      input: JSON.stringify(pairs),
    })
    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout).receptions).toMatchObject([
      {
        ok: true,
        config: { ssid: 'net' },
        quality: { swing: expect.closeTo(0.6, 1), flicker: null },
        advice: expect.stringContaining('nothing'),
      },
    ])
  })

  test('of sigrok', async ({ folder }) => {
    const file = await folder.file(
      'a.sr',
      zipSync({
        version: strToU8('2'),
        metadata: strToU8('[device 1]\nsamplerate=1 kHz\ntotal analog=1\nanalog1=A0\n'),
        'analog-1-1-1': new Uint8Array(Float32Array.from(levels, (level) => 5 * level).buffer),
      }),
    )
    const { exitCode, stdout } = await blinkup(['decode', file])
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/^message at 0\.\d+ s: \d+ bytes, CRC right\n/)
    expect(stdout).toContain('\n  channel      A0 (V)\n')
    expect(stdout).toMatch(/ {2}levels {7}.*, swing 3\.00\d V; grey ratio 0\.52\d\n/)
    expect(stdout).toMatch(/ {2}symbol rate {2}.* Hz; edges 0\.\d{3} ms rms off .* ms at most\n/)
    expect(stdout).toMatch(/ {2}advice {7}The light is good/)
    expect(stdout).not.toContain('horse')
    const document = JSON.parse((await blinkup(['decode', '--json', file])).stdout)
    expect(document.channels).toEqual([{ name: 'A0', unit: 'V', kind: 'analog', isRead: true }])
    const [{ scale, levels: seen }] = document.receptions
    expect(scale).toMatchObject({ unit: 'V', isKnown: false })
    expect(scale.zero + (scale.full - scale.zero) * seen.black).toBeCloseTo(0.5, 1)

    const scaled = await blinkup(['decode', file, '--full-scale', '0..10'])
    expect(scaled.stdout).toMatch(/swing 3\.00\d V, 0\.300 of full scale; grey ratio/)
  })

  describe.concurrent('with several channels', () => {
    // Two lines of a rig beside a photodiode, of a message with 20 samples a symbol.
    const symbols = [...modulate(PACKET).levels].flatMap((symbol) => new Array(20).fill(symbol))
    const dark = new Array<number>(300).fill(0)
    const rows = [...dark, ...symbols, ...dark]
    const session = zipSync({
      version: strToU8('2'),
      metadata: strToU8(
        '[device 1]\nsamplerate=1.2 kHz\ntotal probes=2\nprobe1=white\nprobe2=grey\ntotal analog=1\nanalog3=A0\nunitsize=1\n',
      ),
      'logic-1-1': Uint8Array.from(rows, (symbol) => [0, 2, 1][symbol] ?? 0),
      'analog-1-3-1': new Uint8Array(
        Float32Array.from(rows, (symbol) => [0.1, 0.52, 0.9][symbol] ?? 0).buffer,
      ),
    })
    const decode = async (folder: Folder, ...args: string[]) =>
      blinkup(['decode', await folder.file('a.sr', session), ...args])

    test('tells which one was read', async ({ folder }) => {
      const { exitCode, stdout } = await decode(folder)
      expect(exitCode).toBe(0)
      expect(stdout).toContain('\n  channel      A0 (V); of white, grey, A0 (V)\n')
    })

    test('reads the one that is named', async ({ folder }) => {
      for (const name of ['grey', '2']) {
        const { exitCode, stdout, stderr } = await decode(folder, '--channel', name)
        expect(exitCode).toBe(1)
        expect(stdout).toMatch(/^failed at .* no-marker: .*\n {2}channel {6}grey; of white, grey/)
        expect(stderr).toMatch(/^blinkup: warning: a line has two levels only: give both, .*\n$/)
      }
    })

    test('reads two lines together', async ({ folder }) => {
      const args = ['--white-line', 'white', '--grey-line', 'grey', '--json']
      const { exitCode, stdout } = await decode(folder, ...args)
      expect(exitCode).toBe(0)
      const { channels, receptions } = JSON.parse(stdout)
      expect(channels.map(({ isRead }: { isRead: boolean }) => isRead)).toEqual([true, true, false])
      expect(receptions).toMatchObject([{ ok: true, config: { ssid: 'net' } }])
    })

    test.for<[exitCode: number, args: string, says: string]>([
      [65, '--channel B', 'there is no channel B: give one of white, grey, A0 (--channel, or '],
      [64, '--white-line white', 'give both --white-line and --grey-line'],
      [64, '--white-line 1 --grey-line 2 --channel 3', 'give two lines, or --channel'],
      [64, '--full-scale 3,3', "argument '3,3' is invalid. Give a number, or two"],
      [64, '--full-scale 1..1', "argument '1..1' is invalid. Give a number, or two"],
      [64, '--full-scale 0..1..2', 'is invalid. Give a number, or two'],
      [64, '--sample-rate 0', "argument '0' is invalid. Give a number of samples a second"],
      [64, '--time-unit h', 'Allowed choices are s, ms, us, ns.'],
    ])('ends with %i on %s', async ([exitCode, args, says], { folder }) => {
      const ended = await decode(folder, ...args.split(' '))
      expect(ended).toMatchObject({ exitCode, stdout: '', stderr: expect.stringContaining(says) })
    })
  })

  test('in another unit than they tell are refused, until the unit is given', async ({
    folder,
  }) => {
    const lines = Array.from(timesS, (timeS, n) => `${1000 * timeS},${levels[n]}\n`).join('')
    const file = await folder.file('a.csv', `Time,level\n${lines}`)
    expect(await blinkup(['decode', file])).toEqual({
      exitCode: 65,
      stdout: '',
      stderr: expect.stringMatching(
        /^blinkup: no message could be in these times, as the samples are 1 s apart, .*: give the unit of the times, or the sample rate \(--time-unit or --sample-rate\)\n$/,
      ),
    })
    for (const given of ['--time-unit=ms', '--sample-rate=1000']) {
      expect(await blinkup(['decode', file, given])).toMatchObject({ exitCode: 0 })
    }
  })
})
