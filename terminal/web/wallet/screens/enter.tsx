/** Signing in and making a wallet: the phone, the SMS code, and for a new wallet a PIN. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { explain, type Trouble as TroubleValue } from "../../shared/explain";
import { ApiFailure } from "../../shared/http";
import { named } from "../../shared/i18n";
import { digitsOf } from "../../shared/money";
import type { Challenge, SignedIn } from "../../shared/protocol";
import { Koban } from "../../shared/ui/icons";
import { PinPad } from "../../shared/ui/keypad";
import { Trouble, Waiting } from "../../shared/ui/status";
import { t } from "../../shared/words";
import { CodeField, Field, Form, Page, PasswordField } from "../entry-fields";
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
  const [kana, setKana] = useState("");
  const [birthDate, setBirthDate] = useState("");
  const [code, setCode] = useState("");
  const [pin, setPin] = useState("");
  const [trouble, setTrouble] = useState<TroubleValue | null>(null);
  const [busySince, setBusySince] = useState<number | null>(null);
  const [differs, setDiffers] = useState(false);

  // One account a person: such a town asks who somebody is, others are content with the phone.
  const asksWho = purse.town.value?.identity === "name_and_birth_date";
  const isWhoComplete = !asksWho || (kana.trim() !== "" && birthDate !== "");

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
          ...(asksWho && { kana: kana.trim(), birth_date: birthDate }),
        });
      } catch (error) {
        // The fields of the code and of who somebody is stand on the screen before this one.
        setPin("");
        const wantsCode =
          error instanceof ApiFailure && (error.code === "code_wrong" || error.code === "invalid");
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
            <p class="small soft centred">
              {w(asksWho ? "enter.register_lead_who" : "enter.register_lead")}
            </p>
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
            isReady={
              digitsOf(code).length === 6 &&
              password.length >= 8 &&
              name.trim() !== "" &&
              isWhoComplete
            }
          >
            {told}
            {codeFields(step.challenge, askRegister)}
            <Field
              label={w("enter.name")}
              hint={w(asksWho ? "enter.name_hint_who" : "enter.name_hint")}
            >
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
            {asksWho && (
              <Field label={w("enter.kana")} hint={w("enter.kana_hint")}>
                <input
                  class="field-input"
                  data-testid="kana"
                  maxLength={60}
                  value={kana}
                  onInput={(event) => setKana(event.currentTarget.value)}
                  required
                />
              </Field>
            )}
            {asksWho && (
              <Field label={w("enter.birth_date")}>
                <input
                  class="field-input"
                  data-testid="birth-date"
                  type="date"
                  autocomplete="bday"
                  value={birthDate}
                  onInput={(event) => setBirthDate(event.currentTarget.value)}
                  required
                />
              </Field>
            )}
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
