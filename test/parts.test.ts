import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createContext, runInContext } from 'node:vm'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Run } from './helpers/blinkup.js'
import { scriptsOf } from './helpers/loaded.js'

const PROJECT = fileURLToPath(new URL('..', import.meta.url))

/** What each part promises: its values; and its types. Whoever changes this changes what programs can rely on. */
const PARTS: Readonly<Record<string, readonly [values: string, types: string]>> = {
  packet: [
    'ConfigError PacketError crc16 decodePacket encodePacket maskPacketHex maskSecrets packetFields toHex validateConfig',
    'ConfigErrorCode DecodedConfig DeviceConfig EncodeOptions HttpProxy PacketErrorCode PacketField Settings StaticAddress UnknownTlv ValidConfig',
  ],
  modulation: [
    'BLACK DEFAULT_DIALECT DEFAULT_GREY_RATIO DIALECTS GREY MARKER ModulationError SYMBOLS_PER_BIT SYMBOLS_PER_BYTE WHITE demodulate formatSymbols modulate packetLengthBytes parseSymbols',
    'Dialect DialectFacts ModulateOptions ModulationErrorCode SymbolLevel SymbolSequence',
  ],
  receiver: [
    'LIGHT_LIMITS RECEPTION_FAILURES Receiver failureOf grade swingOf',
    'BadPacket BareSync Band Grade NoSync ReceivedLevels ReceivedMessage Reception ReceptionFailure SampleBlock SampleGap SignalQuality TimingSpread',
  ],
  channel: ['GOOD_CHANNEL seededRandom simulateChannel', 'Channel'],
  recording: [
    'CSV_HEADER FileDecoder RecentLight RecordingError csvLines decodeRecording readRecording receptionToSigrok receptionToVcd symbolsToVcd',
    'DecodeOptions Decoded DecodedSymbols FoundChannel LevelScale Light Measured ReadOptions RecordedChannel Recording RecordingSource Samples ValueBlock',
  ],
  rig: [
    'ClockMap HOST_CLOCK LateLightError PHOTODIODE_KINDS REMEDIES RIG_KINDS RigError SampleFanOut SupervisedRig UntimelyLightError checkRig completeConfig listRigs openRig',
    'BridgeConfig Check Clock ClockId CompleteConfig Edge EdgeInput EmulatedConfig Emitter GpioConfig LightPath PacingReport PartInfo Photodiode PhotodiodeConfig PhotodiodeInfo PhotodiodeKind PlayOptions PlayReport PwmConfig Remedy Rig RigConfig RigErrorCode RigErrorOptions RigInfo RigKind RigPlace RigState Scheduling SupervisedOptions',
  ],
  bench: [
    'AIM_ADVICE AIM_REMEDIES ALARMS Aiming FIGURES IMP_LISTENS_S Lattice PATTERNS RigPlayer SequentialTest TIMING_FAULTS ThreadPlayer Trend VERDICT_FAILURES captureEdges captureSamples checkLight compareRuns holdLevel judgeAim judgeFigures loopback makeMessage makePattern measureAmbientLight measureLightLevels measureTiming passRateInterval playAndSee soak soakFigures sweep',
    'AimVerdict AimView AmbientLight Asked CaptureOptions Change Comparison Figure FigureName HoldOptions JudgedFigure LightComparison LightLevels Limits LoopbackOptions LoopbackReport MeasureTimingOptions MeasuredRun MeasuredTiming Message MessageOptions Outcome Pattern Player PointResult PointSettings SampleCaptureOptions SeeOptions Seen SoakError SoakMessage SoakOptions SoakResult SoakTrend Soaked SweepAxis SweepOptions SweepProgress SweepQuestion SweepResult TestVerdict TimingFault TimingFaultName TrendBin TrendName Uncertain Verdict VerdictFailure',
  ],
  factory: [
    'CYCLE_REASONS CYCLE_STATES Cloud DEFAULT_ENROLLMENT_URL EnrollmentClient EnrollmentError FactoryBlinkUp FactoryError Imp Records RecordsError ReportEndpoint Station identityOf loadAgentFirmware loadDeviceFirmware memoryFile memoryOnly photodiodeLight recordedLight runAgent runDevice',
    'AgentApi AgentConfigParams AgentFirmware AgentImp AgentLink AgentServer AwaitDeviceOptions BlinkUpFlag Callback CloudEvent CloudOptions ConfigPart ConnectResult CycleEnd CycleRecord CycleState CycleSteps DateTable DeviceApi DeviceConfigParams DeviceFirmware DeviceIdentity DeviceImp DeviceLink DeviceReport DeviceServer EnrolledDevice Enrollment EnrollmentApi EnrollmentConfig EnrollmentErrorCode Environment FactoryBlinkUpOptions FactoryErrorCode FactoryLight FactoryLightOptions Hardware Http HttpCall HttpHeaders HttpRequest HttpResponder HttpResponse I2c I2cSpeed ImpEvent ImpOptions InputMode LabelPrinting LightSource Measurement NetInfo OutputMode Parity Pin PinName PollProgress ProxyType PwmMode RecordsErrorCode ReportEndpointOptions RigActivity RigSnapshot SendError SendErrorPolicy SendWait Spi StationOptions StationRig StationSnapshot StoredResult StoredSettings Timer TriggerKind Uart UartFlag WakeReasonConstant',
  ],
}
const PURE = ['packet', 'modulation', 'receiver', 'channel', 'recording']
/** What is loaded only when a rig or records are opened, ports are listed, or labels are printed. */
const LATE = ['serialport', '@serialport', 'avr8js', 'bwip-js', 'koffi', 'libsql', 'onoff']

let folder: string
/** A program's folder with the package installed in it as it is packed. */
let program: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'blinkup-'))
  program = join(folder, 'program')
  const modules = join(program, 'node_modules')
  await mkdir(join(modules, 'blinkup'), { recursive: true })
  // `npm test` has built it.
  const pack = ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder]
  execFileSync('npm', pack, { cwd: PROJECT, shell: process.platform === 'win32' })
  const [tarball = ''] = (await readdir(folder)).filter((name) => name.endsWith('.tgz'))
  execFileSync(
    'tar',
    ['-xzf', tarball, '-C', join('program', 'node_modules', 'blinkup'), '--strip-components=1'],
    { cwd: folder },
  )
  for (const name of await readdir(join(PROJECT, 'node_modules'))) {
    if (!name.startsWith('.')) {
      await symlink(join(PROJECT, 'node_modules', name), join(modules, name), 'junction')
    }
  }
  await writeFile(join(program, 'package.json'), '{ "type": "module" }')
})
afterAll(() => rm(folder, { recursive: true }))

/** A wrong call is an error in the editor. */
const FIRMWARE = `
  import type { AgentApi, DeviceApi } from 'blinkup/factory'
  export default function (api: DeviceApi): void {
    const { imp, server, hardware, agent, BLINKUP_FAST, BLINKUP_ACTIVEHIGH } = api
    server.factoryblinkup('net', '', hardware.pinM, BLINKUP_FAST | BLINKUP_ACTIVEHIGH)
    server.factoryblinkup('net', '', hardware.pinM, BLINKUP_FAST, 'apn')
    server.factoryblinkup('net', '', hardware.pinM, 0)
    // @ts-expect-error: another kind of constant
    server.factoryblinkup('net', '', hardware.pinM, api.CONFIG_WIFI)
    // @ts-expect-error: a number that is no flag
    server.factoryblinkup('net', '', hardware.pinM, 2)
    // @ts-expect-error: the flags are missing
    server.factoryblinkup('net', '', hardware.pinM)
    // @ts-expect-error: not in this order
    server.factoryblinkup('net', hardware.pinM, '', 0)
    // @ts-expect-error: no pin
    server.factoryblinkup('net', '', hardware.uart0, 0)
    // @ts-expect-error: there is no such pin on any imp
    hardware.pin3.read()
    server.bless(true, (isBlessed) => isBlessed && imp.clearconfiguration())
    // @ts-expect-error: without a callback
    server.bless(true)
    // @ts-expect-error: another kind of constant
    imp.clearconfiguration(BLINKUP_FAST)
    // @ts-expect-error: no constant
    imp.clearconfiguration('wifi')
    if ('factory_imp_device_id' in imp.configparams) server.log(imp.configparams.factory_imp_device_id)
    // @ts-expect-error: of an agent
    server.log(imp.configparams.factory_fixture_url)
    // @ts-expect-error: another kind of constant
    hardware.pinC.configure(api.PARITY_NONE)
    // @ts-expect-error: an output calls nothing back
    hardware.pinC.configure(api.DIGITAL_OUT, () => {})
    hardware.pinC.configure(api.DIGITAL_IN_PULLUP, () => {})
    // @ts-expect-error: another kind of constant
    if (hardware.wakereason() === api.ENVIRONMENT_AGENT) imp.deepsleepfor(1)
    // @ts-expect-error: two DNS servers at most
    imp.setstaticnetworkconfiguration('10.0.0.2', '255.0.0.0', '10.0.0.1', ['1', '2', '3'])
    // @ts-expect-error: of an agent
    agent.onconnect(() => {})
    // @ts-expect-error: of which type it is, is not known
    agent.on('a', (data) => data.name)
    agent.on<{ name: string }>('a', ({ name }) => void server.log(name))
    // @ts-expect-error: the values of constants are not for others
    const flag: typeof BLINKUP_FAST = 7
  }
  export async function agentFirmware({ device, http, ...api }: AgentApi): Promise<void> {
    const { statuscode } = await http.post('http://localhost', {}, http.jsonencode({})).sendsync()
    http.onrequest((request, response) => response.send(statuscode, request.body))
    // @ts-expect-error: the headers are missing
    http.post('http://localhost', '')
    // @ts-expect-error: of a device
    api.imp.clearconfiguration()
    // @ts-expect-error: of a device
    device.bless(true, () => {})
  }
`

const namesOf = (list: string): string[] => list.split(' ')

/** Runs JavaScript in the program's folder. */
const run = (name: string, code: string, env: NodeJS.ProcessEnv = process.env) =>
  writeFile(join(program, name), code).then(
    () => new Run(process.execPath, [name], { cwd: program, env }).ended,
  )

describe('the parts of the library', () => {
  test.each(Object.entries(PARTS))('blinkup/%s has these names', async (part, [values]) => {
    const code = `import * as part from 'blinkup/${part}'; console.log(Object.keys(part).join(' '))`
    expect(await run(`names-${part}.js`, code)).toEqual({
      exitCode: 0,
      stdout: `${values}\n`,
      stderr: '',
    })
  })

  test('blinkup has the names of most of them', async () => {
    const code = "import * as all from 'blinkup'; console.log(Object.keys(all).join(' '))"
    const values = ['packet', 'modulation', 'receiver', 'channel', 'rig'].flatMap((part) =>
      namesOf(PARTS[part]?.[0] ?? ''),
    )
    const { stdout } = await run('names.js', code)
    expect(namesOf(stdout.trim())).toEqual(
      [
        ...values,
        'VERDICT_FAILURES',
        'loopback',
        'measureAmbientLight',
        'measureLightLevels',
      ].sort(),
    )
  })

  test('no other file of the package is one', async () => {
    const code = "await import('blinkup/dist/packet/encode.js')"
    expect((await run('other.js', code)).stderr).toContain('ERR_PACKAGE_PATH_NOT_EXPORTED')
  })

  test('a program in TypeScript knows their types, and so do the examples of the pages', async () => {
    const uses = Object.entries(PARTS).map(
      ([part, [values, types]]) =>
        `export { ${values.replaceAll(' ', ', ')}, ${namesOf(types)
          .map((type) => `type ${type}`)
          .join(', ')} } from 'blinkup/${part}'`,
    )
    await writeFile(join(program, 'types.ts'), uses.join('\n'))
    await writeFile(
      join(program, 'wrong.ts'),
      `import { openRig, type RigConfig } from 'blinkup/rig'
       const config: RigConfig = { kind: 'gpio', whiteLine: 17, greyLine: 27, photodiode: { kind: 'adc' } }
       await openRig(config)
       // @ts-expect-error: of another kind
       await openRig({ kind: 'emulated', pin: 18 })
       // @ts-expect-error: a line is missing
       await openRig({ kind: 'gpio', whiteLine: 17 })`,
    )
    await writeFile(join(program, 'firmware.ts'), FIRMWARE)
    const examples = [
      ...(await readmeExamples()),
      ...(await examplesOf('docs/factory.md')),
      ...(await examplesOf('docs/from-squirrel.md')),
    ]
    for (const [i, code] of examples.entries())
      await writeFile(join(program, `example-${i}.ts`), code)
    const compilerOptions = {
      strict: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
      target: 'es2022',
      module: 'nodenext',
      types: ['node'],
      preserveSymlinks: true,
    }
    await writeFile(
      join(program, 'tsconfig.json'),
      JSON.stringify({ compilerOptions, include: ['*.ts'] }),
    )
    const tsc = join(PROJECT, 'node_modules', 'typescript', 'bin', 'tsc')
    const { stdout, exitCode } = await new Run(process.execPath, [tsc, '-p', program], {}).ended
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '' })
  })
})

const readmeExamples = () => examplesOf('README.md')

async function examplesOf(page: string): Promise<string[]> {
  const text = await readFile(join(PROJECT, page), 'utf8')
  return Array.from(text.matchAll(/^```ts\n(.*?)^```$/gms), ([, code = '']) => code)
}

test('the packet, of which the build makes one file, is imported by its index only', async () => {
  const src = join(PROJECT, 'src')
  const files = (await readdir(src, { recursive: true })).filter((file) => file.endsWith('.ts'))
  const inside = await Promise.all(
    files.map(async (file) => {
      const imported = (await readFile(join(src, file), 'utf8')).matchAll(/'[./]+\/packet\/(.*)'/g)
      return Array.from(imported, ([, name]) => name).filter((name) => name !== 'index.js')
    }),
  )
  expect(files.length).toBeGreaterThan(100)
  expect(inside.flat()).toEqual([])
})

describe('the examples of the README', () => {
  const SAY = [
    /^pass The light is good: nothing needs to be changed\.\n$/,
    /^opening\nready\nbusy\n.*black: 0\.\d+.*verdict: 'pass'.*\nready\nclosed\n$/s,
    /^{ ssid: 'factory', .*[.]\n$/s,
    /kind: 'emulated'.*black: 0\.\d+.*white: 0\.\d+/s,
  ]

  test('are as many as are known here', async () => {
    expect(await readmeExamples()).toHaveLength(SAY.length)
  })

  test.each([...SAY.entries()])('number %i runs as it stands', async (i, says) => {
    const code = (await readmeExamples())[i] ?? ''
    const { exitCode, stdout, stderr } = await run(`example-${i}.js`, code)
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(stdout).toMatch(says)
  })
})

describe('the pure parts', () => {
  const exports = PURE.map((part) => `export * as ${part} from 'blinkup/${part}'`).join('\n')

  test('make a bundle for a browser, which needs nothing but what browsers have', async () => {
    const { outputFiles, metafile } = await build({
      stdin: { contents: exports, resolveDir: program },
      bundle: true,
      write: false,
      metafile: true,
      platform: 'browser',
      format: 'iife',
      globalName: 'blinkup',
      preserveSymlinks: true,
      logLevel: 'silent',
    })
    const inputs = Object.keys(metafile.inputs).join('\n')
    expect(inputs).toContain('blinkup/dist/receiver/receiver.js')
    for (const name of ['zod', 'commander', ...LATE]) expect(inputs).not.toContain(`/${name}/`)
    const browser = createContext({ TextDecoder, TextEncoder })
    const received = runInContext(
      `${outputFiles[0]?.text}
       const { packet, modulation, channel, receiver, recording } = blinkup
       const sent = packet.encodePacket({ ssid: 'net', password: 'long enough' })
       const samples = channel.simulateChannel(modulation.modulate(sent).levels, { symbolRateHz: 60 })
       const decoder = new recording.FileDecoder('a.csv')
       const bytes = new TextEncoder().encode(recording.csvLines(samples))
       const reading = new receiver.Receiver()
       const receptions = [...decoder.push(bytes), ...decoder.end(), ...reading.push(samples), ...reading.end()]
       receptions.map(({ kind, config }) => [kind, config?.ssid].join())`,
      browser,
    )
    expect(Array.from(received as string[])).toEqual(['message,net', 'message,net'])
  })

  test('load none of what needs a rig, nor does the whole library until one is opened', async () => {
    for (const code of [exports, "import 'blinkup'", "import 'blinkup/bench'"]) {
      const scripts = await scriptsOf((env) => run('loads.js', code, env))
      expect(scripts.join('\n')).toContain('/blinkup/dist/')
      for (const name of LATE) expect(scripts.join('\n')).not.toContain(`/${name}/`)
    }
  })
})
