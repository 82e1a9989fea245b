/** What the tablet asks of the device it is: stay awake, fill the glass. */
import { signal } from "@preact/signals";

export type Wake = "awake" | "may_sleep" | "unavailable";

/** Whether the screen is kept from sleeping; shown in the settings, because a sleeping till is deaf. */
export const wake = signal<Wake>("may_sleep");
export const full = signal(false);

async function askToStayAwake(): Promise<void> {
  if (!navigator.wakeLock) {
    wake.value = "unavailable";
    return;
  }
  if (document.hidden || wake.value === "awake") return;
  try {
    const lock = await navigator.wakeLock.request("screen");
    wake.value = "awake";
    lock.addEventListener("release", () => {
      wake.value = "may_sleep";
    });
  } catch {
    // Low battery or a policy: the next touch asks again.
    wake.value = "may_sleep";
  }
}

/** Keeps the screen awake from now on. The system drops the lock whenever the page is hidden. */
export function stayAwake(): void {
  const again = (): void => void askToStayAwake();
  document.addEventListener("visibilitychange", again);
  document.addEventListener("pointerup", again, { passive: true });
  again();
}

interface OldFullscreen {
  webkitFullscreenElement?: Element | null;
  webkitExitFullscreen?: () => void;
}

/** Whether this browser can fill the screen at all (iPhones can't). */
export function canFill(): boolean {
  const root = document.documentElement as Element & { webkitRequestFullscreen?: () => void };
  return Boolean(root.requestFullscreen ?? root.webkitRequestFullscreen);
}

export function watchFull(): void {
  const look = (): void => {
    const old = document as unknown as OldFullscreen;
    full.value = Boolean(document.fullscreenElement ?? old.webkitFullscreenElement);
  };
  document.addEventListener("fullscreenchange", look);
  document.addEventListener("webkitfullscreenchange", look);
}

/** Fills the screen, or gives it back. A refusal by the browser leaves everything as it was. */
export async function toggleFull(): Promise<void> {
  const root = document.documentElement as Element & { webkitRequestFullscreen?: () => void };
  const old = document as unknown as OldFullscreen;
  try {
    if (full.value) await (document.exitFullscreen?.() ?? old.webkitExitFullscreen?.());
    else await (root.requestFullscreen?.() ?? root.webkitRequestFullscreen?.());
  } catch {
    // Some kiosks forbid it; the button then simply does nothing.
  }
}
