import { CYCLE_STATES, OUTCOMES } from '../../factory/records/cycle-record.js'
import type { RigActivity, StationSnapshot } from '../../factory/station/snapshot.js'

export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/** What a snapshot has not. */
export interface StationCounters {
  /** Requests to the endpoint for device reports, by the HTTP status of their answers. */
  readonly reportAnswers: ReadonlyMap<number, number>
}

type Labels = Readonly<Record<string, string | number>>
type Sample = readonly [labels: Labels, value: number]

const STATES: readonly RigActivity['state'][] = [
  'opening',
  'lost',
  'waiting',
  'label',
  'lockout',
  ...CYCLE_STATES,
]

/** A station for Prometheus, in its text format 0.0.4. */
export function stationMetrics(
  { station, rigs }: StationSnapshot,
  { reportAnswers }: StationCounters,
): string {
  const each = (samples: (rig: (typeof rigs)[number]) => readonly Sample[]): Sample[] =>
    rigs.flatMap((rig) =>
      samples(rig).map(([labels, value]): Sample => [{ station, rig: rig.rig, ...labels }, value]),
    )
  return [
    family('blinkup_station_cycles_total', 'counter', 'Cycles that have ended, by outcome.', [
      ...each(({ counts }) => OUTCOMES.map((outcome) => [{ outcome }, counts[outcome]])),
    ]),
    family(
      'blinkup_station_ignored_triggers_total',
      'counter',
      'Triggers that came during a cycle, a label or a lockout.',
      each(({ counts }) => [[{}, counts.ignoredTriggers]]),
    ),
    family(
      'blinkup_station_labels_total',
      'counter',
      'Labels that were printed, or could not be.',
      each(({ labels }) =>
        labels
          ? [
              [{ outcome: 'printed' }, labels.printed],
              [{ outcome: 'failed' }, labels.failed],
            ]
          : [],
      ),
    ),
    family(
      'blinkup_station_rig_up',
      'gauge',
      'Whether the rig is open.',
      each(({ activity: { state } }) => [[{}, state === 'opening' || state === 'lost' ? 0 : 1]]),
    ),
    family(
      'blinkup_station_rig_state',
      'gauge',
      'What the rig does now: 1 for that.',
      each(({ activity }) => STATES.map((state) => [{ state }, state === activity.state ? 1 : 0])),
    ),
    family(
      'blinkup_station_rig_state_start_time_seconds',
      'gauge',
      'Since when, since 1970.',
      each(({ sinceMs }) => [[{}, sinceMs / 1000]]),
    ),
    family(
      'blinkup_station_report_requests_total',
      'counter',
      'Requests to the endpoint for device reports, by the status of their answers.',
      [...reportAnswers].map(([status, count]) => [{ station, status }, count]),
    ),
  ].join('')
}

function family(name: string, type: string, help: string, samples: readonly Sample[]): string {
  const lines = samples.map(([labels, value]) => {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapeLabel(text)}"`)
    return `${name}{${pairs.join(',')}} ${value}\n`
  })
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`
}

const escapeLabel = (text: string | number): string =>
  String(text).replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
