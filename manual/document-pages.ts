import type { DocumentName, LineName } from '../src/report/documents.js'

/** What the page about JSON documents says of each beside its schema. */
export interface DocumentPage {
  /** A short name, which that of its example is, too. */
  readonly title: string
  readonly when: string
  /** What printed the example: a line of a shell. */
  readonly example: string
}

export const DOCUMENT_PAGES: Readonly<Record<DocumentName | LineName, DocumentPage>> = {
  'blinkup.encode/1': {
    title: 'encode',
    when: '`blinkup encode --format json` prints it for a message that it has made.',
    example: 'blinkup encode --ssid net --open --format json',
  },
  'blinkup.decode/2': {
    title: 'decode',
    when: '`blinkup decode --json` prints it when the file has ended, and on a fault in the file or Ctrl-C, when something was found before: else there is only an [error](#blinkuperror1).',
    example: 'blinkup capture --rig emulated --send --dummy --rate 142 | blinkup decode - --json',
  },
  'blinkup.send/2': {
    title: 'send',
    when: '`blinkup send --json` and `blinkup clear --json` print it when the light has ended, also when it came late.',
    example: 'blinkup send --rig emulated --dummy --rate 142 --json',
  },
  'blinkup.verify/1': {
    title: 'verify',
    when: '`blinkup verify --json` prints it when there is a verdict.',
    example: 'blinkup verify --rig emulated --dummy --rate 142 --grey 0.2 --json',
  },
  'blinkup.enroll/1': {
    title: 'enroll',
    when: '`blinkup enroll --json` prints it when the device has come, and whenever it fails after it has taken a token. Before that there is only an [error](#blinkuperror1).',
    example: 'blinkup enroll --fixture fixture.toml --ssid net --open --json',
  },
  'blinkup.aim/1': {
    title: 'aim',
    when: '`blinkup aim --json` prints it at its end: of what was seen last.',
    example: 'blinkup aim --rig emulated --seconds 2 --json',
  },
  'blinkup.doctor/1': {
    title: 'doctor',
    when: '`blinkup doctor --json` prints it when all has been looked at.',
    example: 'blinkup doctor --rig emulated --grey 0.2 --json',
  },
  'blinkup.bench-sweep/1': {
    title: 'bench-sweep',
    when: '`blinkup bench sweep --json` prints it at its end, and with what is known so far when it is broken off after its first point.',
    example:
      'blinkup bench sweep --rig emulated --rates 250..400/3 --message-bytes 20 --margin 1 --confirm-rate 0.6 --json',
  },
  'blinkup.firmware/1': {
    title: 'firmware',
    when: '`blinkup firmware info --json` prints it.',
    example: 'blinkup firmware info --json',
  },
  'blinkup.bench-soak/1': {
    title: 'bench-soak',
    when: '`blinkup bench soak --json` and `blinkup verify --repeat N --json` print it at their end, also when the rig was lost or a signal ended them.',
    example: 'blinkup bench soak --rig emulated --dummy --rate 142 --repeat 2 --json',
  },
  'blinkup.bench-compare/1': {
    title: 'bench-compare',
    when: '`blinkup bench compare --json` prints it when both documents have been read.',
    example:
      'for grey in 0.52 0.2; do blinkup verify --rig emulated --dummy --rate 142 --grey $grey --json > $grey.json; done; blinkup bench compare 0.52.json 0.2.json --json',
  },
  'blinkup.bench-timing/1': {
    title: 'bench-timing',
    when: '`blinkup bench timing --json` prints it when all has been timed.',
    example:
      'blinkup bench timing --rig emulated --rate 142 --duration 2 --limit tie-rms-us=1 --json',
  },
  'blinkup.station-report/1': {
    title: 'station-report',
    when: '`blinkup station report --json` prints it.',
    example: 'blinkup station report --database records.db --json',
  },
  'blinkup.error/1': {
    title: 'error',
    when: 'Every command to which `--json` or `--format json` is given prints it when it fails before it has a document of its own.',
    example: 'blinkup send --fixture nosuch.toml --dummy --json',
  },
  'blinkup.dut/1': {
    title: 'dut',
    when: '`blinkup dut --json` prints a line of it for whatever happens.',
    example:
      'blinkup capture --rig emulated --send --dummy --rate 142 | blinkup dut - --seconds 5 --json',
  },
  'blinkup.fixture/1': {
    title: 'fixture',
    when: '`blinkup fixture --json` prints a line of it for whatever happens.',
    example: 'blinkup fixture --rig emulated --seconds 1 --json',
  },
  'blinkup.cloud/1': {
    title: 'cloud',
    when: '`blinkup cloud --json` prints a line of it for whatever happens.',
    example: 'timeout 3 blinkup cloud --fixture-id 5000020000000001 --json | head -n 1',
  },
  'blinkup.tune/1': {
    title: 'tune',
    when: '`blinkup tune --json` prints one line of it when its page can be opened.',
    example: 'timeout 3 blinkup tune --rig emulated --json | head -n 1',
  },
  'blinkup.station-cycle/1': {
    title: 'station-cycle',
    when: '`blinkup station` tells it its broker, at `blinkup/STATION/cycle`, when a cycle has ended.',
    example: "mosquitto_sub -t 'blinkup/+/cycle' -C 1",
  },
  'blinkup.station-result/1': {
    title: 'station-result',
    when: '`blinkup station` tells it its broker, at `blinkup/STATION/result`, when a device has told something outside of a cycle that goes on.',
    example: "mosquitto_sub -t 'blinkup/+/result' -C 1",
  },
  'blinkup.station-state/1': {
    title: 'station-state',
    when: '`blinkup station` tells it its broker, at `blinkup/STATION/state`, at each change; the broker keeps the newest, and tells it itself when the station is away.',
    example: "mosquitto_sub -t 'blinkup/+/state' -C 1",
  },
}
