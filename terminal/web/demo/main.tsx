/** The demo: a wallet, a tablet and the console side by side, signed in, and three steps to a payment. */
import { effect, signal } from "@preact/signals";
import type { JSX } from "preact";
import { Api } from "../shared/http";
import { startPage } from "../shared/page";
import type { DemoEntered, TownInfo } from "../shared/protocol";
import { Waiting } from "../shared/ui/status";
import { useTownColour } from "../shared/ui/theme";
import { Stage } from "./stage";
import { t } from "./words";
import "./demo.css";

const AGAIN_MS = 2_000;

const town = new URLSearchParams(location.search).get("town") ?? "";
const api = new Api(town);
const isEntered = signal(false);
const opened = Date.now();

/** Whoever comes back is still signed in; only the first visit goes through the demo's door. */
async function enter(): Promise<void> {
  try {
    useTownColour((await api.get<TownInfo>("town")).colour);
    try {
      await Promise.all([api.get("wallet"), api.get("terminal"), api.get("console/me")]);
    } catch {
      await api.post<DemoEntered>("demo/enter");
    }
    isEntered.value = true;
  } catch {
    setTimeout(() => void enter(), AGAIN_MS);
  }
}

function Page(): JSX.Element {
  if (isEntered.value) return <Stage town={town} />;
  return (
    <main class="preparing">
      <Waiting what={t("entering")} since={opened} next={t("entering.slow")} />
    </main>
  );
}

startPage(<Page />);
effect(() => {
  document.title = t("title");
});
void enter();
