/** The town's one strong colour, and light or dark as the device likes it. */

type Rgb = [number, number, number];

function parse(colour: string): Rgb {
  const found = /^#?([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(colour);
  if (!found) return [59, 74, 107];
  return [1, 2, 3].map((part) => Number.parseInt(found[part] ?? "0", 16)) as Rgb;
}

function luminance([red, green, blue]: Rgb): number {
  const linear = (part: number): number => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

/** WCAG's contrast ratio, 1 to 21. */
export function contrast(one: string, other: string): number {
  const [light, dark] = [luminance(parse(one)), luminance(parse(other))].sort((a, b) => b - a);
  return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05);
}

export function mix(one: string, other: string, share: number): string {
  const [from, to] = [parse(one), parse(other)];
  const part = (place: 0 | 1 | 2): string =>
    Math.round(from[place] * (1 - share) + to[place] * share)
      .toString(16)
      .padStart(2, "0");
  return `#${part(0)}${part(1)}${part(2)}`;
}

/** The town's colour, moved towards white or black until text in it can be read on `paper`. */
export function readable(colour: string, paper: string): string {
  const towards = luminance(parse(paper)) > 0.4 ? "#000000" : "#ffffff";
  for (let share = 0; share <= 1; share += 0.05) {
    const tried = mix(colour, towards, share);
    if (contrast(tried, paper) >= 4.5) return tried;
  }
  return towards;
}

const PAPER = { light: "#faf7f0", dark: "#22201c" };

let townColour = "";

function apply(dark: boolean): void {
  const root = document.documentElement;
  root.dataset.theme = dark ? "dark" : "light";
  const meta = document.querySelector('meta[name="theme-color"]');
  meta?.setAttribute("content", dark ? "#171613" : PAPER.light);
  if (!townColour) return;
  const paper = dark ? PAPER.dark : PAPER.light;
  const strong = dark ? mix(townColour, "#ffffff", 0.06) : townColour;
  const set = (name: string, value: string): void => root.style.setProperty(name, value);
  set("--town", strong);
  set("--town-ink", contrast(strong, "#ffffff") >= 4.5 ? "#ffffff" : "#1d1b18");
  // The town's text also stands on its own soft tint, where it is hardest to read.
  const soft = mix(townColour, paper, dark ? 0.8 : 0.9);
  set("--town-text", readable(townColour, soft));
  set("--town-soft", soft);
}

/** Follows the device's light or dark from now on. */
export function startTheme(): void {
  const wish = window.matchMedia("(prefers-color-scheme: dark)");
  apply(wish.matches);
  wish.addEventListener("change", () => apply(wish.matches));
}

export function useTownColour(colour: string): void {
  townColour = colour;
  apply(document.documentElement.dataset.theme === "dark");
}
