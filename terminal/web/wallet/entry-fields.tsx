/** The parts of the sign-in screens: a page with its language, a form with one act, and the fields. */
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { language, speak } from "../shared/i18n";
import type { Challenge } from "../shared/protocol";
import { Back } from "../shared/ui/icons";
import { t } from "../shared/words";
import type { Purse } from "./purse";
import { w } from "./words";

export function Page({
  purse,
  title,
  onBack,
  children,
}: {
  purse: Purse;
  title?: string;
  onBack?: () => void;
  children: ComponentChildren;
}): JSX.Element {
  const languages = purse.town.value?.languages ?? ["ja", "en"];
  const other = language.value === "ja" ? "en" : "ja";
  return (
    <div class="screen" data-testid="enter">
      <div />
      <header class="head">
        {onBack ? (
          <button
            type="button"
            class="button button-quiet button-icon"
            aria-label={t("action.back")}
            data-testid="back"
            onClick={onBack}
          >
            <Back />
          </button>
        ) : (
          <span />
        )}
        {title ? <h1 class="head-title">{title}</h1> : <span />}
        {languages.includes(other) && (
          <button
            type="button"
            class="button button-quiet"
            lang={other}
            data-testid={`language-${other}`}
            onClick={() => speak(other)}
          >
            {other === "en" ? "English" : "日本語"}
          </button>
        )}
      </header>
      <main class="body">{children}</main>
    </div>
  );
}

export function Form({
  onSubmit,
  act,
  isReady,
  children,
}: {
  onSubmit: () => void | Promise<void>;
  act: string;
  isReady: boolean;
  children: ComponentChildren;
}): JSX.Element {
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady) void onSubmit();
      }}
    >
      {children}
      <div class="acts">
        <button
          type="submit"
          class="button button-primary button-wide"
          data-testid="submit"
          disabled={!isReady}
        >
          {act}
        </button>
      </div>
    </form>
  );
}

export function Field({
  label,
  hint,
  children,
}: {
  label: string;
  hint?: string | undefined;
  children: ComponentChildren;
}): JSX.Element {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is among the children.
    <label class="field">
      <span class="field-label">{label}</span>
      {children}
      {hint && <span class="field-hint">{hint}</span>}
    </label>
  );
}

export function PasswordField({
  label,
  hint,
  value,
  onChange,
  isNew = false,
}: {
  label: string;
  hint?: string;
  value: string;
  onChange: (value: string) => void;
  isNew?: boolean;
}): JSX.Element {
  const [isVisible, setVisible] = useState(false);
  return (
    <div class="stack-tight">
      <Field label={label} hint={hint}>
        <input
          class="field-input"
          data-testid="password"
          {...(isVisible ? { type: "text" as const } : { type: "password" as const })}
          autocomplete={isNew ? "new-password" : "current-password"}
          minLength={8}
          maxLength={128}
          value={value}
          onInput={(event) => onChange(event.currentTarget.value)}
          required
        />
      </Field>
      <label class="password-line">
        <input
          type="checkbox"
          checked={isVisible}
          onChange={(event) => setVisible(event.currentTarget.checked)}
        />
        <span>{w("enter.password_show")}</span>
      </label>
    </div>
  );
}

export function CodeField({
  challenge,
  phone,
  value,
  onChange,
  onAgain,
  isDemo,
}: {
  challenge: Challenge;
  phone: string;
  value: string;
  onChange: (value: string) => void;
  onAgain: () => void;
  isDemo: boolean;
}): JSX.Element {
  const [now_ms, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  const left_s = Math.max(0, Math.ceil((challenge.expires_at - now_ms) / 1000));
  const time = `${Math.floor(left_s / 60)}:${String(left_s % 60).padStart(2, "0")}`;
  return (
    <div class="stack">
      <Field label={w("enter.code")} hint={w("enter.code_hint", { phone })}>
        <input
          class="field-input"
          data-testid="sms-code"
          inputMode="numeric"
          autocomplete="one-time-code"
          maxLength={12}
          value={value}
          onInput={(event) => onChange(event.currentTarget.value)}
          required
          autofocus
        />
      </Field>
      <p class={left_s === 0 ? "trouble-what" : "small soft"}>
        {left_s === 0 ? w("enter.code_over") : w("enter.code_left", { time })}
      </p>
      <div class="choices">
        <button type="button" class="button" data-testid="code-again" onClick={onAgain}>
          {w("enter.code_again")}
        </button>
        {isDemo && (
          <a class="button" href="/demo/sms" target="_blank" rel="noreferrer" data-testid="inbox">
            {w("enter.inbox")}
          </a>
        )}
      </div>
    </div>
  );
}
