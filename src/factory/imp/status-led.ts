import type { Stage } from './network.js'

export type LedColour = 'green' | 'red' | 'orange'

/** What the status LED shows, as far as it is published: what is not is null, and nobody should invent it. */
interface LedFacts {
  readonly meaning: string
  /** Colours that follow one another, 'dark' among them; null where the colours are not public. */
  readonly colours: readonly (LedColour | 'dark')[] | null
  /** How long each of the colours lasts; null for one that stays, or where it is not public. */
  readonly stepMs: number | null
}

const lit = (meaning: string, ...colours: LedColour[]): LedFacts => ({
  meaning,
  colours,
  stepMs: null,
})
const blinking = (meaning: string, colour: LedColour): LedFacts => ({
  meaning,
  colours: [colour, 'dark'],
  stepMs: 500,
})
const notPublic = (meaning: string): LedFacts => ({ meaning, colours: null, stepMs: null })

/** The states of the status LED, as in docs/factory.md. */
export const STATUS_LED = {
  dark: { meaning: 'nothing to tell', colours: ['dark'], stepMs: null },
  'no-settings': blinking('no settings or no enrollment', 'orange'),
  receiving: { meaning: 'light is coming in', colours: ['dark'], stepMs: null },
  received: lit('a message was received well', 'green'),
  'reception-error': lit('a message could not be read', 'red'),
  searching: lit('looking for the network', 'red'),
  joining: lit('joining the network', 'red'),
  'getting-address': lit('no address yet', 'red', 'orange'),
  'reaching-proxy': notPublic('the proxy is not there, or refuses'),
  'reaching-server': notPublic('connecting to the server'),
  connected: blinking('connected', 'green'),
  updating: lit('impOS is being updated', 'green'),
  blessed: lit('blessed', 'green'),
  failed: lit('the test or the blessing has failed', 'red'),
  crashed: { meaning: 'the program has failed', colours: ['red', 'dark'], stepMs: null },
} as const satisfies Readonly<Record<string, LedFacts>>

export type LedState = keyof typeof STATUS_LED

/** How long green tells of a message; published as "about 3 s". */
export const RECEIVED_MS = 3000
/** How long red tells of a reception error; published as "long", the length is ours. */
export const RECEPTION_ERROR_MS = 2000

/** What there is to show. */
export interface LedSituation {
  /** Since the power came, until it goes: null where nothing was blessed. */
  readonly blessing: boolean | null
  readonly isReceiving: boolean
  readonly isUpdating: boolean
  /** Until the program runs again. */
  readonly hasCrashed: boolean
  /** What came of the light just now, for as long as that is shown. */
  readonly reception: 'received' | 'reception-error' | null
  /** The LED tells of joining and of the connection only as long as BlinkUp is on. */
  readonly isBlinkUpOpen: boolean
  readonly hasCredentials: boolean
  readonly stage: Stage | 'connected' | null
}

/** The one thing that the LED shows: a blessing's result beats all, and light that comes in whatever is of the network. */
export function ledStateOf(situation: LedSituation): LedState {
  const { blessing, isReceiving, isUpdating, reception, stage } = situation
  if (blessing !== null) return blessing ? 'blessed' : 'failed'
  if (isReceiving) return 'receiving'
  if (isUpdating) return 'updating'
  if (reception) return reception
  if (situation.hasCrashed) return 'crashed'
  if (!situation.isBlinkUpOpen) return 'dark'
  if (stage) return stage
  return situation.hasCredentials ? 'dark' : 'no-settings'
}
