import type { CycleReason, CycleState } from '../records/cycle-record.js'
import type { EndedCycle, RigActivity, ShownLabel } from './snapshot.js'

/** What an operator is told while something is done: the unit stays where it is until it has been proven. */
const WHILE: Readonly<Record<CycleState, string>> = {
  triggered: 'Do not remove: the unit is being set up',
  ambient: 'Do not remove: the unit is being set up',
  token: 'Do not remove: the unit is being set up',
  light: 'Do not remove: the unit is being set up by light',
  connecting: 'Do not remove: the unit is joining the network',
  updating: 'Do not remove: the unit is loading its program',
  testing: 'Do not remove: the unit is testing itself',
  blessing: 'Do not remove: the unit has passed, and is being released',
}

const AFTER: Readonly<Record<CycleReason, string>> = {
  'other-light': 'LIGHT: cover the sensor, and try this unit again',
  'light-failed': 'LIGHT: put the unit in straight, and try it again',
  'no-token': 'NETWORK: try this unit again; if that fails, call the engineer',
  'no-server': 'NETWORK: try this unit again; if that fails, call the engineer',
  'no-device': 'NETWORK: the unit has not joined; try it once more, then put it aside',
  'test-failed': 'FAILED: put this unit aside',
  'no-result': 'FAILED: the unit has told no result; put it aside',
  'no-blessing': 'FAILED: the unit was not released; put it aside',
  'rig-lost': 'STATION: try this unit again when the rig is back',
  'no-record': 'STATION: nothing can be recorded; call the engineer',
  broken: 'STATION: call the engineer',
  cancelled: 'Ended by hand: try this unit again',
  stopped: 'The station was stopped: try this unit again',
  interrupted: 'The station was interrupted: try this unit again',
}

/** What the operator of a rig is to do now, in a sentence, by the cycle that ended last, and the last label. */
export function instructionFor(
  activity: RigActivity,
  last: Pick<EndedCycle, 'cycleId' | 'end'> | null,
  label: ShownLabel | null = null,
): string {
  switch (activity.state) {
    case 'opening':
      return 'Wait: the rig is being opened'
    case 'lost':
      return `STATION: the rig is not there${activity.why ? ` (${activity.why})` : ''}`
    case 'label':
      return 'Wait: the label is being printed'
    case 'waiting':
    case 'lockout': {
      // Before the first cycle it is that of the last start.
      if (label && label.cycleId === (last?.cycleId ?? label.cycleId)) {
        const { number, why } = label
        if (label.state === 'failed')
          return `NO LABEL of unit ${number}: ${why}; then print it again`
        if (label.state === 'unknown')
          return `Look whether unit ${number} has its label: if not, print it again`
      }
      if (!last) return 'Put a unit in, and press the button'
      if (last.end.reason === null)
        return 'PASSED: take it out, put the next one in, and press the button'
      return AFTER[last.end.reason]
    }
    default:
      return WHILE[activity.state]
  }
}
