/** Settings: language, sound, notices, and the way out. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { type Explanation, explain } from "../../shared/explain";
import { ApiFailure } from "../../shared/http";
import { LANGUAGES, language, speak } from "../../shared/i18n";
import { type SoundName, sounds, VOICES } from "../../shared/sounds";
import { Dialog } from "../../shared/ui/dialog";
import { Trouble } from "../../shared/ui/status";
import { t } from "../../shared/words";
import { Frame } from "../frame";
import type { Purse } from "../purse";
import { type PushState, pushState, startPush, stopPush, tellLanguage } from "../push";
import { goHome } from "../route";
import { w } from "../words";

export function Settings({ purse }: { purse: Purse }): JSX.Element {
  return (
    <Frame purse={purse} title={w("settings.title")} onBack={goHome} testid="settings">
      <Languages purse={purse} />
      <Sound />
      <Push purse={purse} />
      <Account purse={purse} />
      <About purse={purse} />
    </Frame>
  );
}

function Languages({ purse }: { purse: Purse }): JSX.Element {
  const offered = purse.town.value?.languages ?? [];
  return (
    <section class="card stack">
      <h2>{w("settings.language")}</h2>
      <div class="choices">
        {LANGUAGES.filter((one) => offered.includes(one)).map((one) => (
          <button
            type="button"
            key={one}
            lang={one}
            class="button choice"
            aria-pressed={language.value === one}
            data-testid={`language-${one}`}
            onClick={() => {
              speak(one);
              void tellLanguage();
            }}
          >
            {one === "ja" ? "日本語" : "English"}
          </button>
        ))}
      </div>
    </section>
  );
}

const TESTS: readonly (SoundName & ("paid" | "refused" | "attention"))[] = [
  "paid",
  "refused",
  "attention",
];

function Sound(): JSX.Element {
  const choice = sounds().choice.value;
  const [heard, setHeard] = useState<boolean | null>(null);
  const test = (name: SoundName): void => {
    setHeard(null);
    void sounds().play(name).then(setHeard);
  };
  return (
    <section class="card stack">
      <h2>{w("settings.sound")}</h2>
      <label class="field">
        <span class="field-label">{w("settings.volume")}</span>
        <input
          class="volume"
          type="range"
          min="0"
          max="100"
          step="5"
          data-testid="volume"
          value={Math.round(choice.volume * 100)}
          aria-valuetext={`${Math.round(choice.volume * 100)}%`}
          onInput={(event) => sounds().choose({ volume: Number(event.currentTarget.value) / 100 })}
          onChange={() => test("paid")}
        />
      </label>
      <div class="stack-tight">
        <h3>{w("settings.voice")}</h3>
        <div class="choices">
          {VOICES.map((voice) => (
            <button
              type="button"
              key={voice}
              class="button choice"
              aria-pressed={choice.voice === voice}
              data-testid={`voice-${voice}`}
              onClick={() => {
                sounds().choose({ voice });
                test("paid");
              }}
            >
              {w(`settings.voice.${voice}`)}
            </button>
          ))}
        </div>
      </div>
      <div class="choices">
        {TESTS.map((name) => (
          <button
            type="button"
            key={name}
            class="button"
            data-testid={`test-${name}`}
            onClick={() => test(name)}
          >
            {w(`settings.test.${name}`)}
          </button>
        ))}
      </div>
      <p role="status" class="small" data-testid="sound-heard" data-heard={heard}>
        {heard === true && w("settings.test_heard")}
        {heard === false && w("settings.test_silent")}
      </p>
    </section>
  );
}

function Push({ purse }: { purse: Purse }): JSX.Element | null {
  const key = purse.town.value?.push_key ?? "";
  const [state, setState] = useState<PushState | null>(null);
  useEffect(() => {
    void pushState(purse.api.town).then(setState);
  }, []);
  if (key === "" || state === null) return null;
  return (
    <section class="card stack" data-testid="push" data-state={state}>
      <h2>{w("settings.push")}</h2>
      <p class="soft">{w("settings.push_lead")}</p>
      {state === "on" && <p>{w("settings.push_is_on")}</p>}
      {state === "denied" && <p>{w("settings.push_denied")}</p>}
      {state === "unsupported" && <p>{w("settings.push_unsupported")}</p>}
      {state === "failed" && <p role="alert">{w("settings.push_failed")}</p>}
      {(state === "off" || state === "failed") && (
        <button
          type="button"
          class="button"
          data-testid="push-on"
          onClick={() => void startPush(purse.api, key).then(setState)}
        >
          {w("settings.push_on")}
        </button>
      )}
      {state === "on" && (
        <button
          type="button"
          class="button"
          data-testid="push-off"
          onClick={() => void stopPush(purse.api).then(setState, () => setState("on"))}
        >
          {w("settings.push_off")}
        </button>
      )}
    </section>
  );
}

function Account({ purse }: { purse: Purse }): JSX.Element {
  const me = purse.me.value;
  const [isAsking, setAsking] = useState(false);
  const [trouble, setTrouble] = useState<Explanation | null>(null);
  const leave = async (): Promise<void> => {
    try {
      await purse.signOut();
      goHome();
    } catch (error) {
      setAsking(false);
      const code = error instanceof ApiFailure ? error.code : "fault";
      setTrouble(explain({ code }, "wallet"));
    }
  };
  return (
    <section class="card stack">
      <h2>{w("settings.account")}</h2>
      <dl class="facts">
        <dt>{w("enter.name")}</dt>
        <dd>{me?.name}</dd>
        <dt>{w("settings.wallet_number")}</dt>
        <dd>{me?.wallet}</dd>
        <dt>{w("settings.phone")}</dt>
        <dd>{w("settings.phone_tail", { tail: me?.phone_tail ?? "" })}</dd>
      </dl>
      {trouble && <Trouble explanation={trouble} />}
      <button type="button" class="button" data-testid="sign-out" onClick={() => setAsking(true)}>
        {w("settings.sign_out")}
      </button>
      {isAsking && (
        <Dialog title={w("settings.sign_out_sure")} onClose={() => setAsking(false)}>
          <p>{w("settings.sign_out_lead")}</p>
          <div class="acts">
            <button
              type="button"
              class="button button-primary"
              data-testid="sign-out-yes"
              onClick={() => void leave()}
            >
              {w("settings.sign_out")}
            </button>
            <button type="button" class="button" data-focus onClick={() => setAsking(false)}>
              {t("action.cancel")}
            </button>
          </div>
        </Dialog>
      )}
    </section>
  );
}

function About({ purse }: { purse: Purse }): JSX.Element {
  const town = purse.town.value;
  return (
    <section class="card stack">
      <h2>{w("settings.about")}</h2>
      <dl class="facts">
        <dt>{w("settings.issuer")}</dt>
        <dd>{town?.issuer}</dd>
        <dt>{w("settings.contact")}</dt>
        <dd>
          <a href={`tel:${town?.contact ?? ""}`}>{town?.contact}</a>
        </dd>
      </dl>
    </section>
  );
}
