import type { Page } from 'puppeteer-core'

/** Texts of a page whose colour is too like what is behind them: below 4.5 to 1 (WCAG 2 AA). What is disabled need not be read. */
export async function lowContrasts(page: Page): Promise<string[]> {
  return (await page.evaluate(`(() => {
    const canvas = new OffscreenCanvas(1, 1)
    const context = canvas.getContext('2d', { willReadFrequently: true })
    const channels = (colour, under = [0, 0, 0]) => {
      context.fillStyle = 'rgb(' + under.join(' ') + ')'
      context.fillRect(0, 0, 1, 1)
      context.fillStyle = colour
      context.fillRect(0, 0, 1, 1)
      return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3)
    }
    const alphaOf = (colour) => {
      context.clearRect(0, 0, 1, 1)
      context.fillStyle = colour
      context.fillRect(0, 0, 1, 1)
      return context.getImageData(0, 0, 1, 1).data[3]
    }
    const groundOf = (element) => {
      for (let at = element; at; at = at.parentElement) {
        const { backgroundColor } = getComputedStyle(at)
        if (alphaOf(backgroundColor) === 255) return channels(backgroundColor)
      }
      return [255, 255, 255]
    }
    const luminance = (rgb) => {
      const [r, g, b] = rgb.map((c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
      return 0.2126 * r + 0.7152 * g + 0.0722 * b
    }
    const found = []
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node.parentElement
      if (!node.data.trim() || element.closest('[aria-disabled=true], .unseen, option, template')) continue
      if (!element.checkVisibility({ visibilityProperty: true })) continue
      const ground = groundOf(element)
      const [one, other] = [luminance(ground), luminance(channels(getComputedStyle(element).color, ground))]
      const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05)
      if (ratio < 4.5) found.push(node.data.trim() + ': ' + ratio.toFixed(2))
    }
    return found
  })()`)) as string[]
}

/** Controls of a page that a screen reader has no name for. */
export async function namelessControls(page: Page): Promise<string[]> {
  const handles = await page.$$('a, button, input, select, canvas, [role=img], section')
  const found: string[] = []
  for (const handle of handles) {
    const isShown = await handle.isVisible()
    const tree =
      isShown && (await page.accessibility.snapshot({ root: handle, interestingOnly: false }))
    if (tree && !tree.name)
      found.push(String(await handle.evaluate((element) => element.outerHTML)))
  }
  return found
}

/** Presses Tab until the focus comes round, and tells what had it, and whether that was to be seen. */
export async function focusOrder(page: Page): Promise<{ name: string; isSeen: boolean }[]> {
  const order: { name: string; isSeen: boolean }[] = []
  for (;;) {
    await page.keyboard.press('Tab')
    const { name, isSeen } = (await page.evaluate(`(() => {
      const element = document.activeElement
      const name = element === document.body ? '' : element.ariaLabel || element.id || element.textContent.trim()
      return { name, isSeen: getComputedStyle(element).outlineStyle === 'solid' }
    })()`)) as { name: string; isSeen: boolean }
    if (name === '' || order[0]?.name === name) return order
    order.push({ name, isSeen })
  }
}

/** Elements whose content is cut, as it is wider or higher than they are. */
export async function cutElements(page: Page, selector: string): Promise<string[]> {
  return (await page.evaluate(`[...document.querySelectorAll(${JSON.stringify(selector)})]
    .filter((e) => e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1)
    .map((e) => e.textContent)`)) as string[]
}
