import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { type Explanation, explain } from "../shared/explain";
import { type Api, ApiFailure } from "../shared/http";
import type { SignedIn } from "../shared/protocol";
import { Koban } from "../shared/ui/icons";
import { Trouble } from "../shared/ui/status";
import { t } from "./words";

/** Name and password; nothing else stands between an operator and the town. */
export function SignInForm({ api, onEntered }: { api: Api; onEntered: () => void }): JSX.Element {
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [isBusy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<Explanation | null>(null);

  const enter = async (): Promise<void> => {
    setBusy(true);
    setTrouble(null);
    try {
      await api.post<SignedIn>("console/sign-in", { name: name.trim(), password });
      onEntered();
    } catch (error) {
      const failure = error instanceof ApiFailure ? error : null;
      setTrouble(explain(failure?.detail ?? { code: failure?.code ?? "fault" }, "shop"));
      setBusy(false);
    }
  };

  return (
    <main class="whole">
      <form
        class="enter stack"
        data-testid="console-sign-in"
        onSubmit={(event) => {
          event.preventDefault();
          void enter();
        }}
      >
        <div class="enter-coin">
          <Koban check={false} />
        </div>
        <h1 class="centred">{t("enter.title")}</h1>
        {trouble && <Trouble explanation={trouble} />}
        <label class="field">
          <span class="field-label">{t("enter.name")}</span>
          <input
            class="field-input"
            data-testid="console-name"
            autocomplete="username"
            maxLength={60}
            value={name}
            onInput={(event) => setName(event.currentTarget.value)}
            autofocus
          />
        </label>
        <label class="field">
          <span class="field-label">{t("enter.password")}</span>
          <input
            class="field-input"
            type="password"
            data-testid="console-password"
            autocomplete="current-password"
            maxLength={128}
            value={password}
            onInput={(event) => setPassword(event.currentTarget.value)}
          />
        </label>
        <button
          type="submit"
          class="button button-primary button-wide"
          data-testid="console-enter"
          disabled={isBusy || name.trim() === "" || password === ""}
        >
          {isBusy ? t("enter.working") : t("enter.go")}
        </button>
      </form>
    </main>
  );
}
