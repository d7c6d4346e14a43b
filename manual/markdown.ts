/** A table in Markdown. */
export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly unknown[])[],
): string {
  const line = (cells: readonly unknown[]): string => `| ${cells.map(cellText).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

const cellText = (value: unknown): string =>
  String(value).replaceAll('|', '\\|').replaceAll('\n', ' ')

/**
 * Replaces what stands in a page between `<!-- NAME -->` and `<!-- end -->`.
 *
 * @throws Error when there is no such place, or there are two
 */
export function withBlock(page: string, name: string, block: string): string {
  const begin = `<!-- ${name} -->\n`
  const [before = '', after, ...others] = page.split(begin)
  const end = after?.indexOf('<!-- end -->') ?? -1
  if (after === undefined || others.length > 0 || end < 0) {
    throw new Error(`the page needs one place for ${name}`)
  }
  return `${before}${begin}\n${block}\n\n${after.slice(end)}`
}
