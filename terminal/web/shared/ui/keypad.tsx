/** Keys for amounts and PINs; a hardware keyboard types into them as well. */
import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { typeDigits } from "../money";
import { t } from "../words";
import { Amount } from "./amount";
import { Erase } from "./icons";

interface KeypadProps {
  onDigit: (digit: string) => void;
  onErase: () => void;
  onClear: () => void;
  onEnter?: (() => void) | undefined;
  /** What stands left of 0: an amount wants 「00」, a PIN a way to start over. */
  corner: "00" | "clear";
}

/** A dialog or a result lies over these keys: what is typed is meant for it. */
function isCovered(keys: HTMLElement | null): boolean {
  return [...document.querySelectorAll('[aria-modal="true"]')].some((over) => !over.contains(keys));
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

export function Keypad({ onDigit, onErase, onClear, onEnter, corner }: KeypadProps): JSX.Element {
  const keys = useRef<HTMLDivElement>(null);
  // Before the browser paints: whoever sees the keys can already type.
  useLayoutEffect(() => {
    const typed = (event: KeyboardEvent): void => {
      if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
      if (isCovered(keys.current)) return;
      if (/^[0-9]$/.test(event.key)) onDigit(event.key);
      else if (event.key === "Backspace") onErase();
      else if (event.key === "Delete") onClear();
      else if (event.key === "Enter" && !(event.target instanceof HTMLButtonElement)) onEnter?.();
      else return;
      event.preventDefault();
    };
    document.addEventListener("keydown", typed);
    return () => document.removeEventListener("keydown", typed);
  });
  const key = (digit: string): JSX.Element => (
    <button type="button" class="key" data-testid={`key-${digit}`} onClick={() => onDigit(digit)}>
      {digit}
    </button>
  );
  return (
    <div ref={keys} class="keypad" role="group" aria-label={t("keypad.label")}>
      {["1", "2", "3", "4", "5", "6", "7", "8", "9"].map(key)}
      {corner === "00" ? (
        key("00")
      ) : (
        <button type="button" class="key key-word" data-testid="key-clear" onClick={onClear}>
          {t("action.clear")}
        </button>
      )}
      {key("0")}
      <button
        type="button"
        class="key"
        data-testid="key-erase"
        aria-label={t("action.delete_one")}
        onClick={onErase}
      >
        <Erase />
      </button>
    </div>
  );
}

/** The value as of the last key, also when two keys come before the next rendering. */
function useLatest<T>(value: T, onChange: (value: T) => void): [() => T, (value: T) => void] {
  const latest = useRef(value);
  latest.current = value;
  const change = (next: T): void => {
    latest.current = next;
    onChange(next);
  };
  return [() => latest.current, change];
}

export interface AmountPadProps {
  value: number;
  max: number;
  onChange: (value: number) => void;
  onEnter?: () => void;
}

/** An amount in large figures over its keys; typing past `max` changes nothing. */
export function AmountPad({ value, max, onChange, onEnter }: AmountPadProps): JSX.Element {
  const [latest, change] = useLatest(value, onChange);
  return (
    <div class="pad">
      <div class={value === 0 ? "entry entry-empty" : "entry"} aria-live="polite">
        <Amount value={value} size="large" testid="amount-typed" />
      </div>
      <Keypad
        corner="00"
        onDigit={(digit) => change(typeDigits(latest(), digit, max))}
        onErase={() => change(Math.floor(latest() / 10))}
        onClear={() => change(0)}
        onEnter={onEnter}
      />
    </div>
  );
}

export interface PinPadProps {
  value: string;
  onChange: (value: string) => void;
  /** Called with the fourth digit. */
  onComplete: (pin: string) => void;
}

export function PinPad({ value, onChange, onComplete }: PinPadProps): JSX.Element {
  const [latest, change] = useLatest(value, onChange);
  const type = (digit: string): void => {
    if (latest().length >= 4) return;
    const next = latest() + digit;
    change(next);
    if (next.length === 4) onComplete(next);
  };
  return (
    <div class="pad">
      <div class="pin-dots" data-testid="pin-dots" aria-hidden="true">
        {[0, 1, 2, 3].map((place) => (
          <span class={place < value.length ? "pin-dot pin-dot-full" : "pin-dot"} />
        ))}
      </div>
      <p class="visually-hidden" role="status">
        {t("pin.typed", { count: value.length })}
      </p>
      <Keypad
        corner="clear"
        onDigit={type}
        onErase={() => change(latest().slice(0, -1))}
        onClear={() => change("")}
      />
    </div>
  );
}
