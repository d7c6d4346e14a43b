/** The few AVR instructions that the tests of the emulated chip are made of, as opcodes (AVR Instruction Set Manual). */
export const NOP = 0x0000
export const SEI = 0x9478
export const RETI = 0x9518
export const SLEEP = 0x9588
/** Jumps to itself. */
export const HALT = 0xcfff

/** Loads a constant into r16..r31. */
export const ldi = (register: number, value: number): number =>
  0xe000 | ((value & 0xf0) << 4) | ((register - 16) << 4) | (value & 0x0f)

/** Stores a register at a data address. */
export const sts = (address: number, register: number): number[] => [
  0x9200 | (register << 4),
  address,
]

/** Loads a register from a data address. */
export const lds = (register: number, address: number): number[] => [
  0x9000 | (register << 4),
  address,
]

/** Stores a constant at a data address, by r16; 3 cycles. */
export const set = (address: number, value: number): number[] => [
  ldi(16, value),
  ...sts(address, 16),
]

export const nops = (count: number): number[] => new Array<number>(count).fill(NOP)

/** Words in the flash from address 0, and others at word addresses (interrupt vectors). */
export function assemble(
  words: readonly number[],
  at: Record<number, readonly number[]> = {},
): Uint16Array {
  const program = new Uint16Array(0x4000).fill(HALT)
  program.set(words)
  for (const [address, more] of Object.entries(at)) program.set(more, Number(address))
  return program
}
