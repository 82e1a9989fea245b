/** What the charts draw: figures over time, kept for a while, and the geometry of a line. */
import type { Figures } from "../shared/protocol";

export interface Point {
  at: number;
  value: number;
}

/** Ten minutes at a figure a second. */
export const WINDOW_MS = 600_000;

/** Seconds without figures are a hole in the line, never a straight line that claims to know. */
export const GAP_MS = 3_500;

/** Adds a second's figures and forgets what has left the window. A late or doubled one is ignored. */
export function collect(series: readonly Figures[], figures: Figures): Figures[] {
  const last = series[series.length - 1];
  if (last && figures.at <= last.at) return [...series];
  return [...series.filter(({ at }) => at > figures.at - WINDOW_MS), figures];
}

export function pointsOf(series: readonly Figures[], value: (figures: Figures) => number): Point[] {
  return series.map((figures) => ({ at: figures.at, value: value(figures) }));
}

/** The next round figure (1, 2, 5 × a power of ten) at or above `value`, at least `least`. */
export function roundUp(value: number, least = 1): number {
  const wanted = Math.max(value, least);
  const power = 10 ** Math.floor(Math.log10(wanted));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= wanted - 1e-9) ?? 10;
  return step * power;
}

export interface Box {
  width: number;
  height: number;
  from: number;
  to: number;
  top: number;
}

/** An SVG path through the points; it lifts the pen where figures are missing. */
export function pathOf(points: readonly Point[], box: Box): string {
  const span = Math.max(1, box.to - box.from);
  let path = "";
  let before: number | null = null;
  for (const { at, value } of points) {
    if (at < box.from || at > box.to) continue;
    const x = ((at - box.from) / span) * box.width;
    const y = box.height - (Math.min(value, box.top) / box.top) * box.height;
    const pen = before === null || at - before > GAP_MS ? "M" : "L";
    path += `${pen}${x.toFixed(1)} ${y.toFixed(1)}`;
    before = at;
  }
  return path;
}
