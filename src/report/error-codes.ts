import type { ModulationErrorCode } from '../modulation/errors.js'
import type { ConfigErrorCode, PacketErrorCode } from '../packet/index.js'
import type { RecordingErrorCode } from '../recording/errors.js'
import type { RigErrorCode } from '../rig/errors.js'

/** Of an error of what stands below: its family, which tells what is at fault, and its own code. */
type LowerFamilyCode =
  | `rig.${RigErrorCode}`
  | `credentials.${ConfigErrorCode}`
  | `packet.${PacketErrorCode}`
  | `symbols.${ModulationErrorCode}`
  | `recording.${RecordingErrorCode}`

/** Of an error of a command itself. */
export type CommandCode =
  | 'check-failed'
  | 'usage'
  | 'credentials.file'
  | 'no-document'
  | 'nothing-to-keep'
  | 'no-input'
  | 'missing-tool'
  | 'bug'
  | 'not-loaded'
  | 'system'
  | 'output'
  | 'input-output'
  | 'fixture'
  | 'interrupted'

/** Of what stands above, which has its codes from the table. */
type UpperFamilyCode =
  | `enrollment.${string}`
  | `factory.${string}`
  | `records.${string}`
  | `plant.${string}`

interface ErrorCase {
  /** What the command ends with; on a signal 128 and its number. */
  readonly exitCode: number | '128 + n'
  /** The end of "it ends so when …". */
  readonly when: string
}

/** Every code of an error, with what the command ends with and when. */
export const ERRORS = {
  'check-failed': { exitCode: 1, when: 'what was looked at is not as it should be' },
  usage: { exitCode: 64, when: 'the command line is wrong' },
  'nothing-to-keep': {
    exitCode: 65,
    when: 'a file was asked for, and there is no message that it could hold',
  },
  'no-document': { exitCode: 65, when: 'a file is not the JSON document that is needed' },
  'no-input': { exitCode: 66, when: 'an input cannot be read' },
  'missing-tool': { exitCode: 69, when: 'another program cannot do its work' },
  bug: { exitCode: 70, when: 'blinkup itself is wrong' },
  'not-loaded': { exitCode: 70, when: 'a file of blinkup is missing or damaged' },
  system: { exitCode: 71, when: 'the system has no files, memory or processes left' },
  output: { exitCode: 74, when: 'an output cannot be written, or is not read' },
  'input-output': { exitCode: 74, when: 'the system refuses something else' },
  fixture: { exitCode: 78, when: 'a fixture file is wrong' },
  interrupted: { exitCode: '128 + n', when: 'signal n ended it: 129, 130 or 143' },

  'credentials.file': { exitCode: 65, when: 'a file with what to send cannot be understood' },
  'credentials.type': { exitCode: 65, when: 'a setting is of another type' },
  'credentials.unknown-key': { exitCode: 65, when: 'there is no such setting' },
  'credentials.missing': { exitCode: 65, when: 'a setting lacks one that belongs to it' },
  'credentials.encoding': { exitCode: 65, when: 'a setting is not well-formed Unicode' },
  'credentials.length': { exitCode: 65, when: 'a setting is too short or too long' },
  'credentials.format': { exitCode: 65, when: 'a setting is not of its form' },
  'credentials.range': { exitCode: 65, when: 'a number is out of its range' },
  'credentials.nonstandard': { exitCode: 65, when: 'IEEE 802.11 does not allow the password' },
  'credentials.unreachable': { exitCode: 65, when: 'an address cannot be reached (--strict)' },
  'credentials.conflict': { exitCode: 65, when: 'settings exclude each other' },
  'credentials.empty': { exitCode: 65, when: 'there is nothing to send' },
  'credentials.too-long': { exitCode: 65, when: 'all settings together do not fit in a packet' },

  'packet.length': { exitCode: 65, when: 'the length byte does not fit the bytes' },
  'packet.crc': { exitCode: 65, when: 'the CRC does not fit the bytes' },
  'packet.tlv-truncated': { exitCode: 65, when: 'a TLV runs beyond the packet' },
  'packet.tlv-length': { exitCode: 65, when: 'a TLV has a length that its type cannot have' },
  'packet.tlv-duplicate': { exitCode: 65, when: 'a TLV is there twice' },
  'packet.utf8': { exitCode: 65, when: 'a text is not UTF-8' },
  'packet.clear-not-alone': { exitCode: 65, when: 'there is more beside the order to clear' },

  'symbols.no-marker': { exitCode: 65, when: 'the symbols have no marker' },
  'symbols.not-clocked': { exitCode: 65, when: 'a symbol is lit that must be black' },
  'symbols.truncated': { exitCode: 65, when: 'the symbols end within the packet' },
  'symbols.lit-tail': { exitCode: 65, when: 'a symbol is lit after the packet' },
  'symbols.bad-character': { exitCode: 65, when: 'a character is none of 0, 1 and 2' },

  'recording.empty': { exitCode: 65, when: 'a capture has no samples' },
  'recording.encoding': { exitCode: 65, when: 'a capture is not text in UTF-8' },
  'recording.format': { exitCode: 65, when: 'a capture is not in its form' },
  'recording.unit': { exitCode: 65, when: 'a capture does not tell the unit of its times' },
  'recording.rate': { exitCode: 65, when: 'a capture tells neither times nor a sample rate' },
  'recording.range': { exitCode: 65, when: 'a time, level or rate of a capture cannot be' },
  'recording.order': { exitCode: 65, when: 'times of a capture do not increase' },
  'recording.damaged': { exitCode: 65, when: 'an archive is not whole' },
  'recording.channel': {
    exitCode: 65,
    when: 'a capture has no such channel, or more than can be tried',
  },
  'recording.too-large': { exitCode: 65, when: 'a capture is larger than can be read' },

  'factory.not-public': {
    exitCode: 65,
    when: 'a firmware makes a call of which nothing is public',
  },
  'factory.wrong-role': { exitCode: 65, when: "a firmware makes a call of another role's" },
  'factory.wrong-argument': {
    exitCode: 65,
    when: 'a firmware makes a call with what it does not take',
  },
  'factory.not-a-fixture': {
    exitCode: 69,
    when: 'the server does not know the device as a fixture',
  },
  'factory.unreachable': {
    exitCode: 69,
    when: "nothing answers at the server's address, or something else does",
  },
  'factory.refused': { exitCode: 69, when: "the server's answer is no" },
  'factory.no-firmware': { exitCode: 66, when: 'a firmware cannot be loaded, or is none' },
  'factory.locked': { exitCode: 75, when: 'another program has the state file, or the port' },
  'factory.damaged': { exitCode: 65, when: 'the state file is none, or not as it was written' },

  'records.not-loaded': { exitCode: 70, when: 'what writes records is missing or damaged' },
  'records.missing': { exitCode: 66, when: "there is no file of a station's records" },
  'records.locked': { exitCode: 75, when: 'another program has the records' },
  'records.damaged': { exitCode: 65, when: 'a file is none of records, or not as it was written' },
  'records.newer': { exitCode: 65, when: 'a later version has written the records' },
  'records.older': { exitCode: 65, when: 'an earlier version has, and they are only read' },
  'records.foreign': { exitCode: 78, when: 'the records are those of another station' },
  'records.full': { exitCode: 74, when: 'there is no room for records' },
  'records.unwritable': {
    exitCode: 74,
    when: 'the system refuses to write records, or to read them',
  },

  'plant.unreachable': {
    exitCode: 69,
    when: "nothing answers at the address of the plant's database or broker, or something else does",
  },
  'plant.refused': { exitCode: 69, when: "the answer of the plant's database or broker is no" },
  'plant.broken-off': {
    exitCode: 74,
    when: "the connection with the plant's database or broker has ended, or cannot go on",
  },
  'plant.missing': { exitCode: 66, when: "the plant's database has no records of stations" },
  'plant.newer': {
    exitCode: 65,
    when: "a later version has made the tables of the plant's database",
  },

  'rig.misconfigured': { exitCode: 78, when: "the rig's configuration is wrong" },
  'rig.not-loaded': { exitCode: 70, when: 'what this kind of rig needs is missing or damaged' },
  'rig.missing': {
    exitCode: 69,
    when: 'there is no such device, or no program that is needed for it',
  },
  'rig.ambiguous': { exitCode: 69, when: 'it may be one of several devices' },
  'rig.forbidden': { exitCode: 69, when: 'there is no permission to open the device' },
  'rig.locked': { exitCode: 75, when: 'another program has the device' },
  'rig.no-answer': { exitCode: 69, when: 'nothing sensible comes back' },
  'rig.foreign': { exitCode: 69, when: 'it is another device or firmware' },
  'rig.refused': { exitCode: 69, when: 'the device refuses what it is asked' },
  'rig.damaged': { exitCode: 74, when: 'what arrived, or was written, is not what was sent' },
  'rig.unplugged': { exitCode: 74, when: 'the connection ended' },
  'rig.reset': { exitCode: 74, when: 'the device restarted by itself' },
  'rig.broken-off': { exitCode: 74, when: 'the light was not what was asked for' },
  'rig.may-be-lit': { exitCode: 74, when: 'nothing says that the LED is dark' },
  'rig.too-long': { exitCode: 65, when: 'there are more symbols than the device holds' },

  'enrollment.misconfigured': { exitCode: 78, when: "the server's URL, CA or plan ID is none" },
  'enrollment.key-missing': { exitCode: 64, when: 'there is no API key' },
  'enrollment.bad-key': { exitCode: 65, when: 'the server does not know the API key' },
  'enrollment.forbidden': { exitCode: 65, when: 'the API key may not enroll devices' },
  'enrollment.bad-request': { exitCode: 65, when: 'the server refuses the plan ID' },
  'enrollment.token-unknown': { exitCode: 65, when: 'the server does not know the token' },
  'enrollment.rate-limited': { exitCode: 75, when: 'the server is asked too often' },
  'enrollment.server-error': { exitCode: 69, when: 'the server has a fault' },
  'enrollment.unreachable': { exitCode: 69, when: 'no answer of the server came' },
  'enrollment.untrusted': { exitCode: 69, when: "the server's certificate is not trusted" },
  'enrollment.not-understood': { exitCode: 69, when: 'what answers is no enrollment server' },
  'enrollment.no-device': { exitCode: 124, when: 'no device has come in time' },
  'enrollment.not-public': { exitCode: 78, when: 'it is not public how to ask for the device' },
} as const satisfies Readonly<Record<LowerFamilyCode | CommandCode, ErrorCase>> &
  Readonly<Record<UpperFamilyCode, ErrorCase>>

export type ErrorCode = keyof typeof ERRORS
export type FamilyCode = Extract<ErrorCode, LowerFamilyCode | UpperFamilyCode>
