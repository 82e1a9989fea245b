/** What the device can do beside showing: speak, tremble, stay awake; and whether anybody can see it. */
import { language } from "./i18n";

/** Whether `speak` would be heard as words. */
export function canSpeak(): boolean {
  return "speechSynthesis" in window;
}

/** Says a sentence aloud in the current language; on request only. */
export function say(text: string): void {
  if (!canSpeak()) return;
  const words = new SpeechSynthesisUtterance(text);
  words.lang = language.value === "ja" ? "ja-JP" : "en-US";
  speechSynthesis.cancel();
  speechSynthesis.speak(words);
}

export type Tremble = "good" | "bad" | "attention";

// Milliseconds on, off, on, …: told apart in a pocket.
const PATTERNS: Record<Tremble, number[]> = {
  good: [80, 60, 160],
  bad: [300, 120, 300],
  attention: [120, 80, 120, 80, 120],
};

export function tremble(kind: Tremble): void {
  // Browsers refuse before the first touch; and many devices have nothing to tremble with.
  if ("vibrate" in navigator && navigator.userActivation?.hasBeenActive !== false) {
    navigator.vibrate(PATTERNS[kind]);
  }
}

interface Sentinel {
  release(): Promise<void>;
}

/** Keeps the screen on until the returned function is called; again after the page was hidden. */
export function stayAwake(): () => void {
  const { wakeLock } = navigator as Navigator & {
    wakeLock?: { request(type: "screen"): Promise<Sentinel> };
  };
  let sentinel: Sentinel | null = null;
  let isOver = false;
  const ask = async (): Promise<void> => {
    if (document.hidden || isOver || !wakeLock) return;
    try {
      sentinel = await wakeLock.request("screen");
      if (isOver) void sentinel.release();
    } catch {
      // Low battery or an old device: the screen may go dark, nothing else is lost.
    }
  };
  const again = (): void => void ask();
  document.addEventListener("visibilitychange", again);
  void ask();
  return () => {
    isOver = true;
    document.removeEventListener("visibilitychange", again);
    void sentinel?.release();
  };
}

/**
 * Calls back once what has just been rendered can be seen: the page is visible and a frame with it
 * has been painted. "Shown" is said on this alone.
 */
export function whenSeen(act: () => void): void {
  if (document.hidden) {
    document.addEventListener("visibilitychange", () => whenSeen(act), { once: true });
    return;
  }
  requestAnimationFrame(() =>
    requestAnimationFrame(() => (document.hidden ? whenSeen(act) : act())),
  );
}
