import { expect, test } from 'vitest'
import { Bench } from './bench.js'

/** Of the RAM between the variables and the top, painted at power-on, this much is never to be touched. */
const MARGIN_BYTES = 150

test('the stack stays clear of the variables while the longest message plays, with all else at once', () => {
  const bench = new Bench()
  bench.ask('rate 2000')
  bench.ask('serial 1234567890abcdef')
  bench.ask('help')
  bench.ask('edges on')
  bench.ask('sample 9000 10')
  bench.ask('sense on')
  bench.onLed = (lit, cycle) => bench.board.setInput(lit, cycle)
  bench.play(`${'0120'.repeat(1049)}02`)
  for (let round = 0; !bench.lines.some((line) => line.startsWith('end')); round++) {
    bench.lines = []
    bench.edges = []
    bench.send(
      ['status', 'play 4198 0000', 'load 0 0', 'x'.repeat(130), 'hello*0000'][round % 5] ?? '',
    )
    bench.runMs(8)
  }
  expect(bench.lines).toContainEqual(expect.stringMatching(/^end done symbols=4198 /))
  bench.ask('stop')
  expect(bench.untouchedRamBytes).toBeGreaterThanOrEqual(MARGIN_BYTES)
})
