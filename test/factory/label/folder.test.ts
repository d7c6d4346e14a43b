import { mkdir, readdir, readFile, symlink } from 'node:fs/promises'
import { describe, expect } from 'vitest'
import { LabelFolder } from '../../../src/factory/label/folder.js'
import type { Label } from '../../../src/factory/label/printing.js'
import { test } from '../../helpers/folder.js'
import { needs } from '../../helpers/requirements.js'

const label: Label = {
  name: 'line 3-1',
  design: { symbol: 'qr', widthMm: 30, heightMm: 20, dpi: 203 },
  png: Buffer.from('a picture'),
  pdf: Buffer.from('a page'),
}

describe('a folder of labels', () => {
  test('gets each as a picture and a page, and the same again in its place', async ({ folder }) => {
    const labels = new LabelFolder(folder.path)
    expect(await labels.doubt()).toBeNull()
    await labels.put(label)
    await labels.put({ ...label, pdf: Buffer.from('the page once more') })
    expect(await readdir(folder.path)).toEqual(['line 3-1.pdf', 'line 3-1.png'])
    expect(await readFile(folder.at('line 3-1.png'), 'utf8')).toBe('a picture')
    expect(await readFile(folder.at('line 3-1.pdf'), 'utf8')).toBe('the page once more')
  })

  test('that is not there says so', async ({ folder }) => {
    const labels = new LabelFolder(folder.at('none'))
    const sentence =
      /^nothing can be written in .*none \(ENOENT: .*\): make that folder, or room in it$/
    await expect(labels.put(label)).rejects.toThrow(sentence)
    expect(await labels.doubt()).toMatch(sentence)
  })

  test.skipIf(needs('/dev/full'))('that is full keeps nothing of it', async ({ folder }) => {
    await mkdir(folder.at('labels'))
    await symlink('/dev/full', folder.at('labels/line 3-1.png.new'))
    await expect(new LabelFolder(folder.at('labels')).put(label)).rejects.toThrow(/ENOSPC/)
    expect(await readdir(folder.at('labels'))).toEqual([])
  })
})
