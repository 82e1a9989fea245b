/** One-time codes as pictures: a QR, and the same digits as Code 128 for a shop's bar code reader. */
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { encode } from "uqr";
import { barsOf } from "./code128";

// The standards' quiet zones, in modules.
const QR_QUIET = 4;
const BARS_QUIET = 10;

/** The QR's dark modules as one path. */
function qrPath(text: string): { path: string; size: number } {
  const { data } = encode(text, { ecc: "M", border: QR_QUIET });
  const path = data
    .map((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : "")).join(""))
    .join("");
  return { path, size: data.length };
}

export function Qr({ text, label }: { text: string; label: string }): JSX.Element {
  const { path, size } = useMemo(() => qrPath(text), [text]);
  return (
    <svg
      class="code-qr"
      viewBox={`0 0 ${size} ${size}`}
      role="img"
      aria-label={label}
      shapeRendering="crispEdges"
      data-testid="qr"
    >
      <path d={`M0 0h${size}v${size}H0z`} fill="#ffffff" />
      <path d={path} fill="#000000" />
    </svg>
  );
}

export function Code128({ text, label }: { text: string; label: string }): JSX.Element {
  const bars = useMemo(() => barsOf(text), [text]);
  const width = bars.length + 2 * BARS_QUIET;
  const path = [...bars]
    .map((bar, x) => (bar === "1" ? `M${x + BARS_QUIET} 0h1v10h-1z` : ""))
    .join("");
  return (
    <svg
      class="code-bars"
      viewBox={`0 0 ${width} 10`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
      shapeRendering="crispEdges"
      data-testid="bars"
    >
      <path d={`M0 0h${width}v10H0z`} fill="#ffffff" />
      <path d={path} fill="#000000" />
    </svg>
  );
}
