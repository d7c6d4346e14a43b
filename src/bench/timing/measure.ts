import type { SymbolSequence } from '../../light/symbols.js'
import { LateLightError, RigError } from '../../rig/errors.js'
import type { Edge, EdgeInput, Emitter, PlayOptions, Rig } from '../../rig/rig.js'
import { playAndSee } from '../play-and-see.js'
import { analyseTiming, type TimedPlay, type TimingResult } from './analyse.js'
import { isLogic } from './edges.js'

export interface MeasureTimingOptions extends Omit<PlayOptions, 'onProgress'> {
  /** Sequences that are played one after another, each with all that the rig has to see it. */
  readonly sequences: Iterable<SymbolSequence>
  /** White as a part of full light, as the rig was opened with; default 1. */
  readonly brightness?: number
  /** Whether they are a secret: faults name no single edges then; default false. */
  readonly isSecret?: boolean
  /** Told the number of symbols that have begun, of all sequences. */
  readonly onProgress?: (symbolsPlayed: number) => void
}

export interface MeasuredTiming extends TimingResult {
  /** Why a witness that the rig has, or could have, says nothing; a sentence each. */
  readonly notes: readonly string[]
}

/**
 * Plays sequences on any rig, and times them by all witnesses that it has: its photodiode's samples, its edge input and its
 * emitter's own report.
 *
 * @throws RigError, the signal's reason; RangeError without sequences
 */
export async function measureTiming(
  rig: Pick<Rig, 'info' | 'emitter' | 'photodiode' | 'edgeInput'>,
  { sequences, brightness = 1, isSecret = false, onProgress, ...options }: MeasureTimingOptions,
): Promise<MeasuredTiming> {
  const notes = new Set<string>()
  const plays: TimedPlay[] = []
  let symbols = 0
  for (const sequence of sequences) {
    // A line of a GPIO is lit or dark, whatever makes the levels.
    const isFollowed = rig.info.kind === 'gpio' || isLogic(sequence, brightness)
    if (rig.edgeInput && !isFollowed) {
      notes.add(
        'the edge input is left out: it cannot follow the PWM of grey, or of a brightness below 1',
      )
    }
    const before = symbols
    const play = await playOnce(
      {
        emitter: evenLate(rig.emitter),
        photodiode: rig.photodiode,
        edgeInput: isFollowed ? rig.edgeInput : undefined,
      },
      sequence,
      { ...options, onProgress: (played) => onProgress?.(before + played) },
      notes,
    )
    symbols += sequence.levels.length
    plays.push(play)
  }
  return { ...analyseTiming(plays, isSecret), notes: [...notes] }
}

/** How late light is shall be seen, and not only that it is too late for a message. */
function evenLate(emitter: Emitter): Emitter {
  return {
    clock: emitter.clock,
    off: () => emitter.off(),
    play: (sequence, options) =>
      emitter.play(sequence, options).catch((error) => {
        if (error instanceof LateLightError) return error.play
        throw error
      }),
  }
}

interface SeeingRig {
  readonly emitter: Emitter
  readonly photodiode: Rig['photodiode']
  readonly edgeInput: EdgeInput | undefined
}

async function playOnce(
  { emitter, photodiode, edgeInput }: SeeingRig,
  sequence: SymbolSequence,
  options: PlayOptions,
  notes: Set<string>,
): Promise<TimedPlay> {
  if (!photodiode) {
    const report = await emitter.play(sequence, options)
    return { sequence, report, clocks: null, samples: null, edges: null }
  }
  const { sampleRateHz, clock } = photodiode
  const timesS: number[] = []
  const levels: number[] = []
  const enough = new AbortController()
  const failed = new AbortController()
  const watching = edgeInput ? watch(edgeInput, enough.signal) : null
  watching?.catch((error) => {
    if (!isDamaged(error)) failed.abort(error) // what is lost is not played on
  })
  const signals = options.signal ? [failed.signal, options.signal] : [failed.signal]
  try {
    const { play, clocks, untimely } = await playAndSee({ emitter, photodiode }, sequence, {
      ...options,
      signal: AbortSignal.any(signals),
      onSamples: (block) => {
        for (const [n, timeS] of block.timesS.entries()) {
          timesS.push(timeS)
          levels.push(block.levels[n] as number)
        }
      },
    })
    if (untimely) throw untimely
    enough.abort()
    const edges = watching && (await edgesOf(watching, notes))
    if (edges && edges[0]?.clock !== clock.id) {
      notes.add('the edge input is left out: its clock is not the one of the samples')
    }
    return {
      sequence,
      report: play,
      clocks,
      samples: {
        timesS: Float64Array.from(timesS),
        levels: Float64Array.from(levels),
        sampleRateHz,
      },
      edges: edges?.[0]?.clock === clock.id ? edges : null,
    }
  } finally {
    enough.abort()
    await watching?.catch(() => {})
  }
}

async function watch(edgeInput: EdgeInput, signal: AbortSignal): Promise<Edge[]> {
  const edges: Edge[] = []
  for await (const edge of edgeInput.edges({ signal })) edges.push(edge)
  return edges
}

/** Edges were lost at the end, or came as no board sends them. */
const isDamaged = (error: unknown): error is RigError =>
  error instanceof RigError && error.code === 'damaged'

/** Null, and a note, where the edge input tells nothing that could be believed. */
async function edgesOf(watching: Promise<Edge[]>, notes: Set<string>): Promise<Edge[] | null> {
  try {
    const edges = await watching
    if (edges.length > 0) return edges
    notes.add('the edge input is left out: it saw no edge, so nothing drives it')
  } catch (error) {
    if (!isDamaged(error)) throw error
    notes.add(`the edge input is left out: ${error.message}`)
  }
  return null
}
