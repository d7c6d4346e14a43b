import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { Run } from '../helpers/blinkup.js'

const PROJECT = fileURLToPath(new URL('../..', import.meta.url))

test('npm run factory: of ten devices six pass, and the report tells of each of the others what became of it', async () => {
  const run = new Run('npm', ['run', '--silent', 'factory'], { cwd: PROJECT, shell: false })
  const { exitCode, stdout } = await run.ended
  expect({ exitCode, lines: stdout.trimEnd().split('\n') }).toEqual({
    exitCode: 0,
    lines: [
      'fixture: has started',
      'fixture: ready for the first device',
      'device 1 (good): passed and blessed',
      'device 2 (good): passed and blessed',
      'device 3 (bad-part): failed its test, not blessed',
      'device 4 (good): passed and blessed',
      'device 5 (covered): did not come: it saw no light',
      'device 6 (good): passed and blessed',
      'device 7 (bad-part): failed its test, not blessed',
      'device 8 (pulled): did not come: its power went while light came in',
      'device 9 (good): passed and blessed',
      'device 10 (good): passed and blessed',
      '6 passed and blessed',
      '2 failed its test, not blessed',
      '1 did not come: it saw no light',
      '1 did not come: its power went while light came in',
      'as expected',
    ],
  })
})
