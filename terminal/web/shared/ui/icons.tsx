/** Small pictures, drawn on a 24-unit grid with the text's colour. They never stand alone for a word. */
import type { ComponentChildren, JSX } from "preact";

function icon(children: ComponentChildren): () => JSX.Element {
  return () => (
    <svg
      viewBox="0 0 24 24"
      width="24"
      height="24"
      fill="none"
      stroke="currentColor"
      stroke-width="2"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      {children}
    </svg>
  );
}

export const Back = icon(<path d="M15 5l-7 7 7 7" />);
export const Forward = icon(<path d="M9 5l7 7-7 7" />);
export const Check = icon(<path d="M5 13l4.5 4.5L19 7" />);
export const Cross = icon(<path d="M6 6l12 12M18 6L6 18" />);
export const Erase = icon(<path d="M21 6H9l-6 6 6 6h12zM12.5 9.5l5 5M17.5 9.5l-5 5" />);
export const Speaker = icon(
  <path d="M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM15.5 9a4 4 0 010 6M18 6.5a8 8 0 010 11" />,
);
export const Camera = icon(
  <path d="M4 8h3.5L9 5.5h6L16.5 8H20v11H4zM12 10.2a3.2 3.2 0 100 6.4 3.2 3.2 0 000-6.4z" />,
);
export const Scan = icon(
  <path d="M4 8.5V4h4.5M15.5 4H20v4.5M20 15.5V20h-4.5M8.5 20H4v-4.5M4 12h16" />,
);
export const Code = icon(
  <path d="M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h2.5v2.5H14zM20 14v.01M20 20h-2.5M14 20v-.01M20 17.5v-.5" />,
);
export const Plus = icon(<path d="M12 5v14M5 12h14" />);
export const List = icon(<path d="M8 6h12M8 12h12M8 18h12M4 6v.01M4 12v.01M4 18v.01" />);
export const Gear = icon(
  <path d="M4 7h9M19 7h1M4 17h1M11 17h9M16 4.5a2.5 2.5 0 100 5 2.5 2.5 0 000-5zM8 14.5a2.5 2.5 0 100 5 2.5 2.5 0 000-5z" />,
);
export const Shop = icon(
  <path d="M4 10v10h16V10M3 10l2-6h14l2 6a3 3 0 01-6 0 3 3 0 01-6 0 3 3 0 01-6 0zM10 20v-5h4v5" />,
);
export const Keys = icon(
  <path d="M5 5h.01M12 5h.01M19 5h.01M5 12h.01M12 12h.01M19 12h.01M5 19h.01M12 19h.01M19 19h.01" />,
);
export const Sun = icon(
  <path d="M12 8a4 4 0 100 8 4 4 0 000-8zM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4" />,
);
export const Stop = icon(<path d="M8 3h8l5 5v8l-5 5H8l-5-5V8zM9 9l6 6M15 9l-6 6" />);
export const Question = icon(
  <path d="M12 3a9 9 0 100 18 9 9 0 000-18zM9.5 9.5a2.5 2.5 0 114 2c-.9.7-1.5 1.2-1.5 2.3M12 17v.01" />,
);
export const Bell = icon(
  <path d="M6 16.5h12l-1.5-2.2V10a4.5 4.5 0 00-9 0v4.3zM12 5.5V4M10 19.5a2.2 2.2 0 004 0" />,
);
export const Clock = icon(<path d="M12 3a9 9 0 100 18 9 9 0 000-18zM12 7.5V12l3 2" />);

/** The koban: an oval gold coin with hammer marks. `check`: money has arrived. `back`: it has gone back. */
export function Koban({
  check = true,
  back = false,
  label,
}: {
  check?: boolean;
  back?: boolean;
  label?: string;
}): JSX.Element {
  const marks = [26, 38, 50, 110, 122, 134];
  return (
    <svg
      class="result-mark koban"
      viewBox="0 0 120 160"
      role={label ? "img" : undefined}
      aria-label={label}
      aria-hidden={label ? undefined : "true"}
      focusable="false"
    >
      <ellipse class="koban-body" cx="60" cy="80" rx="56" ry="76" />
      <ellipse class="koban-face" cx="60" cy="80" rx="49" ry="69" />
      {marks.map((y) => {
        const half = 34 * Math.sqrt(1 - ((y - 80) / 72) ** 2);
        return (
          <path class="koban-hammered" d={`M${60 - half} ${y}Q60 ${y + 4} ${60 + half} ${y}`} />
        );
      })}
      {check && !back && <path class="koban-check" pathLength={100} d="M33 82l19 20 36-42" />}
      {back && (
        <path
          class="koban-check"
          pathLength={100}
          d="M50 56L34 72l16 16M36 72h30a16 16 0 010 32H48"
        />
      )}
    </svg>
  );
}

/** A refusal: an octagon with a cross, unlike the coin in shape as well as in colour. */
export function RefusedMark({ label }: { label?: string }): JSX.Element {
  return (
    <svg
      class="result-mark"
      viewBox="0 0 120 120"
      role={label ? "img" : undefined}
      aria-label={label}
      aria-hidden={label ? undefined : "true"}
      fill="none"
      stroke="currentColor"
      stroke-width="7"
      stroke-linecap="round"
      stroke-linejoin="round"
      focusable="false"
    >
      <path d="M40 8h40l32 32v40l-32 32H40L8 80V40z" />
      <path d="M42 42l36 36M78 42L42 78" stroke-width="10" />
    </svg>
  );
}
