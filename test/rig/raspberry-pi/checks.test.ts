import { expect, test } from 'vitest'
import { checkIsolatedCpu } from '../../../src/rig/raspberry-pi/checks.js'

test('a CPU for the light alone is advised where there are four', () => {
  expect(checkIsolatedCpu(undefined, 4).finding).toMatch(/^none; "isolcpus=3" in cmdline.txt /)
  expect(checkIsolatedCpu(undefined, 1).finding).toBe('none')
  expect(checkIsolatedCpu('3', 4).finding).toBe('CPU 3 is reserved for the light')
})
