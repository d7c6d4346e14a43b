import { simulateChannel } from '../../src/channel/index.js'
import { modulate } from '../../src/modulation/index.js'
import { encodePacket } from '../../src/packet/index.js'
import type { ReadOptions } from '../../src/recording/recording.js'

/** What all files of this module hold. */
export const PACKET = encodePacket({ ssid: 'n' })
const SEQUENCE = modulate(PACKET)
const SYMBOL_RATE_HZ = 60
const LIGHT = simulateChannel(SEQUENCE.levels, {
  sampleRateHz: 200,
  noiseRms: 0.004,
  startS: 0.3,
  afterS: 0.4,
})
const STEP_S = 1 / 200

interface Row {
  readonly n: number
  /** Of the sample, the first one at 1 s before zero. */
  readonly s: number
  /** 0.2 to 2.8. */
  readonly volts: number
  /** Of a second channel, which sees nothing. */
  readonly other: number
  readonly counts: number
}
const ROWS: readonly Row[] = Array.from(LIGHT.levels, (level, n) => {
  const volts = 0.2 + 2.6 * level
  const other = 0.02 + 0.002 * (n % 3)
  return { n, s: n * STEP_S - 1, volts, other, counts: Math.round(1023 * (volts / 3.3)) }
})

const rows = (line: (row: Row) => string, end = '\n'): string =>
  ROWS.map((row) => line(row) + end).join('')
const e = (value: number, digits = 4): string => value.toExponential(digits)

/** A wave of a few levels as its changes: time and symbol, 0 to 2. */
const CHANGES = Array.from(SEQUENCE.levels, (level, n) => ({ n, level })).filter(
  ({ n, level }) => n === 0 || level !== SEQUENCE.levels[n - 1],
)
const changes = (line: (s: number, level: number) => string): string =>
  CHANGES.map(({ n, level }) => `${line(0.1 + n / SYMBOL_RATE_HZ, level)}\n`).join('')

/** The changes of a line with PWM, of which grey has a half. */
function pwm(line: (s: number, high: 0 | 1) => string): string {
  const periodS = 1 / 480
  const perSymbol = Math.round(1 / SYMBOL_RATE_HZ / periodS)
  let high: 0 | 1 = 0
  const lines = [line(0, 0)]
  for (const [n, level] of SEQUENCE.levels.entries()) {
    for (let period = 0; period < perSymbol; period++) {
      const s = 0.1 + n / SYMBOL_RATE_HZ + period * periodS
      const isOn = level > 0 ? 1 : 0
      if (isOn !== high) lines.push(line(s, isOn))
      high = isOn
      if (level === 1) {
        lines.push(line(s + periodS / 2, 0))
        high = 0
      }
    }
  }
  return `${lines.join('\n')}\n`
}

const bcd = (s: number): string => {
  const [minutes, seconds] = [Math.floor(s / 60), s % 60]
  return `${String(minutes).padStart(2, '0')}:${seconds.toFixed(3).padStart(6, '0')}`
}

export interface InstrumentFile {
  readonly text: string
  /** Of the channel with the light; of the first where it is not said. */
  readonly channel?: string
  readonly unit?: string
  readonly options?: ReadOptions
  /** Logic lines that are lit for white and for grey. */
  readonly lines?: readonly [white: string, grey: string]
}

/** One message as instruments and programs write it (docs/recordings.md). */
export const INSTRUMENT_FILES: Readonly<Record<string, InstrumentFile>> = {
  'Rigol DS1000Z, two channels': {
    text: `X,CH1,CH2,Start,Increment,\r\nSequence,Volt,Volt,${e(-1)},${e(STEP_S)}\r\n${rows(({ n, volts, other }) => `${n},${e(other)},${e(volts)},`, '\r\n')}`,
    channel: 'CH2',
    unit: 'V',
  },
  'Rigol DS1000E, two channels': {
    text: `X,CH1,CH2,\r\nSecond,Volt,Volt,\r\n${rows(({ s, volts, other }) => `${e(s)},${e(other)},${e(volts)},`, '\r\n')}`,
    channel: 'CH2',
    unit: 'V',
  },
  'Rigol DS1000E, deep memory': {
    text: `"Number of Data points =",${ROWS.length},\n"Time Scale (s/DIV) =",1,\n"Sampling Frequency (Hz)=",200,\n"Trigger Mode = ",0,\n"Channel Data","CH 1","CH 2"\n"Attenuation = ",10,1\n${rows(({ volts, other }) => `${other.toFixed(3)},${volts.toFixed(3)}`)}`,
    channel: 'CH 2',
  },
  'Rigol MSO5000, memory': {
    text: `CH1(V),t0 = -1.00e+00s, tInc = ${e(STEP_S)}s,\n${rows(({ volts }) => `${volts.toFixed(4)},`)}`,
    channel: 'CH1',
    unit: 'V',
  },
  'Rigol DHO, screen': {
    text: `Time(s),CH1(V)\n${rows(({ s, volts }) => `${s.toFixed(4)},${volts.toFixed(3)}`)}`,
    channel: 'CH1',
    unit: 'V',
  },
  'Siglent SDS1000X-E': {
    text: `Record Length,Analog:${ROWS.length},\nSample Interval,Analog:${e(STEP_S)},\nVertical Units,CH1:V,,\nVertical Scale,CH1:0.50,,\nHorizontal Units,s,\nHorizontal Scale,1.0,\nModel Number,SDS1104X-E,\nSource,CH1\nSecond,Volt\n${rows(({ s, volts }) => `${e(s)},${e(volts)}`)}`,
    unit: 'V',
  },
  'Siglent SDS, source above': {
    text: `Source,CH1\nSecond,Volt\n${rows(({ s, volts }) => `${s.toFixed(5)},${volts.toFixed(5)}`)}`,
    unit: 'V',
  },
  'Tektronix TDS, two settings of three cells': {
    text: ROWS.map(({ s, volts }, n) => {
      const settings = [
        'Record Length,2.500000e+03',
        'Sample Interval,5.000000e-03',
        'Trigger Point,0.000000000000e+00',
        ',',
        'Source,CH1',
        'Vertical Units,V',
        'Firmware Version,FV:v24.26',
      ]
      return `${settings[n] ?? ','},,${s.toFixed(5).padStart(9)},  ${volts.toFixed(4)},\r\n`
    }).join(''),
  },
  'Tektronix MDO': {
    text: `Model,MDO3024\nFirmware Version,1.26\n\nWaveform Type,ANALOG\nPoint Format,Y\nHorizontal Units,s\nHorizontal Scale,0.4\nHorizontal Delay,0\nSample Interval,${e(STEP_S)}\nRecord Length,${ROWS.length}\nGating,0.0% to 100.0%\nProbe Attenuation,10\nVertical Units,V\nVertical Offset,0\nVertical Scale,0.5\nVertical Position,-2.5\n,\n,\n,\nLabel,\nTIME,CH1\n${rows(({ s, volts }) => `${e(s, 6)},${volts.toFixed(3)}`)}`,
    channel: 'CH1',
  },
  'Keysight, two channels': {
    text: `x-axis,1,2\nsecond,Volt,Volt\n${rows(({ s, volts, other }) => `${e(s)},${e(other)},${e(volts)}`)}`,
    channel: '2',
    unit: 'V',
  },
  LeCroy: {
    text: `LECROYWS424,12345,Waveform\nSegments,1,SegmentSize,${ROWS.length}\nSegment,TrigTime,TimeSinceSegment1\n#1,01-Jan-2026 12:00:00,0\nTime,Ampl\n${rows(({ s, volts }) => `${s.toFixed(8)},${volts.toFixed(5)}`)}`,
    channel: 'Ampl',
  },
  'Rohde & Schwarz RTB, two channels': {
    text: `in s,C1 in V,C2 in V\n${rows(({ s, volts, other }) => `${e(s).toUpperCase()},${e(volts).toUpperCase()},${e(other).toUpperCase()}`)}`,
    channel: 'C1',
    unit: 'V',
  },
  'OWON HDS': {
    text: `Channel :,CH1\nFrequency :,F=0.0Hz\nTime interval :,5000uS\n${rows(({ n, volts }) => `${n + 1},${(1000 * volts).toFixed(2)}`)}`,
  },
  'PicoScope, beyond its range': {
    text: `Time,Channel A\n(ms),(V)\n\n${rows(({ s, volts }) => `${(1000 * s).toFixed(5)},${volts > 2.2 ? '∞' : volts.toFixed(5)}`)}`,
    channel: 'Channel A',
    unit: 'V',
  },
  'Digilent WaveForms, two channels': {
    text: `#Digilent WaveForms Oscilloscope Acquisition\n#Device Name: Discovery2\n#Date Time: 2026-01-02 03:04:05.600\n#Sample rate: 200Hz\n#Trigger: Source: None\n\nTime (s),Channel 1 (V),Channel 2 (V)\n${rows(({ s, volts, other }) => `${s},${other},${volts}`)}`,
    channel: 'Channel 2',
    unit: 'V',
  },
  'ADALM2000 Scopy': {
    text: `;Scopy version,abcdef0\n;Exported on,Fri Jan 2 03:04:05 2026\n;Device,M2K\n;Nr of samples,${ROWS.length}\n;Sample rate,200\n;Tool,Oscilloscope\n;Additional Information,\nSample,Time(S),CH1(V)\n${rows(({ n, s, volts }) => `${n},${s},${volts}`)}`,
    channel: 'CH1',
    unit: 'V',
  },
  'Saleae Logic 2, with the trigger': {
    text: `Trigger [s],Time [s],Ch0,Ch1\n${rows(({ s, volts, other }) => `${(s + 0.5).toFixed(9)},${(s + 1).toFixed(9)},${other.toFixed(5)},${volts.toFixed(5)}`)}`,
    channel: 'Ch1',
  },
  'Saleae Logic 2, dates': {
    text: `Time [s],Channel 0\n${rows(({ s, volts }) => `${new Date(Date.UTC(2026, 10, 29, 23, 59, 58) + 1000 * s).toISOString().slice(0, -1)}000000+00:00,${volts}`)}`,
  },
  'Saleae Logic 2, digital with PWM': {
    text: `Time [s],LED\n${pwm((s, high) => `${s.toFixed(9)},${high}`)}`,
    channel: 'LED',
  },
  'Saleae Logic 2, digital, both lines': {
    text: `Time [s],white,grey\n${changes((s, level) => `${s.toFixed(9)},${level === 2 ? 1 : 0},${level > 0 ? 1 : 0}`)}`,
    lines: ['white', 'grey'],
  },
  'DSView logic': {
    text: `; CSV, generated by libsigrok4DSL 0.2.0 on Fri Jan 02 03:04:05 2026\n; Channels (1/16)\n; Sample rate: 1 MHz\n; Sample count: 12.4 M Samples\nTime(s), 3\n${pwm((s, high) => `${s.toPrecision(15)},${high}`)}`,
    channel: '3',
  },
  'DSView scope': {
    text: `; CSV, generated by libsigrok4DSL 0.2.0 on Fri Jan 02 03:04:05 2026\n; Channels (1/2)\n; Sample rate: 200 Hz\nCH0 (mV)\n${rows(({ volts }) => (1000 * volts).toFixed(1))}`,
    channel: 'CH0',
    unit: 'mV',
  },
  'sigrok-cli, without times': {
    text: `; CSV generated by libsigrok 0.5.2\n; from Session-emulating driver on Fri Jan  2 03:04:05 2026\n; Channels (2/2): Trigger, Photodiode\n; Samplerate: 200 Hz\n${rows(({ other }) => `Trigger: ${other.toFixed(2)} V DC`)}V DC,V DC\n${rows(({ volts, other }) => `${other.toFixed(3)},${volts.toFixed(6)}`)}`,
    channel: 'Photodiode',
    unit: 'V',
  },
  'sigrok-cli, with times and names': {
    text: `; CSV generated by libsigrok 0.5.2\n; Channels (1/1): A0\n; Samplerate: 200 Hz\nTime,A0\n${rows(({ n, volts }) => `${(n + 1) * 5000},${volts.toFixed(6)}`)}`,
    channel: 'A0',
  },
  'sigrok-cli, logic': {
    text: `; CSV generated by libsigrok 0.5.2\n; Channels (2/2): white, grey\n; Samplerate: 8 kHz\nmicroseconds,logic,logic\n${changes((s, level) => `${Math.round(s * 8000) * 125},${level === 2 ? 1 : 0},${level > 0 ? 1 : 0}`)}`,
    lines: ['white', 'grey'],
  },
  'sigrok-cli, logic at each sample': {
    text: `; CSV generated by libsigrok 0.5.2\n; Channels (3/3): white, grey, unused\n; Samplerate: 8 kHz\nlogic,logic,logic\n${'0,0,0\n'.repeat(1000)}${Array.from(SEQUENCE.levels, (level) => `${level === 2 ? 1 : 0},${level > 0 ? 1 : 0},0\n`.repeat(133)).join('')}`,
    lines: ['white', 'grey'],
  },
  'LTspice, at its own times': {
    text: `time\tV(a)\tI(R1)\r\n${rows(({ n, s, volts, other }) => `${e(s + (n % 2) * 0.0005, 15)}\t${e(volts, 6)}\t${e(other, 6)}`, '\r\n')}`,
    channel: 'V(a)',
    unit: 'V',
  },
  'ngspice wrdata, two vectors': {
    text: rows(
      ({ s, volts, other }) => ` ${e(s + 1, 8)}  ${e(other, 8)}  ${e(s + 1, 8)}  ${e(volts, 8)} `,
    ),
    channel: 'channel 2',
  },
  'numpy savetxt with a header': {
    text: `# time_s level\n${rows(({ s, volts }) => `${e(s, 18)} ${e(volts, 18)}`)}`,
    channel: 'level',
  },
  'pandas, with gaps': {
    text: `,time_s,light\n${rows(({ n, s, volts }) => `${n},${s},${n % 97 === 50 ? '' : volts}`)}`,
    channel: 'light',
  },
  'Excel in German': {
    text: `Zeit (ms);Licht (V);Trigger\r\n${rows(({ s, volts }) => `${(1000 * s).toFixed(2)};${volts.toFixed(4)};0,5`.replaceAll('.', ','), '\r\n')}`,
    channel: 'Licht',
    unit: 'V',
  },
  'tabs and decimal commas': {
    text: `t [s]\tU [V]\n${rows(({ s, volts }) => `${s.toFixed(3)}\t${volts.toFixed(4)}`.replaceAll('.', ','))}`,
    channel: 'U',
    unit: 'V',
  },
  'Audacity Sample Data Export': {
    text: `Sample Rate: 200 Hz. Sample values on linear scale.\n${rows(({ volts }) => (volts / 3.3 - 0.5).toFixed(5))}`,
  },
  'Arduino plotter': {
    text: rows(({ counts }) => `light:${counts}`, '\r\n'),
    channel: 'light',
    options: { sampleRateHz: 200 },
  },
  'Arduino plotter, two values': {
    text: rows(({ counts, other }) => `dark:${other.toFixed(2)},light:${counts}`, '\r\n'),
    channel: 'light',
    options: { sampleRateHz: 200 },
  },
  'Arduino IDE with timestamps, over midnight': {
    text: rows(({ s, counts }) => {
      const inDay = (86_400 + s + 0.5) % 86_400
      return `${String(Math.floor(inDay / 3600)).padStart(2, '0')}:${bcd(inDay % 3600)} -> ${counts}`
    }),
  },
  'a sketch that greets and prints millis': {
    text: `\r\nHello from sketch\r\nready\r\n${rows(({ s, counts }) => `${Math.round(1000 * (s + 1))},${counts}`, '\r\n')}`,
    options: { timeUnitS: 1e-3 },
  },
  'a header again in the middle, and a footer': {
    text: `time_s,level\n${rows(({ n, s, volts }) => `${n % 100 === 99 ? 'time_s,level\n' : ''}${s.toFixed(4)},${volts / 3.3}`)}# end of capture\n`,
    channel: 'level',
  },
  'comments of another kind, quotes, and commas at the ends': {
    text: `% bench 3\n"time (s)","light (V)",\n${rows(({ s, volts }) => `"${s.toFixed(4)}" , "${volts.toFixed(3)}",`)}`,
    channel: 'light',
    unit: 'V',
  },
  'LabVIEW, times by their steps': {
    text: `LabVIEW Measurement\t\nSeparator\tTab\nDate\t2026/01/02\nTime\t03:04:05.6789\n***End_of_Header***\t\t\n\t\t\nChannels\t1\t\nSamples\t${ROWS.length}\t\nX0\t-1.0\t\nDelta_X\t0.005000\t\n***End_of_Header***\t\t\nX_Value\tVoltage\tComment\n${rows(({ volts }) => `\t${volts.toFixed(6)}\t`, '\r\n')}`,
    channel: 'Voltage',
  },
  'ngspice print, in pages': {
    text: ROWS.map(({ n, s, volts }) => {
      const rule = '-'.repeat(80)
      const head = `   light of a led\n   Transient Analysis  Fri Jan  2 03:04:05  2026\n${rule}\nIndex   time            v(light)        \n${rule}\n`
      return `${n % 57 === 0 ? head : ''}${n}\t${e(s, 6)}\t${e(volts, 6)}\t\n`
    }).join(''),
    channel: 'v(light)',
    unit: 'V',
  },
  'a photocurrent without a name': {
    text: rows(({ s, volts }) => ` ${e(s, 8)}  ${e(-1e-6 * (3 - volts), 8)} `),
  },
  'decimal commas in quotes': {
    text: `"Zeit (s)","Licht (V)"\n${rows(({ s, volts }) => `"${s.toFixed(3)}","${volts.toFixed(4)}"`.replaceAll('.', ','))}`,
    channel: 'Licht',
    unit: 'V',
  },
  'a spreadsheet with a mark between thousands': {
    text: `\ufeffsep=;\r\nZeit (ms);Licht (mV)\r\n${rows(({ s, volts }) => [1000 * s, 1000 * volts].map((value) => value.toLocaleString('de', { minimumFractionDigits: 2 })).join(';'), '\r\n')}`,
    channel: 'Licht',
    unit: 'mV',
  },
  'dates of a spreadsheet, over noon': {
    text: `Time,Light\n${rows(({ s, volts }) => `1/2/2026 ${s < 0 ? 11 : 12}:${bcd((3600 + s) % 3600)} ${s < 0 ? 'AM' : 'PM'},${volts}`)}`,
    channel: 'Light',
  },
  'a day, a time and a device in columns': {
    text: `Device;Date;Time;Light\n${rows(({ s, volts }) => `one;02.01.2026;03:${bcd(60 + s)};${volts.toFixed(4)}`.replaceAll('.', ','))}`,
    channel: 'Light',
  },
  'values with units of their own': {
    text: `Time,Light\n${rows(({ s, volts }) => `${s < 0 ? `${(1000 * s).toFixed(1)} ms` : `${s.toFixed(4)}s`},${volts < 1 ? `${(1000 * volts).toFixed(1)} mV` : `${volts.toFixed(4)} V`}`)}`,
    channel: 'Light',
    unit: 'V',
  },
  'hexadecimal counts, in minutes': {
    text: `Time (min);ADC\n${rows(({ s, counts }) => `${s / 60};0x${counts.toString(16)}`)}`,
    channel: 'ADC',
  },
  'a serial monitor with times in brackets': {
    text: rows(({ s, counts }) => `[2026-01-02 03:${bcd(60 + s)}] light: ${counts}`, '\r\n'),
    channel: 'light',
  },
  'the monitor of ESP-IDF': {
    text: rows(
      ({ s, counts }) => `\u001b[0;32mI (${Math.round(1000 * s) + 1300}) adc: ${counts}\u001b[0m`,
    ),
    channel: 'adc',
  },
  'tuples of MicroPython': {
    text: `MPY: soft reboot\r\n${rows(({ s, counts }) => `(${Math.round(1000 * s)}, ${counts})`, '\r\n')}`,
    options: { timeUnitS: 1e-3 },
  },
  'InfluxDB CSV': {
    text: `#datatype,string,long,dateTime:RFC3339,dateTime:RFC3339,double,string\n,result,table,_start,_time,_value,_field\n${rows(({ s, volts }) => `,,0,2026-01-02T03:04:00Z,2026-01-02T03:${bcd(60 + s)}Z,${volts},light`)}`,
    channel: '_value',
  },
  'an index that is no time': {
    text: `Sample rate: 200 Hz\nindex;value\n${rows(({ n, counts }) => `${n};${counts}`)}`,
    channel: 'value',
  },
  'our own symbols, at their times': {
    text: `time_s,symbol\n${Array.from(SEQUENCE.levels, (level, n) => `${(n / SYMBOL_RATE_HZ).toFixed(6)},${level}\n`).join('')}`,
    channel: 'symbol',
  },
  'our own edges': {
    text: `time_s,high\n${pwm((s, high) => `${s.toFixed(7)},${high}`)}`,
    channel: 'high',
  },
}
