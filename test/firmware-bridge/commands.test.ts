import { crc16xmodem } from 'crc'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Bench, CYCLES_PER_MS, fieldsOf } from './bench.js'

const withCrc = (line: string): string =>
  `${line}*${crc16xmodem(Buffer.from(line)).toString(16).padStart(4, '0')}`

describe('replies', () => {
  test.each([
    [
      'hello',
      'ok hello name=blinkup-bridge firmware=1.3.1 protocol=1 clock=16000000 symbols=4800 line=120 now=N serial=-',
    ],
    ['rate 60', 'ok rate period=266664'],
    ['rate 2000', 'ok rate period=8000'],
    ['rate 10', 'ok rate period=1600000'],
    ['level 800 520', 'ok level white=800 grey=520'],
    ['sample 9000 8', 'ok sample period=1778 bits=8'],
    ['keepalive 100', 'ok keepalive ms=100'],
    ['load 0 0120', 'ok load symbols=4 crc=8bd8'],
    ['status', 'ok status playing=0 symbols=0 sense=0 edges=0 now=N'],
    ['sense off', 'ok sense count=N'],
    ['edges off', 'ok edges count=N'],
    ['serial line-1_A', 'ok serial'],
    ['baud 500000', 'ok baud rate=500000'],
    ['dark', 'ok dark symbols=0'],
    ['dark now', 'ok dark symbols=0'],
    ['stop', 'ok stop symbols=0'],
    ['  stop  ', 'ok stop symbols=0'],
    ['stop now', 'ok stop symbols=0'],
    ['stop #17', 'ok stop symbols=0 #17'],
    [withCrc('stop#a b'), 'ok stop symbols=0 #a b'],
    ['stop #', 'ok stop symbols=0 #'],
    [withCrc('stop'), 'ok stop symbols=0'],
    ['STOP', 'ok stop symbols=0'],
    ['Level 800 520', 'ok level white=800 grey=520'],
  ])('%s', (command, reply) => {
    expect(new Bench().ask(command).replace(/(now|count)=\d+/, '$1=N')).toBe(reply)
  })

  test('help lists every command, in lines of its own before the reply', () => {
    const bench = new Bench()
    expect(bench.ask('help')).toBe('ok help')
    const listed = bench.lines.slice(0, -1).map((line) => line.split(' ')[0])
    expect(listed).toEqual(
      'hello rate level load play sample sense dark stop status edges keepalive serial baud A'.split(
        ' ',
      ),
    )
  })

  test.each([10, 13.7, 29.97, 59.999, 60, 142, 333.333, 999.5, 1999.999])(
    'rate %d: the whole number of PWM cycles that comes nearest',
    (rateHz) => {
      const periods = Array.from({ length: 56 }, (_, i) => 2 * (200 + i)).map(
        (pwmCycles) => Math.round(16e6 / rateHz / pwmCycles) * pwmCycles,
      )
      const errorOf = (period: number): number => Math.abs(period - 16e6 / rateHz)
      const { period = 0 } = fieldsOf(new Bench().ask(`rate ${rateHz}`))
      expect(periods).toContain(period)
      // The board works in whole half cycles, hence up to one cycle off the best.
      expect(errorOf(period)).toBeLessThanOrEqual(Math.min(...periods.map(errorOf)) + 1)
    },
  )
})

describe('refusals', () => {
  test.each([
    ['dance', 'command'],
    ['HELLOO', 'command'],
    ['rate', 'argument'],
    ['rate 9.999', 'argument'],
    ['rate 2000.001', 'argument'],
    ['rate 60.0001', 'argument'],
    ['rate 6 0', 'argument'],
    ['rate 60,5', 'argument'],
    ['rate -60', 'argument'],
    ['rate 4294967356', 'argument'],
    ['level 0 520', 'argument'],
    ['level 1000 1001', 'argument'],
    ['level 1000', 'argument'],
    ['load', 'argument'],
    ['load 0', 'argument'],
    ['load x 01', 'argument'],
    ['load 0 013', 'symbol'],
    ['load 1 01', 'offset'],
    ['play', 'argument'],
    ['play 4', 'argument'],
    ['play 4 xyz1', 'argument'],
    ['play 4 12345', 'argument'],
    ['play 4 0000', 'sequence'],
    ['sample 249 10', 'argument'],
    ['sample 9001 10', 'argument'],
    ['sample 1000 9', 'argument'],
    ['sense', 'argument'],
    ['sense maybe', 'argument'],
    ['edges', 'argument'],
    ['edges yes', 'argument'],
    ['edges ON', 'argument'],
    ['serial', 'argument'],
    ['serial 12345678901234567', 'argument'],
    ['serial a.b', 'argument'],
    ['baud 9600', 'argument'],
    ['baud', 'argument'],
    ['keepalive 99', 'argument'],
    ['keepalive 60001', 'argument'],
    ['hello*0000', 'crc'],
    ['hello*', 'crc'],
    [`${withCrc('hello')}0`, 'crc'],
    ['hell\x07o', 'line'],
    ['é', 'line'],
    ['x'.repeat(121), 'line'],
  ])('%s', (command, code) => {
    const bench = new Bench()
    expect(bench.ask(command)).toMatch(new RegExp(`^error ${code} .+`))
    expect(bench.ask('hello'), 'the line is free again').toMatch(/^ok hello/)
    expect(bench.edges).toEqual([])
  })

  test('have the tag of their line, unless that is damaged', () => {
    const bench = new Bench()
    expect(bench.ask('dance #7')).toMatch(/^error command [^#]+ #7$/)
    expect(bench.ask('load 1 01 #7')).toMatch(/^error offset [^#]+ #7$/)
    expect(bench.ask('hello #7*0000')).toMatch(/^error crc [^#]+$/)
    expect(bench.ask('hello')).toMatch(/^ok hello [^#]+$/)
  })

  test('a sequence with one wrong symbol, one too few, or another CRC does not play', () => {
    const bench = new Bench()
    const crc = /crc=(\w+)/.exec(bench.ask('load 0 01020102'))?.[1]
    bench.ask('load 0 01020101')
    expect(bench.ask(`play 8 ${crc}`)).toMatch(/^error sequence/)
    bench.ask('load 0 0102010')
    expect(bench.ask(`play 8 ${crc}`)).toMatch(/^error sequence/)
    expect(bench.ask('load 7 2')).toBe(`ok load symbols=8 crc=${crc}`)
    expect(bench.ask(`play 8 ${crc}`)).toMatch(/^ok play/)
  })

  test.each(['level 1000 1000', 'level 1000 1', 'level 1 1'])('to play after "%s"', (level) => {
    const bench = new Bench()
    bench.ask(level)
    const crc = /crc=(\w+)/.exec(bench.ask('load 0 012'))?.[1]
    expect(bench.ask(`play 3 ${crc}`)).toMatch(/^error level/)
    expect(bench.board.lit).toBe(false)
  })

  test('what would change the light is refused while it plays', () => {
    const bench = new Bench()
    bench.play('02'.repeat(50))
    for (const command of [
      'rate 30',
      'level 1 1',
      'load 0 01',
      'play 100 0000',
      'serial x',
      'baud 115200',
    ]) {
      expect(bench.ask(command)).toMatch(/^error busy/)
    }
    bench.ask('sense on')
    expect(bench.ask('sample 500 8')).toMatch(/^error busy/)
    expect(bench.ask('sense on')).toMatch(/^error busy/)
    expect(bench.ask('stop')).toMatch(/^ok stop/)
  })

  test('more symbols than the memory holds', () => {
    const bench = new Bench()
    for (let offset = 0; offset < 4800; offset += 96) {
      expect(bench.ask(`load ${offset} ${'01'.repeat(48)}`)).toMatch(/^ok load/)
    }
    expect(bench.ask('load 4800 0')).toMatch(/^error symbol/)
    expect(bench.ask('load 4800 0')).toMatch(/^error offset/)
  })

  test('a load that is repeated, or goes back, replaces what came after its offset', () => {
    const bench = new Bench()
    const four = bench.ask('load 0 0102')
    expect(bench.ask('load 0 0102')).toBe(four)
    const ten = bench.ask('load 4 010201')
    expect(bench.ask('load 4 010201')).toBe(ten)
    expect(bench.ask('load 2 020')).toMatch(/ symbols=5 /)
    expect(bench.ask('load 6 0')).toMatch(/^error offset/)
    expect(bench.ask('load 3 2')).toMatch(/ symbols=4 /)
    expect(bench.ask('load 2 02')).toBe(four)
  })

  test('a line that comes before the reply is dropped, and said to be', () => {
    const bench = new Bench()
    bench.send('help')
    bench.send('level 1 1')
    bench.runMs(200)
    expect(bench.lines).toContainEqual(expect.stringMatching(/^error lost/))
    expect(bench.lines).not.toContainEqual(expect.stringMatching(/^ok level/))
  })
})

/** Lines whose replies take from 3 to 90 ms, of every kind. */
const BUSY_WITH = ['help', 'hello', 'dance', 'hello*0000', 'x'.repeat(121), 'x'.repeat(1000)]

describe('a stop that comes before the reply', () => {
  const playing = (): { bench: Bench; start: number } => {
    const bench = new Bench()
    bench.ask('sense on')
    const { start = 0 } = bench.play('2'.repeat(100))
    bench.runMs(500)
    bench.lines = []
    return { bench, start }
  }
  const replies = ({ lines }: Bench): string[] =>
    lines.filter((line) => /^(ok|error) /.test(line)).map((line) => line.split(' ', 2).join(' '))

  test.each(
    BUSY_WITH.flatMap((line) =>
      ['stop', 'STOP', '  Stop now', 'stop#7', withCrc('stop #7')].map((stop) => [stop, line]),
    ),
  )('"%s" is obeyed within a millisecond, after "%s"', (stop, line) => {
    const { bench, start } = playing()
    bench.send(line)
    bench.send(stop)
    bench.runMs((line.length + stop.length + 2) * 10 * (1000 / 115_200) + 1)
    expect(bench.board.lit).toBe(false)
    const darkFrom = bench.board.cycle
    bench.runMs(200)
    expect(bench.edges).toEqual([start, expect.any(Number)])
    expect(-(bench.edges[1] as number)).toBeGreaterThan(darkFrom - 2 * CYCLES_PER_MS)
    expect(replies(bench)).toEqual([expect.stringMatching(/^(ok|error) /), 'ok stop'])
    const symbols = Math.ceil((-(bench.edges[1] as number) - start) / 266_664)
    expect(bench.lines.findLast((said) => said.startsWith('ok stop'))).toBe(
      `ok stop symbols=${symbols}`,
    )
    expect(bench.ask('status')).toMatch(/^ok status playing=0 symbols=\d+ sense=0 /)
  })

  test.each(['stopp', 'sto', 'so stop', 'nstop', 'load 0 stop'])('"%s" is none', (line) => {
    const { bench } = playing()
    bench.send('help')
    bench.send(line)
    bench.runMs(150)
    expect(replies(bench)).toEqual(['ok help', 'error lost'])
    expect(bench.board.lit).toBe(true)
  })

  test.each([
    ['in its word', 'stop', 2],
    ['behind it', 'stop now', 6],
    ['at its end', 'stop', 4],
  ])('with a damaged byte %s is none', (_, text, broken) => {
    const { bench } = playing()
    bench.send('help')
    for (const [i, byte] of Buffer.from(`${text}\n`).entries()) {
      bench.board.receive(Uint8Array.of(byte), i === broken ? 250_000 : 115_200)
    }
    bench.runMs(150)
    expect(replies(bench)).toEqual(['ok help', 'error lost'])
    expect(bench.board.lit).toBe(true)
  })

  test('behind other lines, and before them: it is obeyed, and they are lost', () => {
    const { bench } = playing()
    for (const line of ['help', 'status', 'stop', 'keepalive 100', 'stop']) bench.send(line)
    bench.runMs(150)
    expect(replies(bench)).toEqual(['ok help', 'ok stop', 'error lost'])
    expect(bench.board.lit).toBe(false)
  })

  test('ends a light before it has begun', () => {
    const bench = new Bench()
    const crc = /crc=(\w+)/.exec(bench.ask(`load 0 ${'2'.repeat(90)}`))?.[1]
    bench.send(`play 90 ${crc}`)
    bench.send('stop')
    bench.runMs(100)
    expect(replies(bench).slice(-2)).toEqual(['ok play', 'ok stop'])
    expect(bench.lines.at(-1)).toBe('ok stop symbols=0')
    expect(bench.edges).toEqual([])
  })
})

test('the symbols that were played are not those of a load since', () => {
  const bench = new Bench()
  bench.play('0102010201')
  bench.runMs(300)
  bench.ask('load 0 010201020102')
  expect(bench.ask('status')).toMatch(/ symbols=10 /)
})

test('a serial number is kept over a reset, and the longest one fits', () => {
  const bench = new Bench()
  bench.ask('serial 1234567890abcdef')
  bench.board.reset('external')
  bench.runMs(10)
  expect(bench.ask('hello')).toMatch(/ serial=1234567890abcdef$/)
  bench.ask('serial b')
  bench.board.reset('power-on')
  bench.runMs(10)
  expect(bench.ask('hello')).toMatch(/ serial=b$/)
})

test.each([250_000, 500_000, 1_000_000])('at %i baud it answers, until a reset', (baudRate) => {
  const bench = new Bench()
  expect(bench.ask(`baud ${baudRate}`)).toBe(`ok baud rate=${baudRate}`)
  bench.runMs(1)
  expect(bench.board.baudRate).toBe(baudRate)
  bench.baudRate = baudRate
  expect(bench.ask('help')).toBe('ok help')
  bench.board.reset('external')
  bench.baudRate = 115_200
  bench.runMs(10)
  expect(bench.ask('hello')).toMatch(/^ok hello/)
})

test('bytes at a wrong baud rate are refused, and nothing worse', () => {
  const bench = new Bench()
  bench.baudRate = 250_000
  bench.send('hello')
  bench.runMs(20)
  expect(bench.lines).toEqual([expect.stringMatching(/^error line/)])
})

test('a line whose end alone is damaged is refused, as bytes may be missing before it', () => {
  const bench = new Bench()
  bench.board.receive(Buffer.from('level 1 1'), 115_200)
  bench.board.receive(Buffer.from('\n'), 250_000)
  bench.runMs(20)
  expect(bench.lines).toEqual([expect.stringMatching(/^error line/)])
})

test('a damaged line end that comes too early is a lost line, as bytes may be missing before it', () => {
  const bench = new Bench()
  bench.send('help')
  bench.board.receive(Buffer.from('\n'), 250_000)
  bench.runMs(200)
  expect(bench.lines).toContainEqual(expect.stringMatching(/^error lost/))
})

test('no line of any kind makes light, resets the board or stops it from answering', () => {
  const bench = new Bench()
  const line = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc
      .tuple(
        fc.constantFrom('rate', 'level', 'load', 'play', 'sample', 'sense', 'edges', 'keepalive'),
        fc.array(fc.oneof(fc.integer(), fc.stringMatching(/^[0-9a-f.*]{0,5}$/)), { maxLength: 4 }),
      )
      .map(([name, words]) => [name, ...words].join(' ')),
  )
  fc.assert(
    fc.property(line, (text) => {
      bench.board.receive(Buffer.from(`${text}\n`), 115_200)
      bench.runMs(30)
      bench.send('\nstop')
      bench.runMs(30)
      expect(bench.ask('hello')).toMatch(/^ok hello/)
      expect(bench.edges).toEqual([])
      expect(bench.lines).not.toContainEqual(expect.stringMatching(/^ready/))
    }),
    { numRuns: 300 },
  )
})
