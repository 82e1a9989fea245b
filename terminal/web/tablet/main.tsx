/** The shop's tablet: finds out who this page is, and shows the screen that fits. */
import { effect } from "@preact/signals";
import type { JSX } from "preact";
import { Api, ApiFailure, townOfPage } from "../shared/http";
import { Memory } from "../shared/memory";
import { startPage } from "../shared/page";
import type { TownInfo } from "../shared/protocol";
import { sounds } from "../shared/sounds";
import { Waiting } from "../shared/ui/status";
import { useTownColour } from "../shared/ui/theme";
import { Counters } from "./counters";
import { Enrolment } from "./enrolment";
import { stayAwake, watchFull } from "./glass";
import { Revoked } from "./revoked";
import { standing, Till } from "./till";
import { sayWiped, wipe } from "./wiping";
import { t } from "./words";
import "./tablet.css";

const AGAIN_MS = 3_000;

const api = new Api(townOfPage());
const memory = new Memory(`${api.town}.terminal`);
const opened = Date.now();
let till: Till | null = null;

function begin(): void {
  till = new Till(api);
  const { link } = till.connection;
  effect(() => {
    const { kind, reason } = link.value;
    if (kind === "ended" && (reason === "revoked" || reason === "signed_out")) leave(reason);
  });
  memory.write("enrolled", true);
  standing.value = "enrolled";
  till.start();
}

/** The gateway no longer knows this tablet: nothing of the shop stays on it. */
function leave(reason: "revoked" | "signed_out"): void {
  till?.connection.stop();
  till = null;
  standing.value = reason === "revoked" ? "revoked" : "stranger";
  void wipe(api.town).then(say);
}

/** The gateway takes the key back. One that was away when it was revoked hears only now why. */
async function say(): Promise<void> {
  const isRevoked = await sayWiped(api);
  if (isRevoked && standing.value === "stranger") standing.value = "revoked";
}

/** A tablet that was enrolled and is unknown now was revoked while it was away. */
async function findStanding(): Promise<void> {
  if (/^#enrol=/.test(location.hash)) {
    standing.value = "stranger";
    return;
  }
  try {
    await api.get("terminal");
    begin();
  } catch (error) {
    const status = error instanceof ApiFailure ? error.status : 0;
    if (status !== 401 && status !== 403) {
      setTimeout(() => void findStanding(), AGAIN_MS);
      return;
    }
    if (memory.read<boolean>("enrolled")) {
      leave("revoked");
      return;
    }
    standing.value = "stranger";
    void say(); // It may have been cut off between wiping and saying so.
  }
}

/** Before enrolment the page belongs to the town at least. */
async function wearTownColour(): Promise<void> {
  try {
    useTownColour((await api.get<TownInfo>("town")).colour);
  } catch {
    // The colour comes with the shop later.
  }
}

function Page(): JSX.Element {
  switch (standing.value) {
    case "starting":
      return (
        <main class="whole">
          <Waiting what={t("start.loading")} since={opened} next={t("start.failed")} />
        </main>
      );
    case "stranger":
      return <Enrolment api={api} onEnrolled={begin} />;
    case "revoked":
      return <Revoked />;
    case "enrolled":
      return till ? <Counters till={till} /> : <main class="whole" />;
  }
}

startPage(<Page />);
sounds();
stayAwake();
watchFull();
effect(() => {
  document.title = t("title");
});
void wearTownColour();
void findStanding();
