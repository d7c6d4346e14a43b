import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect } from 'vitest'
import { BLINKUP, blinkup, Run, start, untilCaptured } from '../helpers/blinkup.js'
import { test } from '../helpers/folder.js'

const CAPTURE = ['capture', '--rig', 'emulated']
const SEND = [...CAPTURE, '--send', '--dummy', '--rate', '200']

describe('capture --send', () => {
  test('piped into decode, as README shows it, is the message that was sent', async () => {
    const blinkupCommand = `'${process.execPath}' '${BLINKUP}'`
    const pipe = `${blinkupCommand} ${SEND.join(' ')} | ${blinkupCommand} decode -`
    const { exitCode, stdout } = await new Run('sh', ['-c', pipe], {}).ended
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(
      /^message at 0\.\d+ s: 40 bytes, CRC right\n +settings +\{"ssid":"Blink"/,
    )
  })

  test('ends a little after the message', async ({ folder }) => {
    const file = folder.at('capture.csv')
    const { exitCode, stderr } = await blinkup([...SEND, file])
    expect(exitCode).toBe(0)
    expect(stderr).toMatch(/^blinkup: the message takes 3\.5 s: .*\nblinkup: \d+ samples\n$/)
    const lines = (await readFile(file, 'utf8')).trimEnd().split('\n').slice(1)
    const levels = lines.map((line) => Number(line.split(',')[1]))
    expect(Math.max(...levels)).toBeGreaterThan(0.6)
    expect(Math.max(...levels.slice(-200))).toBeLessThan(0.1)
    expect((await blinkup(['decode', file])).exitCode).toBe(0)
  })

  test('of edges does not end before --seconds, however many these are', async () => {
    const run = start(['capture', '--rig', 'emulated', '--edges', '--seconds', '1e8'])
    await run.says('stdout', /^time_s,high\n/)
    await sleep(500)
    run.process.kill('SIGTERM')
    const { exitCode, stderr } = await run.ended
    expect({ exitCode, stderr }).toEqual({
      exitCode: 143,
      stderr: expect.not.stringContaining('Warning'),
    })
  })

  test('ends after --seconds, if that is earlier', async () => {
    const { exitCode, stdout } = await blinkup([...SEND, '--rate', '10', '--seconds', '2'])
    expect(exitCode).toBe(0)
    const times = stdout
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => Number(line.split(',')[0]))
    const lengthS = (times.at(-1) ?? 0) - (times[0] ?? 0)
    expect(lengthS).toBeGreaterThan(1.99)
    expect(lengthS).toBeLessThan(60) // the message takes longer
  })

  test('Ctrl-C in mid-message ends it with 130', async ({ folder }) => {
    const file = await folder.file('capture.csv', '')
    const run = start([...CAPTURE, file, '--send', '--dummy', '--rate', '10', '--sync', '3600'])
    await untilCaptured(run, file, 2000)
    run.process.kill('SIGINT')
    const { exitCode, stderr } = await run.ended
    expect(exitCode).toBe(130)
    expect(stderr).toMatch(/interrupted by SIGINT; the LED is dark\n$/)
    expect(await readFile(file, 'utf8')).toMatch(/^time_s,level\n(\d+\.\d{6},\d\.\d{5}\n)+$/)
  })

  test.for([
    ['--dummy', [...CAPTURE, '--dummy'], '--dummy needs --send'],
    ['--rate', [...CAPTURE, '--rate', '60'], '--rate needs --send'],
    ['nothing to send', [...CAPTURE, '--send'], 'say what to send'],
    ['edges', [...CAPTURE, '--send', '--dummy', '--edges'], "'--edges'"],
    ['a password', [...CAPTURE, '--send', '--ssid', 'a', '--password', 'x'], 'can be seen by'],
  ] as const)('%s is refused', async ([, args, sentence]) => {
    const { exitCode, stdout, stderr } = await blinkup(args)
    expect({ exitCode, stdout }).toEqual({ exitCode: 64, stdout: '' })
    expect(stderr).toContain(sentence)
  })
})
