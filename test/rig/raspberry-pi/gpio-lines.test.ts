import { closeSync, openSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { HOST_CLOCK } from '../../../src/light/clock.js'
import { GpioInput } from '../../../src/rig/raspberry-pi/gpio-input.js'
import { GpioChip } from '../../../src/rig/raspberry-pi/gpio-uapi.js'
import { type Ended, Run } from '../../helpers/blinkup.js'
import { needs } from '../../helpers/requirements.js'
import { Pi } from './pi.js'

const PROGRAM = fileURLToPath(new URL('line-program.ts', import.meta.url))
const LINE = 5
const DARK = 'gpiochip0/5,0 0,0'
const GET_LINE = 0xc250b407 // GPIO_V2_GET_LINE_IOCTL
const LIT = 'gpiochip0/5,0 1,0'

let pi: Pi

function start(...args: readonly string[]): Run {
  const [program, programArgs] = pi.command([process.execPath, '--import', 'tsx', PROGRAM, ...args])
  return new Run(program, programArgs, { stdio: ['pipe', 'pipe', 'pipe'] })
}

const done = () => pi.writes.map(({ attribute, text }) => `${attribute} ${text}`)
const said = ({ stdout }: Pick<Ended, 'stdout'>) =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

describe.skipIf(needs('unshare') || needs('/usr/bin/gcc'))('a line of the header', () => {
  beforeEach(() => {
    pi = new Pi('pi4')
  })
  afterEach(() => pi[Symbol.dispose]())

  test('as an input tells its edges from now on, and which were lost', async () => {
    const edge = pi.addInput(LINE)
    edge(true) // before it is looked at
    const run = start('input', String(LINE), 'up')
    await run.says('stdout', /taken/)
    const begunS = Number(process.hrtime.bigint()) / 1e9
    edge(false)
    edge(true)
    await run.says('stdout', /true/)
    edge(false, 3)
    await run.says('stdout', /"afterLoss":true/)
    run.process.stdin?.end()
    const ended = await run.ended
    expect(ended).toMatchObject({ exitCode: 0, stderr: '' })
    const [, ...edges] = said(ended)
    expect(edges).toEqual([
      { timeS: expect.any(Number), clock: HOST_CLOCK, high: false, afterLoss: false },
      { timeS: expect.any(Number), clock: HOST_CLOCK, high: true, afterLoss: false },
      { timeS: expect.any(Number), clock: HOST_CLOCK, high: false, afterLoss: true },
    ])
    const timesS = [begunS, ...edges.map(({ timeS }) => timeS)]
    expect(timesS).toEqual(timesS.toSorted((a, b) => a - b))
    expect(done()).toEqual([`gpiochip0/request ${LINE},0,134`])
    expect(pi.areLinesFree).toBe(true)
  })

  test('as an output is off first and last', async () => {
    const run = start('output', String(LINE), 'true')
    run.process.stdin?.end('on\noff\non\n')
    expect(await run.ended).toMatchObject({ exitCode: 0, stderr: '' })
    expect(done()).toEqual([`gpiochip0/request ${LINE},0,10a`, LIT, DARK, LIT, DARK])
    expect(pi.areLinesFree).toBe(true)
  })

  test.each(['exit', 'throw'])(
    'as an output is off when the program ends by %s',
    async (command) => {
      const run = start('output', String(LINE), 'false')
      run.process.stdin?.end(`on\n${command}\n`)
      await run.ended
      expect(done().slice(1)).toEqual([LIT, DARK])
      expect(pi.areLinesFree).toBe(true)
    },
  )

  test('that the kernel uses is named', async () => {
    pi.file(`gpiochip0.user${LINE}`, 'spi0 CS0')
    const run = start('input', String(LINE), 'up')
    run.process.stdin?.end()
    expect(said(await run.ended)).toEqual([
      {
        code: 'locked',
        message: 'BCM 5 is used by spi0 CS0: free it, or choose another line',
      },
    ])
  })

  test('that another program of ours has is refused, and free after its end', async () => {
    const other = start('output', String(LINE), 'false')
    other.process.stdin?.write('on\n')
    await other.says('stdout', /on/)
    const run = start('output', String(LINE), 'false')
    run.process.stdin?.end('on\n')
    expect(said(await run.ended)).toMatchObject([{ code: 'locked' }])
    other.process.kill('SIGKILL')
    await other.ended
    expect(pi.areLinesFree).toBe(true)
  })

  test('of a kernel without this interface is missing', async () => {
    pi.file('gpiochip0.old')
    const run = start('input', String(LINE), 'up')
    run.process.stdin?.end()
    expect(said(await run.ended)).toMatchObject([{ code: 'missing' }])
  })
})

describe('what is asked of the kernel', () => {
  /** The flags of the request that this makes. */
  function flagsOf(request: (chip: GpioChip) => unknown): number {
    let flags = 0
    const chip = new GpioChip('/dev/null', (_, number, argument) => {
      if (number === GET_LINE) flags = argument?.readUInt32LE(288) ?? 0
    })
    request(chip)
    chip.close()
    return flags
  }

  test.each([
    ['up', 0x134], // GPIO_V2_LINE_FLAG_INPUT, _EDGE_RISING, _EDGE_FALLING, _BIAS_PULL_UP
    ['down', 0x234], // _BIAS_PULL_DOWN
    ['none', 0x434], // _BIAS_DISABLED
  ] as const)('for an input with pull %s', (pull, flags) => {
    expect(flagsOf((chip) => chip.requestEdges(LINE, pull))).toBe(flags)
  })

  test.each([
    [false, 0x208], // GPIO_V2_LINE_FLAG_OUTPUT, _BIAS_PULL_DOWN
    [true, 0x10a], // _OUTPUT, _ACTIVE_LOW, _BIAS_PULL_UP
  ])('for an output, active low: %s', (activeLow, flags) => {
    expect(flagsOf((chip) => chip.request([LINE], activeLow))).toBe(flags)
  })
})

describe('an input that is gone', () => {
  const taken = { signal: new AbortController().signal }

  test('is told', async () => {
    const fd = openSync('/dev/null', 'w') // which cannot be read
    await using input = new GpioInput(LINE, fd, () => 1)
    await expect(input.edges(taken).next()).rejects.toMatchObject({
      code: 'unplugged',
      message: expect.stringMatching(/^BCM 5 can no longer be read \(.*\): check the machine$/),
    })
  })

  test('when it is closed ends, once', async () => {
    const fd = openSync('/dev/null', 'r')
    const input = new GpioInput(LINE, fd, () => 0)
    const next = input.edges(taken).next()
    await input[Symbol.asyncDispose]()
    await input[Symbol.asyncDispose]()
    expect(await next).toEqual({ done: true, value: undefined })
    expect(() => closeSync(fd)).toThrow('EBADF')
  })
})
