import type { Add } from './program.js'

/** The commands in the order of the help, each loaded only when it is wanted. */
const COMMANDS: ReadonlyMap<string, () => Promise<Add>> = new Map([
  ['encode', async () => (await import('./encode.js')).addEncode],
  ['decode', async () => (await import('./decode.js')).addDecode],
  ['send', async () => (await import('./send.js')).addSend],
  ['verify', async () => (await import('./verify.js')).addVerify],
  ['bench', async () => (await import('./bench.js')).addBench],
  ['enroll', async () => (await import('./enroll.js')).addEnroll],
  ['station', async () => (await import('./station.js')).addStation],
  ['aim', async () => (await import('./aim.js')).addAim],
  ['tune', async () => (await import('./tune.js')).addTune],
  ['capture', async () => (await import('./capture.js')).addCapture],
  ['simulate', async () => (await import('./simulate.js')).addSimulate],
  ['clear', async () => (await import('./send.js')).addClear],
  ['off', async () => (await import('./off.js')).addOff],
  ['doctor', async () => (await import('./doctor.js')).addDoctor],
  ['dut', async () => (await import('./dut.js')).addDut],
  ['fixture', async () => (await import('./fixture.js')).addFixture],
  ['emulate', async () => (await import('./emulate.js')).addEmulate],
  ['cloud', async () => (await import('./cloud.js')).addCloud],
  ['firmware', async () => (await import('./firmware.js')).addFirmware],
])

/** The commands that these arguments need: the one that they begin with, else all. Rejects when a file of theirs cannot be loaded. */
export function commandsFor([first = '']: readonly string[]): Promise<Add[]> {
  const only = COMMANDS.get(first)
  return Promise.all(only ? [only()] : Array.from(COMMANDS.values(), (load) => load()))
}
