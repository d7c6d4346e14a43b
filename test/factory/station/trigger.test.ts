import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type Contact,
  DEBOUNCE_MS,
  Debouncer,
  triggers,
} from '../../../src/factory/station/trigger.js'
import { HOST_CLOCK } from '../../../src/light/clock.js'
import type { Edge, EdgeInput } from '../../../src/rig/rig.js'

const PRESS: Contact = { on: 'press', activeLow: false, debounceMs: DEBOUNCE_MS }

/** Times between the edges of a change, all shorter than it takes to come to rest. */
const bounces = fc.array(fc.integer({ min: 1, max: DEBOUNCE_MS * 1000 - 1 }), { maxLength: 30 })
const contacts = fc.record<Contact>({
  on: fc.constantFrom('press', 'release'),
  activeLow: fc.boolean(),
  debounceMs: fc.constant(DEBOUNCE_MS),
})
/** One change: it bounces, then rests for so long. */
const changes = fc.array(
  fc.record({
    bounces,
    restUs: fc.integer({ min: DEBOUNCE_MS * 1000, max: 1e7 }),
    /** Which of its edges were lost; never the last one. */
    lost: fc.array(fc.boolean(), { minLength: 32, maxLength: 32 }),
  }),
  { maxLength: 12 },
)

type Change = Parameters<Parameters<typeof changes.map>[0]>[0][number]
type BareEdge = Pick<Edge, 'timeS' | 'high' | 'afterLoss'>

/** When edges come that are so far apart. */
function timesOf(startUs: number, gapsUs: readonly number[]): number[] {
  const timesUs = [startUs]
  for (const gapUs of gapsUs) timesUs.push((timesUs.at(-1) as number) + gapUs)
  return timesUs
}

/** The edges of changes that end pressed and released in turn, from released on. */
function edgesOf(list: readonly Change[], activeLow: boolean): BareEdge[][] {
  let timeUs = 1e6
  return list.map(({ bounces, restUs, lost }, i) => {
    const pressed = i % 2 === 0
    const gapsUs = bounces.length % 2 === 0 ? bounces : bounces.slice(1) // so that it ends changed
    const timesUs = timesOf(timeUs, gapsUs)
    timeUs = (timesUs.at(-1) as number) + restUs
    const isLost = (k: number): boolean => k < gapsUs.length && lost[k] === true
    return timesUs
      .map((us, k) => ({
        timeS: us / 1e6,
        high: (k % 2 === 0) === (pressed !== activeLow),
        afterLoss: k > 0 && isLost(k - 1),
      }))
      .filter((_, k) => !isLost(k))
  })
}

/** How often edges trigger, when it is known after each change that no more come for a while. */
function count(contact: Contact, list: readonly (readonly BareEdge[])[]): number {
  const debouncer = new Debouncer(contact)
  const triggered = list.flatMap((edges) => [
    ...edges.map((edge) => debouncer.take(edge)),
    debouncer.restBy((edges.at(-1)?.timeS ?? 0) + DEBOUNCE_MS / 1000 + 1e-9),
  ])
  return triggered.filter(Boolean).length
}

/** The same where nobody looks between the edges. */
function countLate(contact: Contact, edges: readonly BareEdge[]): number {
  const debouncer = new Debouncer(contact)
  const triggered = edges.map((edge) => debouncer.take(edge))
  return [...triggered, debouncer.restBy(Number.POSITIVE_INFINITY)].filter(Boolean).length
}

/** Presses and releases take turns. */
const expectedOf = ({ on }: Contact, { length }: readonly Change[]): number =>
  on === 'press' ? Math.ceil(length / 2) : Math.floor(length / 2)

describe('a contact', () => {
  test('makes one trigger for each press or release, however it bounces', () => {
    fc.assert(
      fc.property(contacts, changes, (contact, list) => {
        const whole = list.map((change) => ({ ...change, lost: [] }))
        const edges = edgesOf(whole, contact.activeLow)
        expect(count(contact, edges)).toBe(expectedOf(contact, list))
        expect(countLate(contact, edges.flat())).toBe(expectedOf(contact, list))
      }),
    )
  })

  test('does so even if any edges of a change were lost but its last one', () => {
    fc.assert(
      fc.property(contacts, changes, (contact, list) => {
        // The very first edge is what tells where it was before.
        const known = list.map((change, i) => (i === 0 ? { ...change, lost: [] } : change))
        const edges = edgesOf(known, contact.activeLow)
        expect(count(contact, edges)).toBe(expectedOf(contact, list))
      }),
    )
  })

  test('makes none by pulses that are shorter, however many come', () => {
    fc.assert(
      fc.property(contacts, bounces, fc.boolean(), (contact, gapsUs, high) => {
        const odd = gapsUs.length % 2 === 1 ? gapsUs : [...gapsUs, 1]
        const edges = timesOf(0, odd).map((us, k) => ({
          timeS: us / 1e6,
          high: (k % 2 === 0) === high,
          afterLoss: false,
        }))
        expect(count(contact, [edges])).toBe(0)
      }),
    )
  })

  test('that rests exactly so long has come to rest', () => {
    const debouncer = new Debouncer(PRESS)
    expect(debouncer.take({ timeS: 0.1, high: true, afterLoss: false })).toBe(false)
    const restsAtS = debouncer.restsAtS as number
    expect(debouncer.restBy(restsAtS - 1e-6)).toBe(false)
    expect(debouncer.restBy(restsAtS)).toBe(true)
    expect(debouncer.restBy(restsAtS + 1)).toBe(false)
    expect(debouncer.restsAtS).toBe(undefined)
  })

  test('that was pressed before anybody looked starts nothing by its release', () => {
    const edge = (timeS: number) => ({ timeS, high: timeS % 2 === 0, afterLoss: false })
    const contact = { ...PRESS, on: 'release' } as const
    expect(countLate(contact, [edge(1)])).toBe(0)
    expect(countLate(contact, [edge(1), edge(2), edge(3)])).toBe(1)
  })
})

/** Gives these edges at once, then what comes, then nothing until it is told to end. */
function inputOf(edges: readonly BareEdge[], then = async () => {}) {
  const log: string[] = []
  const input: EdgeInput = {
    async *edges({ signal }) {
      try {
        for (const edge of edges) yield { ...edge, clock: HOST_CLOCK }
        await then()
        if (!signal.aborted)
          await new Promise((resolve) => signal.addEventListener('abort', resolve))
      } finally {
        log.push('ended')
      }
    },
  }
  return { input, log }
}

const PRESSED = [0, 0.003, 0.004].map((timeS, i) => ({
  timeS,
  high: i % 2 === 0,
  afterLoss: false,
}))

describe('triggers of an input', () => {
  test('come when the contact rests, though no edge comes any more, and end with the signal', async () => {
    const { input, log } = inputOf(PRESSED)
    const enough = new AbortController()
    let triggered = 0
    for await (const _ of triggers(input, PRESS, { signal: enough.signal })) {
      triggered++
      enough.abort()
    }
    expect(triggered).toBe(1)
    expect(log).toEqual(['ended'])
  })

  test('that nobody takes any more end the input', async () => {
    const { input, log } = inputOf(PRESSED)
    for await (const _ of triggers(input, PRESS, { signal: new AbortController().signal })) break
    expect(log).toEqual(['ended'])
  })

  test('end before the contact rests where the signal does', async () => {
    const { input } = inputOf(PRESSED)
    const list = triggers(input, PRESS, { signal: AbortSignal.abort() })
    expect(await list.next()).toEqual({ done: true, value: undefined })
  })

  test('fail with the input', async () => {
    const { input } = inputOf(PRESSED, async () => {
      throw new Error('unplugged')
    })
    const { signal } = new AbortController()
    await expect(triggers(input, PRESS, { signal }).next()).rejects.toThrow('unplugged')
  })
})
