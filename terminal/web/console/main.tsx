/** The console: signs in, then watches the town. */
import { effect, signal } from "@preact/signals";
import type { JSX } from "preact";
import { Connection } from "../shared/connection";
import { Api, ApiFailure, townOfPage } from "../shared/http";
import { startPage } from "../shared/page";
import type { Operator, TownInfo } from "../shared/protocol";
import { Waiting } from "../shared/ui/status";
import { useTownColour } from "../shared/ui/theme";
import { Desk, type DeskParts } from "./desk";
import { SignInForm } from "./sign-in";
import { Watch } from "./watch";
import { t } from "./words";
import "./console.css";

const AGAIN_MS = 3_000;

const api = new Api(townOfPage());
const opened = Date.now();
const state = signal<"starting" | "stranger" | DeskParts>("starting");

function begin(operator: Operator): void {
  const watch = new Watch(api);
  const connection = new Connection({
    town: api.town,
    role: "console",
    ticket: () => api.ticket("console"),
    listener: {
      load: () => void watch.load(),
      event: () => undefined,
      message: (message) => {
        if (message.type === "events") watch.events(message.events, message.skipped);
        else if (message.type === "figures") watch.figured(message);
        else if (message.type === "alert") watch.alerted(message);
      },
    },
  });
  effect(() => {
    const link = connection.link.value;
    if (link.kind === "ended" && link.reason === "signed_out") state.value = "stranger";
  });
  state.value = { api, watch, connection, operator, leave };
  connection.start();
}

/** Signs out here and at the gateway; where that can't be reached, here at least. */
async function leave(): Promise<void> {
  if (typeof state.value === "object") state.value.connection.stop();
  state.value = "stranger";
  try {
    await api.post("console/sign-out");
  } catch {
    // The session then ends when it expires.
  }
}

async function findStanding(): Promise<void> {
  try {
    begin(await api.get<Operator>("console/me"));
  } catch (error) {
    const status = error instanceof ApiFailure ? error.status : 0;
    if (status === 401 || status === 403) state.value = "stranger";
    else setTimeout(() => void findStanding(), AGAIN_MS);
  }
}

async function wearTownColour(): Promise<void> {
  try {
    useTownColour((await api.get<TownInfo>("town")).colour);
  } catch {
    // Without the town's colour the console is only plainer.
  }
}

function Page(): JSX.Element {
  const now = state.value;
  if (now === "starting") {
    return (
      <main class="whole">
        <Waiting what={t("start.loading")} since={opened} next={t("start.slow")} />
      </main>
    );
  }
  if (now === "stranger") return <SignInForm api={api} onEntered={() => void findStanding()} />;
  return <Desk {...now} />;
}

startPage(<Page />);
effect(() => {
  document.title = t("title");
});
void wearTownColour();
void findStanding();
