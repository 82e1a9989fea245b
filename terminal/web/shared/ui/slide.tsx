/**
 * Slide to pay: a deliberate act that a pocket can't do. With a keyboard or a switch, Enter or Space
 * is held for a second; a screen reader's "activate" (a click without a pointer) counts as the whole.
 */
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../words";
import { Forward } from "./icons";

const HOLD_MS = 1000;
// A finger that lets go past this share of the way has meant it.
const ENOUGH = 0.9;

export interface SlideProps {
  /** A verb: 「支払う」. */
  action: string;
  onDone: () => void;
  disabled?: boolean;
}

export function SlideToPay({ action, onDone, disabled = false }: SlideProps): JSX.Element {
  const track = useRef<HTMLDivElement>(null);
  const knob = useRef<HTMLButtonElement>(null);
  const grip = useRef<{ start: number; moved: boolean } | null>(null);
  const hold = useRef<ReturnType<typeof setTimeout> | null>(null);
  const [share, setShare] = useState(0);
  const [isDone, setDone] = useState(false);

  useEffect(() => () => letGo(), []);

  const way = (): number => {
    const room = (track.current?.clientWidth ?? 0) - (knob.current?.offsetWidth ?? 0) - 12;
    return Math.max(1, room);
  };
  const finish = (): void => {
    if (isDone || disabled) return;
    setDone(true);
    setShare(1);
    onDone();
  };
  const letGo = (): void => {
    if (hold.current !== null) clearTimeout(hold.current);
    hold.current = null;
  };
  const grab = (event: PointerEvent): void => {
    if (disabled || isDone) return;
    grip.current = { start: event.clientX - share * way(), moved: false };
    knob.current?.setPointerCapture(event.pointerId);
  };
  const move = (event: PointerEvent): void => {
    if (!grip.current) return;
    const next = (event.clientX - grip.current.start) / way();
    grip.current.moved ||= next > 0.02;
    setShare(Math.min(1, Math.max(0, next)));
  };
  const release = (): void => {
    if (!grip.current) return;
    grip.current = null;
    if (share >= ENOUGH) finish();
    else setShare(0);
  };
  const press = (event: KeyboardEvent): void => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    if (event.repeat || hold.current !== null || disabled || isDone) return;
    setShare(1);
    hold.current = setTimeout(finish, HOLD_MS);
  };
  const lift = (event: KeyboardEvent): void => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    letGo();
    if (!isDone) setShare(0);
  };
  const click = (event: MouseEvent): void => {
    // A screen reader clicks without coordinates and without a pointer; a tap on the knob is neither.
    if (event.detail === 0 && event.clientX === 0 && event.clientY === 0) finish();
  };

  const isHeld = grip.current !== null;
  return (
    <div
      ref={track}
      class="slide"
      data-testid="slide"
      aria-disabled={disabled ? "true" : undefined}
    >
      <span class="slide-fill" style={{ transform: `scaleX(${share})`, opacity: share * 0.35 }} />
      <span class="slide-hint" aria-hidden="true">
        {isDone ? t("slide.done", { action }) : t("slide.hint", { action })}
      </span>
      <button
        ref={knob}
        type="button"
        class={isHeld ? "slide-knob" : "slide-knob slide-knob-still"}
        data-testid="slide-knob"
        disabled={disabled || isDone}
        aria-label={`${t("slide.hint", { action })}. ${t("slide.keyboard")}`}
        style={{ transform: `translateX(${share * way()}px)` }}
        onPointerDown={grab}
        onPointerMove={move}
        onPointerUp={release}
        onPointerCancel={release}
        onKeyDown={press}
        onKeyUp={lift}
        onBlur={() => {
          letGo();
          if (!isDone) setShare(0);
        }}
        onClick={click}
      >
        <Forward />
      </button>
    </div>
  );
}
