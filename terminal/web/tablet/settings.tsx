/** Sound, screen and language of this one tablet. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { canSpeak } from "../shared/device";
import { LANGUAGES, language, named, speak } from "../shared/i18n";
import { SOUND_NAMES, type SoundName, sounds, VOICES } from "../shared/sounds";
import { Check, Speaker, Stop } from "../shared/ui/icons";
import { LineState } from "../shared/ui/status";
import { canFill, full, toggleFull, wake } from "./glass";
import { Silence } from "./idle";
import { Step } from "./step";
import type { Till } from "./till";
import { t } from "./words";

const NAMES = { ja: "日本語", en: "English" } as const;

export function Settings({ till }: { till: Till }): JSX.Element {
  return (
    <Step
      till={till}
      title={t("set.title")}
      onBack={() => till.clerk.rest()}
      testid="settings-screen"
    >
      <div class="settings">
        <SoundCard till={till} />
        <ScreenCard />
        <section class="card stack">
          <h2>{t("set.language")}</h2>
          <div class="choices">
            {LANGUAGES.map((known) => (
              <button
                key={known}
                type="button"
                class={known === language.value ? "choice choice-chosen" : "choice"}
                aria-pressed={known === language.value}
                data-testid={`language-${known}`}
                lang={known}
                onClick={() => speak(known)}
              >
                {NAMES[known]}
              </button>
            ))}
          </div>
        </section>
        <section class="card stack-tight">
          <h2>{t("set.terminal")}</h2>
          <p>{till.counter.terminal.value?.shop.name}</p>
          <p>
            {till.counter.terminal.value?.label}{" "}
            <span class="soft">#{till.counter.terminal.value?.terminal}</span>
          </p>
          <p class="soft small">{named(till.counter.town.value?.name)}</p>
          <LineState link={till.connection.link.value} />
        </section>
      </div>
    </Step>
  );
}

function SoundCard({ till }: { till: Till }): JSX.Element {
  const player = sounds();
  const { voice, volume } = player.choice.value;
  const [heard, setHeard] = useState<boolean | null>(null);
  const test = async (name: SoundName): Promise<void> => {
    setHeard(null);
    setHeard(await player.play(name));
  };
  return (
    <section class="card stack">
      <h2>{t("set.sound")}</h2>
      <Silence />
      <label class="field">
        <span class="field-label">
          {t("set.volume")} {Math.round(volume * 100)}%
        </span>
        <input
          type="range"
          class="range"
          min="0"
          max="100"
          step="5"
          data-testid="volume"
          value={Math.round(volume * 100)}
          onInput={(event) => player.choose({ volume: Number(event.currentTarget.value) / 100 })}
          onChange={() => void test("paid")}
        />
      </label>
      <div class="field">
        <span class="field-label">{t("set.voice")}</span>
        <div class="choices">
          {VOICES.map((known) => (
            <button
              key={known}
              type="button"
              class={known === voice ? "choice choice-chosen" : "choice"}
              aria-pressed={known === voice}
              data-testid={`voice-${known}`}
              onClick={() => {
                player.choose({ voice: known });
                void test("paid");
              }}
            >
              {t(`voice.${known}`)}
            </button>
          ))}
        </div>
      </div>
      <div class="field">
        <span class="field-label">{t("set.test")}</span>
        <div class="choices">
          {SOUND_NAMES.map((name) => (
            <button
              key={name}
              type="button"
              class="choice"
              data-testid={`test-${name}`}
              onClick={() => void test(name)}
            >
              <Speaker /> {t(`sound.${name}`)}
            </button>
          ))}
        </div>
      </div>
      <p class="settings-heard" role="status" data-testid="heard" data-heard={String(heard)}>
        {heard === true && (
          <>
            <Check /> {t("set.heard")}
          </>
        )}
        {heard === false && (
          <>
            <Stop /> {t("set.silent")}
          </>
        )}
      </p>
      {canSpeak() && (
        <label class="switch">
          <input
            type="checkbox"
            data-testid="speak-amounts"
            checked={till.announcer.speaks.value}
            onChange={(event) => till.announcer.speakAmounts(event.currentTarget.checked)}
          />
          {t("set.speak")}
        </label>
      )}
    </section>
  );
}

function ScreenCard(): JSX.Element {
  return (
    <section class="card stack">
      <h2>{t("set.screen")}</h2>
      {canFill() && (
        <button
          type="button"
          class="button"
          data-testid="fill-screen"
          onClick={() => void toggleFull()}
        >
          {full.value ? t("set.unfill") : t("set.fill")}
        </button>
      )}
      <p data-testid="wake" data-wake={wake.value}>
        {wake.value === "awake" ? t("set.awake") : t("set.may_sleep")}
      </p>
    </section>
  );
}
