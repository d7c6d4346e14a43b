import type { LoopbackReport } from '../../bench/loopback.js'
import { VERDICT_FAILURES } from '../../bench/verdict.js'
import { RECEPTION_FAILURES, type Reception } from '../../receiver/index.js'
import type { RigState } from '../../rig/supervised.js'
import type { TuneState, TuneVerdict } from './events.js'

/** How the rig is, in a word and in a sentence. */
export function rigStateOf(state: RigState): { state: TuneState['rig']['state']; text: string } {
  switch (state.state) {
    case 'opening':
      return { state: 'opening', text: 'the rig is being opened' }
    case 'lost': {
      const lit = state.mayBeLit ? '; the LED may be lit: check that it is dark' : ''
      return { state: 'lost', text: `${state.reason.message}${lit}` }
    }
    case 'closed':
      return { state: 'closed', text: 'the rig is closed: start the command again' }
    default: {
      const { name, firmwareVersion, photodiode } = state.info
      const firmware = firmwareVersion === null ? '' : `, firmware ${firmwareVersion}`
      const sensor = photodiode && photodiode.name !== name ? `, seen by ${photodiode.name}` : ''
      return { state: 'ready', text: `${name}${firmware}${sensor}` }
    }
  }
}

/** Of a message that was sent, and seen or not. */
export function verdictOfSent(
  packet: Uint8Array,
  { verdict, reason, advice, differences }: LoopbackReport,
): TuneVerdict {
  if (verdict === 'pass') {
    const text = `its ${packet.length} bytes came back as they were sent. ${advice}`
    return { grade: 'good', title: 'Test message passed', text }
  }
  const text = [reason && VERDICT_FAILURES[reason], ...differences, advice]
    .filter((part, n, all) => part && all.indexOf(part) === n)
    .join(' ')
  return { grade: 'bad', title: 'Test message failed', text }
}

/** Of a message that was seen, whoever sent it. */
export function verdictOfRead(reception: Reception): TuneVerdict {
  if (reception.kind === 'message') {
    return { grade: 'good', title: 'Message read', text: reception.advice }
  }
  const { reason, advice } = reception
  const why = RECEPTION_FAILURES[reason]
  const text = why === advice ? why : `${why} ${advice}`
  return { grade: 'bad', title: `Message failed: ${reason}`, text }
}
