/** What stands in a tag, after its name. */
export const attributes = (values: Readonly<Record<string, string | number>>): string =>
  Object.entries(values)
    .map(([name, value]) => ` ${name}="${escaped(`${value}`, /[&<>"\t\n\r]/g)}"`)
    .join('')

/** What XML 1.0 cannot hold, not even escaped: all controls but tab and ends of lines, and two that are no characters. */
const NO_XML = /[^\t\n\r\u0020-\ufffd\u{10000}-\u{10ffff}]/gu

/** Text of an element; in an attribute more is not what it seems. */
export const escaped = (text: string, marks = /[&<>\r]/g): string =>
  text
    .toWellFormed()
    .replace(NO_XML, '\ufffd')
    .replace(marks, (c) => `&#${c.charCodeAt(0)};`)
