/** Which screen of the wallet is open. The browser's back button goes one screen back. */
import { signal } from "@preact/signals";
import type { ShopInfo } from "../shared/protocol";
import { shopOfPage } from "../shared/sticker";

export type Route =
  | { name: "home" }
  | { name: "pay"; shop?: ShopInfo | undefined }
  | { name: "code" }
  | { name: "top_up" }
  | { name: "history" }
  | { name: "parts" }
  | { name: "notices" }
  | { name: "settings" };

export const route = signal<Route>({ name: "home" });

/** Opens a screen on top of the one before. */
export function go(to: Route): void {
  const isHome = to.name === "home";
  const isDeep = route.value.name !== "home";
  route.value = to;
  if (isHome) history.replaceState(null, "", location.pathname);
  else if (isDeep) history.replaceState({ screen: to.name }, "", `#${to.name}`);
  else history.pushState({ screen: to.name }, "", `#${to.name}`);
  window.scrollTo(0, 0);
}

export function goHome(): void {
  go({ name: "home" });
}

/** The code of a shop whose sticker a phone's own camera opened; taken once somebody is signed in. */
export const stickerShop = signal<string | null>(null);

function takeSticker(): void {
  stickerShop.value = shopOfPage() ?? stickerShop.value;
  const town = location.pathname.split("/")[1] ?? "";
  if (stickerShop.value !== null) history.replaceState(null, "", `/${town}/wallet`);
}

/** Every screen but home is one step from home, so "back" always means home. */
export function startRoute(): void {
  takeSticker();
  if (location.hash) history.replaceState(null, "", location.pathname);
  window.addEventListener("hashchange", takeSticker);
  window.addEventListener("popstate", () => {
    route.value = { name: "home" };
  });
}
