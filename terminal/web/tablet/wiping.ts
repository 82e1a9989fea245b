/** A tablet that was taken out of use keeps nothing: whatever the browser holds for it goes. */
import type { Api } from "../shared/http";
import { ApiFailure } from "../shared/http";
import { store } from "../shared/memory";
import type { Wiped } from "../shared/protocol";

const AGAIN_MS = 3_000;
const TRIES_MAX = 20;

/**
 * What is in the storage goes at once, the rest as fast as the browser does it. Where somebody's
 * wallet or a console is open in the same browser (an owner's phone, the demo), theirs stays.
 */
export async function wipe(town: string): Promise<void> {
  const place = store();
  const keys = Array.from({ length: place.length }, (_, index) => place.key(index) ?? "");
  const isShared = keys.some((key) => /^koban\.[^.]+\.(wallet|console)\./.test(key));
  const own = isShared ? `koban.${town}.terminal.` : "";
  for (const key of keys) if (key.startsWith(own)) place.removeItem(key);
  if (isShared) return;
  sessionStorage.clear();
  await Promise.allSettled([wipeCaches(), wipeDatabases(), dismissWorkers()]);
}

async function wipeCaches(): Promise<void> {
  if (!("caches" in window)) return;
  for (const name of await caches.keys()) await caches.delete(name);
}

async function wipeDatabases(): Promise<void> {
  // Older browsers cannot list them; none of our pages makes any.
  for (const { name } of (await indexedDB.databases?.()) ?? []) {
    if (name) indexedDB.deleteDatabase(name);
  }
}

async function dismissWorkers(): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  for (const worker of await navigator.serviceWorker.getRegistrations()) await worker.unregister();
}

/** Tells the gateway, until it has heard; whether the tablet was revoked, or only signed out. */
export async function sayWiped(api: Api): Promise<boolean> {
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    try {
      return (await api.post<Wiped>("terminal/wiped")).revoked;
    } catch (error) {
      if (error instanceof ApiFailure && error.status !== 0 && error.status < 500) return false;
    }
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
  return false;
}
