/**
 * The wallet's service worker: shows pushes of payments while no wallet is open. It caches nothing
 * and answers no requests, so it can never show an old page or an old balance.
 */

// Typed by hand: the page's and the worker's global types don't go together in one program.
interface PushText {
  title: string;
  body: string;
}

interface PushMessage {
  town: string;
  id: string;
  kind: string;
  at: number;
  texts: Record<string, PushText>;
}

interface WorkerEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}

interface PushEvent extends WorkerEvent {
  data: { json(): PushMessage } | null;
}

interface ClickEvent extends WorkerEvent {
  notification: Notification;
}

interface PageClient {
  url: string;
  focus(): Promise<unknown>;
}

interface Worker {
  registration: ServiceWorkerRegistration;
  clients: {
    matchAll(options: object): Promise<PageClient[]>;
    openWindow(url: string): Promise<unknown>;
  };
  skipWaiting(): Promise<void>;
  addEventListener(type: "push", act: (event: PushEvent) => void): void;
  addEventListener(type: "notificationclick", act: (event: ClickEvent) => void): void;
  addEventListener(type: "install", act: () => void): void;
}

const worker = self as unknown as Worker;

async function chosenLanguage(): Promise<string> {
  const cache = await caches.open("koban-language");
  return (await (await cache.match("/language"))?.text()) ?? "ja";
}

async function show(message: PushMessage): Promise<void> {
  const text = message.texts[await chosenLanguage()] ?? message.texts.ja;
  if (!text) return;
  await worker.registration.showNotification(text.title, {
    body: text.body,
    // The same push, sent again, replaces itself.
    tag: `${message.kind}:${message.id}`,
    data: { town: message.town },
  });
}

async function open(town: string): Promise<void> {
  const path = `/${town}/wallet`;
  const pages = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
  const page = pages.find((one) => new URL(one.url).pathname === path);
  await (page ? page.focus() : worker.clients.openWindow(path));
}

worker.addEventListener("install", () => void worker.skipWaiting());

worker.addEventListener("push", (event) => {
  const message = event.data?.json();
  if (message) event.waitUntil(show(message));
});

worker.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const { town } = event.notification.data as { town: string };
  event.waitUntil(open(town));
});
