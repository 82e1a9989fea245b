/** A tablet becomes a shop's by a code that works once: from the address, the camera or the keyboard. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { type Explanation, explain } from "../shared/explain";
import { type Api, ApiFailure } from "../shared/http";
import type { SignedIn } from "../shared/protocol";
import { Scanner } from "../shared/scanner";
import { readScanned } from "../shared/sticker";
import { Koban } from "../shared/ui/icons";
import { Trouble, Waiting } from "../shared/ui/status";
import { t as common } from "../shared/words";
import { t } from "./words";

type Way = "choose" | "camera" | "keys";

export function Enrolment({ api, onEnrolled }: { api: Api; onEnrolled: () => void }): JSX.Element {
  const [way, setWay] = useState<Way>("choose");
  const [since, setSince] = useState<number | null>(null);
  const [trouble, setTrouble] = useState<Explanation | null>(null);
  const [isForeign, setForeign] = useState(false);

  const enrol = async (code: string): Promise<void> => {
    setSince(Date.now());
    setTrouble(null);
    setForeign(false);
    try {
      await api.post<SignedIn>("terminal/enrol", { code });
      onEnrolled();
    } catch (error) {
      const failure = error instanceof ApiFailure ? error : null;
      setTrouble(explain(failure?.detail ?? { code: failure?.code ?? "fault" }, "shop"));
      setSince(null);
      setWay("choose");
    }
  };

  useEffect(() => {
    const found = /^#enrol=(.+)$/.exec(location.hash);
    if (!found?.[1]) return;
    // The code leaves the address bar at once: it must not stay in the history or on the glass.
    history.replaceState(null, "", location.pathname);
    void enrol(decodeURIComponent(found[1]));
  }, []);

  const scanned = (text: string): void => {
    const read = readScanned(text, api.town);
    if (read.kind === "enrolment") void enrol(read.secret);
    else setForeign(true);
  };

  if (since !== null) {
    return (
      <main class="whole">
        <Waiting what={t("enrol.working")} since={since} next={t("wait.slow")} />
      </main>
    );
  }
  return (
    <main class="whole" data-testid="enrolment">
      <div class="enrol stack">
        <div class="enrol-coin">
          <Koban check={false} />
        </div>
        <h1 class="centred">{t("enrol.title")}</h1>
        <p class="centred">{t("enrol.help")}</p>
        {trouble && <Trouble explanation={trouble} testid="enrol-trouble" />}
        {isForeign && (
          <p class="step-trouble" role="alert" data-testid="enrol-foreign">
            {t("enrol.foreign")}
          </p>
        )}
        {way === "camera" && <Scanner hint={t("enrol.help")} onRead={scanned} />}
        {way === "keys" && <Typed onCode={(code) => void enrol(code)} />}
        {way !== "camera" && (
          <button
            type="button"
            class="button button-primary button-wide"
            data-testid="enrol-scan"
            onClick={() => setWay("camera")}
          >
            {t("enrol.scan")}
          </button>
        )}
        {way === "choose" ? (
          <button
            type="button"
            class="button button-quiet button-wide"
            data-testid="enrol-type"
            onClick={() => setWay("keys")}
          >
            {t("enrol.type")}
          </button>
        ) : (
          <button
            type="button"
            class="button button-quiet button-wide"
            data-testid="enrol-back"
            onClick={() => setWay("choose")}
          >
            {common("action.back")}
          </button>
        )}
      </div>
    </main>
  );
}

const SECRET_MIN = 16;

function Typed({ onCode }: { onCode: (code: string) => void }): JSX.Element {
  const [code, setCode] = useState("");
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (code.trim().length >= SECRET_MIN) onCode(code.trim());
      }}
    >
      <label class="field">
        <span class="field-label">{t("enrol.label")}</span>
        <input
          class="field-input"
          data-testid="enrol-code"
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          maxLength={200}
          value={code}
          onInput={(event) => setCode(event.currentTarget.value)}
          autofocus
        />
      </label>
      <button
        type="submit"
        class="button button-wide"
        data-testid="enrol-go"
        disabled={code.trim().length < SECRET_MIN}
      >
        {t("enrol.go")}
      </button>
    </form>
  );
}
