/** What the person should know just now: the line, a trouble, a wait, a word in passing. */
import { signal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Link } from "../connection";
import type { Explanation } from "../explain";
import { named, shortDate, shortTime } from "../i18n";
import type { PlannedStop } from "../protocol";
import { t } from "../words";
import { Stop } from "./icons";

/** The line's state in a few words: for a corner that always shows it. */
export function LineState({ link }: { link: Link }): JSX.Element {
  return (
    <span class="line-state" data-testid="line-state" data-state={link.kind}>
      <span class={`dot dot-${link.kind}`} aria-hidden="true" />
      <span>{lineWords(link)}</span>
    </span>
  );
}

function lineWords(link: Link): string {
  if (link.kind === "ended") return t(`link.ended.${link.reason ?? "fault"}`);
  return t(`link.${link.kind}`, { time: shortTime(link.since) });
}

function lineNext(link: Link): string {
  if (link.kind === "ended") return t(`link.ended.${link.reason ?? "fault"}_next`);
  return link.kind === "offline" ? t("link.offline_next") : t("link.reconnecting_next");
}

// A blink of the line isn't worth a banner; a second is.
const BANNER_AFTER_MS = 1000;

/** Across the top whenever the line isn't up: what is the matter, since when, what to do. */
export function ConnectionBanner({
  link,
  onAgain,
  children,
}: {
  link: Link;
  onAgain: () => void;
  children?: ComponentChildren;
}): JSX.Element | null {
  const [isDue, setDue] = useState(false);
  useEffect(() => {
    const wait_ms = link.since + BANNER_AFTER_MS - Date.now();
    const isSevere = link.kind === "ended" || link.kind === "offline";
    setDue(isSevere || wait_ms <= 0);
    if (link.kind === "connected" || isSevere || wait_ms <= 0) return;
    const timer = setTimeout(() => setDue(true), wait_ms);
    return () => clearTimeout(timer);
  }, [link.kind, link.since]);
  if (link.kind === "connected" || !isDue) return <div role="status" />;
  return (
    <div class={`banner banner-${link.kind}`} role="status" data-testid="connection-banner">
      <span class={`dot dot-${link.kind}`} aria-hidden="true" />
      <span class="banner-what">{lineWords(link)}</span>
      {link.kind === "ended" && link.reason !== "signed_out" && link.reason !== "revoked" ? (
        <button type="button" class="button" data-testid="connect-again" onClick={onAgain}>
          {link.reason === "replaced" ? t("action.use_here") : t("action.retry_line")}
        </button>
      ) : (
        <span />
      )}
      <span class="banner-next">{lineNext(link)}</span>
      {children}
    </div>
  );
}

// What somebody has read and put away; a stop that comes near or is moved is shown again.
const putAway = signal<string[]>([]);

/** A planned stop, in one quiet line: when, and what the operator says about it. */
export function StopBar({ stops }: { stops: PlannedStop[] }): JSX.Element {
  const told = (stop: PlannedStop): string =>
    [stop.stop, stop.phase, stop.from_at, stop.until_at].join(":");
  const next = stops.find((stop) => !putAway.value.includes(told(stop)));
  if (!next) return <div role="status" />;
  const isNow = next.phase === "under_way";
  const [day, lastDay] = [shortDate(next.from_at), shortDate(next.until_at)];
  const from = `${day} ${shortTime(next.from_at)}`;
  const until = `${day === lastDay ? "" : `${lastDay} `}${shortTime(next.until_at)}`;
  return (
    <div class="stop-bar" role="status" data-testid="stop-bar" data-phase={next.phase}>
      <p>
        <strong>{t(isNow ? "stop.now" : "stop.planned", { from, until })}</strong>{" "}
        {named(next.words)}
      </p>
      <button
        type="button"
        class="button button-quiet"
        data-testid="stop-bar-close"
        onClick={() => {
          putAway.value = [...putAway.value, told(next)];
        }}
      >
        {t("action.close")}
      </button>
    </div>
  );
}

/** A trouble in three sentences: what happened, is the money safe, what next. */
export function Trouble({
  explanation,
  testid = "trouble",
}: {
  explanation: Explanation;
  testid?: string;
}): JSX.Element {
  return (
    <div class="trouble" role="alert" data-testid={testid}>
      <span class="trouble-mark">
        <Stop />
      </span>
      <p class="trouble-what">{explanation.what}</p>
      {explanation.money && <p class="trouble-money">{explanation.money}</p>}
      <p>{explanation.next}</p>
    </div>
  );
}

const WAIT_PATIENCE_MS = 2000;

/** True once something has taken longer than a person waits without a word. */
export function useLong(since: number, patience_ms: number = WAIT_PATIENCE_MS): boolean {
  const [isLong, setLong] = useState(false);
  useEffect(() => {
    setLong(false);
    const left_ms = Math.max(0, since + patience_ms - Date.now());
    const timer = setTimeout(() => setLong(true), left_ms);
    return () => clearTimeout(timer);
  }, [since, patience_ms]);
  return isLong;
}

/** A wait that says what for, and after two seconds what to do. */
export function Waiting({
  what,
  since,
  next,
  testid = "waiting",
}: {
  what: string;
  since: number;
  next: string;
  testid?: string;
}): JSX.Element {
  const isLong = useLong(since);
  return (
    <div class="waiting" role="status" data-testid={testid}>
      <h2>{what}</h2>
      <div class="waiting-bar" aria-hidden="true" />
      {isLong && <p data-testid={`${testid}-next`}>{next}</p>}
    </div>
  );
}

interface Toast {
  number: number;
  text: string;
}

const toasts = signal<Toast[]>([]);
const TOAST_MS = 5000;
let toastCount = 0;

/** A word in passing. Nothing about money is said in a toast alone. */
export function toast(text: string): void {
  const number = ++toastCount;
  toasts.value = [...toasts.value, { number, text }].slice(-3);
  setTimeout(() => {
    toasts.value = toasts.value.filter((other) => other.number !== number);
  }, TOAST_MS);
}

export function Toasts(): JSX.Element {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map(({ number, text }) => (
        <p key={number} class="toast">
          {text}
        </p>
      ))}
    </div>
  );
}
