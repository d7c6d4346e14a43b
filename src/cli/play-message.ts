import type { PlayReport } from '../rig/rig.js'
import { type TokenSource, withToken } from './enrollment.js'
import { type Message, tellDuration } from './message.js'
import type { LightSettings } from './rig-options.js'
import { LightDisplay, warn } from './terminal.js'
import { withRig } from './with-rig.js'

export interface PlayOptions {
  /** Where the token comes from that the message may lack. */
  readonly source: TokenSource | null
  readonly signal: AbortSignal
  /** Gets the message as it is sent, before its light begins. */
  readonly onReady?: (message: Message) => void
}

/**
 * Plays a message on a rig that it opens and closes. A token is taken when the rig is ready.
 *
 * @throws RigError, EnrollmentError, Interrupted
 */
export async function playMessage(
  message: Message,
  { rig, symbolRateHz }: LightSettings,
  { source, signal, onReady }: PlayOptions,
): Promise<PlayReport> {
  const display = new LightDisplay(message.sequence, symbolRateHz, message.isSecret)
  tellDuration(message, symbolRateHz)
  for (const warning of message.warnings) warn(warning)
  return withRig(rig, signal, async ({ emitter }) => {
    const sent = await withToken(message, source, signal)
    onReady?.(sent)
    return emitter
      .play(sent.sequence, {
        symbolRateHz,
        signal,
        onProgress: (played) => display.update(played),
      })
      .finally(() => display.end())
  })
}
