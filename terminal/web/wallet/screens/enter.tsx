/** Signing in and making a wallet: the phone, the SMS code, and for a new wallet a PIN. */
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { explain, type Trouble as TroubleValue } from "../../shared/explain";
import { ApiFailure } from "../../shared/http";
import { language, named, speak } from "../../shared/i18n";
import { digitsOf } from "../../shared/money";
import type { Challenge, SignedIn } from "../../shared/protocol";
import { Back, Koban } from "../../shared/ui/icons";
import { PinPad } from "../../shared/ui/keypad";
import { Trouble, Waiting } from "../../shared/ui/status";
import { t } from "../../shared/words";
import type { Purse } from "../purse";
import { w } from "../words";

type Step =
  | { name: "welcome" }
  | { name: "sign_in" }
  | { name: "sign_in_code"; challenge: Challenge }
  | { name: "register" }
  | { name: "register_code"; challenge: Challenge }
  | { name: "pin"; challenge: Challenge }
  | { name: "pin_again"; challenge: Challenge; pin: string };

function isPhone(text: string): boolean {
  return /^0\d{9,10}$/.test(digitsOf(text));
}

function troubleOf(error: unknown): TroubleValue {
  if (!(error instanceof ApiFailure)) return { code: "fault" };
  return { ...error.detail, code: error.code, detail: null };
}

export function Enter({ purse }: { purse: Purse }): JSX.Element {
  const [step, setStep] = useState<Step>({ name: "welcome" });
  const [phone, setPhone] = useState("");
  const [password, setPassword] = useState("");
  const [name, setName] = useState("");
  const [code, setCode] = useState("");
  const [pin, setPin] = useState("");
  const [trouble, setTrouble] = useState<TroubleValue | null>(null);
  const [busySince, setBusySince] = useState<number | null>(null);
  const [differs, setDiffers] = useState(false);

  const open = (next: Step): void => {
    setTrouble(null);
    setPin("");
    setStep(next);
  };
  const work = async (act: () => Promise<void>): Promise<void> => {
    setTrouble(null);
    setBusySince(Date.now());
    try {
      await act();
    } catch (error) {
      setTrouble(troubleOf(error));
    } finally {
      setBusySince(null);
    }
  };

  const askSignIn = (): Promise<void> =>
    work(async () => {
      const body = { phone: digitsOf(phone), password };
      const challenge = await purse.api.post<Challenge>("wallet/sign-in", body);
      setCode("");
      open({ name: "sign_in_code", challenge });
    });
  const finishSignIn = (challenge: Challenge): Promise<void> =>
    work(async () => {
      const body = { challenge: challenge.challenge, code: digitsOf(code) };
      await purse.api.post<SignedIn>("wallet/sign-in/finish", body);
      await purse.start();
    });
  const askRegister = (): Promise<void> =>
    work(async () => {
      const challenge = await purse.api.post<Challenge>("wallet/register", {
        phone: digitsOf(phone),
      });
      setCode("");
      open({ name: "register_code", challenge });
    });
  const finishRegister = (challenge: Challenge, chosen: string): Promise<void> =>
    work(async () => {
      try {
        await purse.api.post<SignedIn>("wallet/register/finish", {
          challenge: challenge.challenge,
          code: digitsOf(code),
          password,
          pin: chosen,
          name: name.trim(),
        });
      } catch (error) {
        // The code's field stands on the screen before this one.
        setPin("");
        const wantsCode = error instanceof ApiFailure && error.code === "code_wrong";
        setStep(wantsCode ? { name: "register_code", challenge } : { name: "register" });
        throw error;
      }
      await purse.start();
    });

  if (busySince !== null) {
    return (
      <Page purse={purse}>
        <div class="body-waiting stack">
          <Waiting what={w("enter.working")} since={busySince} next={w("enter.working_next")} />
        </div>
      </Page>
    );
  }

  // Nobody is signed in: there is no money to speak of yet.
  const told = trouble && <Trouble explanation={{ ...explain(trouble, "wallet"), money: "" }} />;
  const phoneField = (
    <Field label={w("enter.phone")} hint={w("enter.phone_hint")}>
      <input
        class="field-input"
        data-testid="phone"
        type="tel"
        inputMode="numeric"
        autocomplete="tel-national"
        name="username"
        value={phone}
        onInput={(event) => setPhone(event.currentTarget.value)}
        required
        autofocus
      />
    </Field>
  );
  const codeFields = (challenge: Challenge, again: () => Promise<void>): JSX.Element => (
    <CodeField
      challenge={challenge}
      phone={phone}
      value={code}
      onChange={setCode}
      onAgain={() => void again()}
      isDemo={purse.town.value?.demo === true}
    />
  );

  switch (step.name) {
    case "welcome":
      return (
        <Page purse={purse}>
          <div class="welcome">
            <Koban check={false} />
            <h1>{w("enter.welcome", { currency: named(purse.town.value?.currency) })}</h1>
            <p class="soft">{purse.town.value?.issuer}</p>
          </div>
          {told}
          <div class="acts">
            <button
              type="button"
              class="button button-primary button-wide"
              data-testid="open-register"
              onClick={() => open({ name: "register" })}
            >
              {w("enter.register")}
            </button>
            <p class="small soft centred">{w("enter.register_lead")}</p>
            <button
              type="button"
              class="button button-wide"
              data-testid="open-sign-in"
              onClick={() => open({ name: "sign_in" })}
            >
              {w("enter.have_one")}
            </button>
          </div>
        </Page>
      );
    case "sign_in":
      return (
        <Page purse={purse} title={w("enter.sign_in")} onBack={() => open({ name: "welcome" })}>
          <Form
            onSubmit={askSignIn}
            act={w("enter.send_code")}
            isReady={isPhone(phone) && password.length >= 8}
          >
            {told}
            {phoneField}
            <PasswordField label={w("enter.password")} value={password} onChange={setPassword} />
          </Form>
        </Page>
      );
    case "sign_in_code":
      return (
        <Page purse={purse} title={w("enter.code")} onBack={() => open({ name: "sign_in" })}>
          <Form
            onSubmit={() => finishSignIn(step.challenge)}
            act={w("enter.sign_in")}
            isReady={digitsOf(code).length === 6}
          >
            {told}
            {codeFields(step.challenge, askSignIn)}
          </Form>
        </Page>
      );
    case "register":
      return (
        <Page purse={purse} title={w("enter.register")} onBack={() => open({ name: "welcome" })}>
          <Form onSubmit={askRegister} act={w("enter.send_code")} isReady={isPhone(phone)}>
            {told}
            {phoneField}
          </Form>
        </Page>
      );
    case "register_code":
      return (
        <Page purse={purse} title={w("enter.register")} onBack={() => open({ name: "register" })}>
          <Form
            onSubmit={() => open({ name: "pin", challenge: step.challenge })}
            act={t("action.next")}
            isReady={digitsOf(code).length === 6 && password.length >= 8 && name.trim() !== ""}
          >
            {told}
            {codeFields(step.challenge, askRegister)}
            <Field label={w("enter.name")} hint={w("enter.name_hint")}>
              <input
                class="field-input"
                data-testid="name"
                autocomplete="name"
                maxLength={60}
                value={name}
                onInput={(event) => setName(event.currentTarget.value)}
                required
              />
            </Field>
            <PasswordField
              label={w("enter.password_new")}
              hint={w("enter.password_hint")}
              value={password}
              onChange={setPassword}
              isNew
            />
          </Form>
        </Page>
      );
    case "pin":
      return (
        <Page
          purse={purse}
          title={w("enter.pin_new")}
          onBack={() => open({ name: "register_code", challenge: step.challenge })}
        >
          <p class="soft" role={differs ? "alert" : undefined}>
            {differs ? w("enter.pin_differs") : w("enter.pin_new_hint")}
          </p>
          <PinPad
            key="first"
            value={pin}
            onChange={setPin}
            onComplete={(chosen) => {
              setDiffers(false);
              open({ name: "pin_again", challenge: step.challenge, pin: chosen });
            }}
          />
        </Page>
      );
    case "pin_again":
      return (
        <Page
          purse={purse}
          title={w("enter.pin_again")}
          onBack={() => open({ name: "pin", challenge: step.challenge })}
        >
          {told}
          <PinPad
            key="again"
            value={pin}
            onChange={setPin}
            onComplete={(chosen) => {
              if (chosen === step.pin) return void finishRegister(step.challenge, chosen);
              setDiffers(true);
              open({ name: "pin", challenge: step.challenge });
            }}
          />
        </Page>
      );
  }
}

function Page({
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

function Form({
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

function Field({
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

function PasswordField({
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

function CodeField({
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
