import type { ReceptionFailure } from '../../receiver/index.js'
import type { Said, StoredSettings } from '../api/host.js'
import type { ConnectAnswer, Role } from '../link/messages.js'
import type { Stage } from './network.js'
import type { LedState } from './status-led.js'

/** What happens to a device, oldest first. No secret is in it. */
export type ImpEvent =
  | { readonly event: 'started'; readonly isCold: boolean }
  | { readonly event: 'led'; readonly led: LedState }
  /** BlinkUp goes on or off. */
  | { readonly event: 'blinkup'; readonly isOpen: boolean }
  /** A message by light was read whole, or was none. */
  | { readonly event: 'received' }
  | {
      readonly event: 'not-received'
      readonly reason: ReceptionFailure
      readonly advice: string
    }
  /** What is stored has changed; masked. */
  | { readonly event: 'settings'; readonly settings: StoredSettings }
  /** On the way to the server. */
  | { readonly event: 'stage'; readonly stage: Stage }
  /** It goes no further there, and why. */
  | { readonly event: 'stuck'; readonly stage: Stage; readonly reason: string }
  | { readonly event: 'updating'; readonly seconds: number }
  | {
      readonly event: 'connected'
      readonly role: ConnectAnswer['role']
      readonly deviceGroupId: string
      readonly agentUrl: string
    }
  | { readonly event: 'disconnected'; readonly reason: string }
  /** A program begins to run. */
  | { readonly event: 'running'; readonly role: Role }
  /** By the program, or by the stand-in about it. */
  | { readonly event: 'said'; readonly kind: Said['kind']; readonly text: string }
  /** The program sets a pin to another level. */
  | { readonly event: 'pin'; readonly pin: string; readonly level: number }
  /** The server's answer to a blessing. */
  | { readonly event: 'blessed'; readonly success: boolean }
  /** The DUT's program is ended, as the device is the application's now. */
  | { readonly event: 'handed-over' }
  | { readonly event: 'restarted'; readonly reason: string }
  | { readonly event: 'asleep'; readonly seconds: number }
  | { readonly event: 'off' }
