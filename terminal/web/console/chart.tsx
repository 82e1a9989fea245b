/** A small chart of lines over the last minutes: our own SVG, a hundred lines instead of a library. */
import type { JSX } from "preact";
import { type Point, pathOf, roundUp, WINDOW_MS } from "./series";
import { t } from "./words";

export interface ChartLine {
  name: string;
  points: Point[];
}

export interface ChartProps {
  title: string;
  unit: string;
  lines: ChartLine[];
  now: number;
  /** Of the upper edge: keeps a quiet hour from looking like a storm. */
  least: number;
  testid: string;
}

const WIDTH = 320;
const HEIGHT = 96;

function shown(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(value >= 10 ? 1 : 2);
}

/** Lines differ by dashes as well as by colour; the latest values stand in words beside them. */
export function Chart({ title, unit, lines, now, least, testid }: ChartProps): JSX.Element {
  const top = roundUp(
    Math.max(...lines.flatMap((line) => line.points.map((point) => point.value)), 0),
    least,
  );
  const box = { width: WIDTH, height: HEIGHT, from: now - WINDOW_MS, to: now, top };
  const last = (line: ChartLine): number => line.points[line.points.length - 1]?.value ?? 0;
  const words = lines.map((line) => `${line.name} ${shown(last(line))} ${unit}`).join(", ");
  return (
    <figure class="chart" data-testid={testid}>
      <figcaption>
        <span class="chart-title">{title}</span>
        {lines.map((line, place) => (
          <span key={line.name} class="chart-key">
            <svg class="chart-sample" viewBox="0 0 20 4" aria-hidden="true">
              <path class={`chart-line chart-line-${place}`} d="M0 2H20" />
            </svg>
            {line.name} <b>{shown(last(line))}</b>
            <span class="soft">{unit}</span>
          </span>
        ))}
      </figcaption>
      <div class="chart-frame">
        <span class="chart-top">{top}</span>
        <svg
          class="chart-plot"
          viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={`${title}: ${words}`}
        >
          <path class="chart-grid" d={`M0 0H${WIDTH}M0 ${HEIGHT / 2}H${WIDTH}`} />
          <path class="chart-base" d={`M0 ${HEIGHT}H${WIDTH}`} />
          {lines.map((line, place) => (
            <path
              key={line.name}
              class={`chart-line chart-line-${place}`}
              d={pathOf(line.points, box)}
            />
          ))}
        </svg>
      </div>
      <p class="chart-times">
        <span>{t("chart.from")}</span>
        <span>{t("chart.now")}</span>
      </p>
    </figure>
  );
}
