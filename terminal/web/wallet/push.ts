/** Web Push: the wallet's owner hears of a payment while the wallet is closed. */

import type { Api } from "../shared/http";
import { language } from "../shared/i18n";

export type PushState = "unsupported" | "off" | "denied" | "on" | "failed";

function isSupported(): boolean {
  return "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
}

function bytesOf(base64url: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64url.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

function base64url(bytes: ArrayBuffer | null): string {
  const text = String.fromCharCode(...new Uint8Array(bytes ?? new ArrayBuffer(0)));
  return btoa(text).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

function scopeOf(town: string): string {
  return `/${town}/wallet`;
}

/** The worker reads the language of its pushes from here: it has no storage of the page's. */
export async function tellLanguage(): Promise<void> {
  if (!("caches" in window)) return;
  const cache = await caches.open("koban-language");
  await cache.put("/language", new Response(language.value));
}

export async function pushState(town: string): Promise<PushState> {
  if (!isSupported()) return "unsupported";
  if (Notification.permission === "denied") return "denied";
  const worker = await navigator.serviceWorker.getRegistration(scopeOf(town));
  const subscription = await worker?.pushManager.getSubscription();
  return subscription ? "on" : "off";
}

/** Asks the owner, subscribes, and tells the gateway. To be called from a touch. */
export async function startPush(api: Api, key: string): Promise<PushState> {
  if (!isSupported()) return "unsupported";
  if ((await Notification.requestPermission()) !== "granted") return "denied";
  try {
    await tellLanguage();
    const worker = await navigator.serviceWorker.register(`/${api.town}/wallet/sw.js`, {
      scope: scopeOf(api.town),
    });
    const subscription = await worker.pushManager.subscribe({
      userVisibleOnly: true,
      applicationServerKey: bytesOf(key),
    });
    await api.put("wallet/push", {
      endpoint: subscription.endpoint,
      p256dh: base64url(subscription.getKey("p256dh")),
      auth: base64url(subscription.getKey("auth")),
    });
    return "on";
  } catch {
    return "failed";
  }
}

export async function stopPush(api: Api): Promise<PushState> {
  if (!isSupported()) return "unsupported";
  const worker = await navigator.serviceWorker.getRegistration(scopeOf(api.town));
  const subscription = await worker?.pushManager.getSubscription();
  await api.delete("wallet/push");
  await subscription?.unsubscribe();
  return "off";
}
