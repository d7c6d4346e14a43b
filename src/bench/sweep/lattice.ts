import type { AxisName, PointSettings, SweepAxis } from './axes.js'

/** All points that a sweep may look at: each value of each axis with each of the others. A point is the index of its value on each. */
export class Lattice {
  readonly axes: readonly SweepAxis[]
  readonly size: number

  /** Axes of one value at least. */
  constructor(
    readonly base: PointSettings,
    axes: readonly SweepAxis[],
  ) {
    this.axes = axes
    this.size = axes.reduce((size, { values }) => size * values.length, 1)
  }

  /** The last index of each axis. */
  get last(): readonly number[] {
    return this.axes.map(({ values }) => values.length - 1)
  }

  /** One number for a point, 0 to `size` less 1. */
  numberOf(point: readonly number[]): number {
    return this.axes.reduce((n, { values }, axis) => n * values.length + (point[axis] ?? 0), 0)
  }

  pointOf(number: number): number[] {
    const point: number[] = []
    for (const { values } of this.axes.toReversed()) {
      point.unshift(number % values.length)
      number = Math.floor(number / values.length)
    }
    return point
  }

  settingsOf(number: number): PointSettings {
    const point = this.pointOf(number)
    const ofAxes = this.axes.map(({ name, values }, axis) => [name, values[point[axis] ?? 0]])
    return { ...this.base, ...Object.fromEntries(ofAxes) }
  }

  axisOf(name: AxisName): number {
    return this.axes.findIndex((axis) => axis.name === name)
  }
}
