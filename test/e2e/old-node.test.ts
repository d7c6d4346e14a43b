import { expect, test } from 'vitest'
import { BLINKUP, Run } from '../helpers/blinkup.js'

const isAcceptedBy = async (version: string) => {
  const versions = `{ value: { ...process.versions, node: '${version}' } }`
  const disguise = `data:text/javascript,Object.defineProperty(process, 'versions', ${versions})`
  const args = ['--import', disguise, BLINKUP, '--version']
  return new Run(process.execPath, args, {}).ended
}

test.each(['18.20.8', '20.18.3'])('Node.js %s is told that it is too old', async (version) => {
  expect(await isAcceptedBy(version)).toEqual({
    exitCode: 69,
    stdout: '',
    stderr: `blinkup: Node.js ${version} is too old: install 20.19 or later\n`,
  })
})

test.each(['20.19.0', '22.0.0'])('Node.js %s is not', async (version) => {
  expect(await isAcceptedBy(version)).toMatchObject({ exitCode: 0, stderr: '' })
})
