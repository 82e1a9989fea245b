/** The signed-in console: who, where, the line's state; and the three views behind their tabs. */
import { signal } from "@preact/signals";
import type { JSX } from "preact";
import type { Connection } from "../shared/connection";
import type { Api } from "../shared/http";
import { LANGUAGES, language, named, speak } from "../shared/i18n";
import type { Operator } from "../shared/protocol";
import { ConnectionBanner, LineState, StopBar, Toasts } from "../shared/ui/status";
import { Live } from "./live";
import { Places } from "./places";
import { Connected } from "./sessions";
import type { Watch } from "./watch";
import { t } from "./words";

export interface DeskParts {
  api: Api;
  watch: Watch;
  connection: Connection;
  operator: Operator;
  leave: () => Promise<void>;
}

const VIEWS = ["live", "sessions", "places"] as const;
type View = (typeof VIEWS)[number];

const view = signal<View>("live");
const SHORT = { ja: "日本語", en: "English" } as const;

export function Desk({ api, watch, connection, operator, leave }: DeskParts): JSX.Element {
  const link = connection.link.value;
  return (
    <div class="desk" data-testid="desk">
      <header class="desk-head">
        <div>
          <h1>{t("title")}</h1>
          <p class="small soft">
            {named(watch.town.value?.name)} {named(watch.town.value?.currency)}
          </p>
        </div>
        <nav class="desk-tabs" aria-label={t("title")}>
          {VIEWS.map((name) => (
            <button
              key={name}
              type="button"
              class="desk-tab"
              aria-current={view.value === name ? "page" : undefined}
              data-testid={`tab-${name}`}
              onClick={() => {
                view.value = name;
              }}
            >
              {t(`tab.${name}`)}
            </button>
          ))}
        </nav>
        <div class="desk-who">
          <LineState link={link} />
          <span class="small" data-testid="operator">
            {operator.name}
            <span class="soft">
              {" "}
              {operator.role === "operator" ? t("role.operator") : t("role.ops")}
            </span>
          </span>
          {LANGUAGES.filter((known) => known !== language.value).map((known) => (
            <button
              key={known}
              type="button"
              class="button button-quiet"
              lang={known}
              data-testid={`language-${known}`}
              onClick={() => speak(known)}
            >
              {SHORT[known]}
            </button>
          ))}
          <button
            type="button"
            class="button button-quiet"
            data-testid="console-leave"
            onClick={() => void leave()}
          >
            {t("enter.leave")}
          </button>
        </div>
      </header>
      <ConnectionBanner link={link} onAgain={() => connection.start()} />
      <StopBar stops={connection.stops.value} />
      {watch.failed.value && (
        <p class="desk-note" role="status">
          {t("load.failed")}
        </p>
      )}
      <main class="desk-work">
        {view.value === "live" && <Live watch={watch} now={() => connection.serverNow()} />}
        {view.value === "sessions" && <Connected watch={watch} />}
        {view.value === "places" && (
          <Places api={api} watch={watch} mayChange={operator.role === "operator"} />
        )}
      </main>
      <Toasts />
    </div>
  );
}
