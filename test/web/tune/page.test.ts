import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { LIGHT_LIMITS } from '../../../src/light/limits.js'

const pageFile = (name: string): Promise<string> =>
  readFile(new URL(`../../../src/web/page/${name}`, import.meta.url), 'utf8')

test('the picture and its legend have the limits of good light', async () => {
  const { white, black } = LIGHT_LIMITS
  const bands = `{ white: [${white.good.join(', ')}], black: [${black.good.join(', ')}], saturation: [${white.marginal[1]}, 1] }`
  expect(await pageFile('scope.js')).toContain(`const BANDS = ${bands}\n`)
  const legend = await pageFile('tune.html')
  expect(legend).toContain(`white is good from ${white.good.join(' to ')}<`)
  expect(legend).toContain(`black is good below ${black.good[1]}<`)
  expect(legend).toContain(`saturated from ${white.marginal[1]}<`)
})
