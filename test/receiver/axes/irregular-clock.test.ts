import { test } from 'vitest'
import { expectAllReceived } from './received.js'

// Perfect with symbols that are late by up to 0.3, with 0.5 % of them a frame longer or shorter where a symbol has two
// frames, and with 0.2 % of them twice as long.

test.each([0.1, 0.2, 0.3])('symbols late by up to %f', (symbolJitter) => {
  expectAllReceived({ symbolJitter })
})
test.each([0.002, 0.005])('%f of the symbols a frame longer', (repeatedFrames) => {
  expectAllReceived({ framesPerSymbol: 2, repeatedFrames })
})
test.each([0.005, 0.02])('%f of the symbols a frame shorter', (droppedFrames) => {
  expectAllReceived({ framesPerSymbol: 2, droppedFrames })
})
test('symbols twice as long', () => {
  expectAllReceived({ framesPerSymbol: 1, repeatedFrames: 0.002 })
})
