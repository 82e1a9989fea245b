/** The forms behind the shops and tablets; each says what will happen before it happens. */
import type { ComponentChildren, JSX } from "preact";
import { useState } from "preact/hooks";
import type { Explanation } from "../shared/explain";
import type { Api } from "../shared/http";
import { fullTime } from "../shared/i18n";
import { digitsOf } from "../shared/money";
import type { Done, Enrolment, ShopInfo, Terminal } from "../shared/protocol";
import { Dialog } from "../shared/ui/dialog";
import { Trouble, toast } from "../shared/ui/status";
import { t as common } from "../shared/words";
import { copy } from "./export";
import { troubleOf } from "./places";
import { t } from "./words";

interface FormProps {
  title: string;
  submit: string;
  isReady: boolean;
  /** Carries it out; what it throws is shown, and the form stays. */
  onSubmit: () => Promise<void>;
  onClose: () => void;
  testid: string;
  children: ComponentChildren;
}

function Form({
  title,
  submit,
  isReady,
  onSubmit,
  onClose,
  testid,
  children,
}: FormProps): JSX.Element {
  const [isBusy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<Explanation | null>(null);
  const send = async (): Promise<void> => {
    setBusy(true);
    setTrouble(null);
    try {
      await onSubmit();
    } catch (error) {
      setTrouble(troubleOf(error));
      setBusy(false);
    }
  };
  return (
    <Dialog title={title} onClose={onClose} testid={testid}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (isReady && !isBusy) void send();
        }}
      >
        {children}
        {trouble && <Trouble explanation={trouble} />}
        <button
          type="submit"
          class="button button-primary button-wide"
          data-testid={`${testid}-go`}
          disabled={!isReady || isBusy}
        >
          {submit}
        </button>
        <button type="button" class="button button-quiet button-wide" onClick={onClose}>
          {common("action.cancel")}
        </button>
      </form>
    </Dialog>
  );
}

interface TextProps {
  name: string;
  value: string;
  onChange: (value: string) => void;
  hint?: string;
  isNumeric?: boolean;
  max?: number;
  testid: string;
}

function Text({
  name,
  value,
  onChange,
  hint,
  isNumeric,
  max = 60,
  testid,
}: TextProps): JSX.Element {
  return (
    <label class="field">
      <span class="field-label">{name}</span>
      <input
        class="field-input"
        data-testid={testid}
        autocomplete="off"
        inputMode={isNumeric ? "numeric" : "text"}
        maxLength={max}
        value={value}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
      {hint && <span class="field-hint">{hint}</span>}
    </label>
  );
}

interface NewShopProps {
  api: Api;
  onClose: () => void;
  onDone: (shop: ShopInfo) => void;
}

export function NewShopForm({ api, onClose, onDone }: NewShopProps): JSX.Element {
  const [name, setName] = useState("");
  const [kind, setKind] = useState("");
  const [area, setArea] = useState("");
  const [pin, setPin] = useState("");
  const words = [name, kind, area].map((word) => word.trim());
  return (
    <Form
      title={t("shop.add")}
      submit={t("shop.save")}
      isReady={words.every(Boolean) && /^\d{4}$/.test(pin)}
      onSubmit={async () =>
        onDone(
          await api.post<ShopInfo>("console/shops", {
            name: words[0],
            kind: words[1],
            area: words[2],
            manager_pin: pin,
          }),
        )
      }
      onClose={onClose}
      testid="new-shop"
    >
      <Text name={t("shop.name")} value={name} onChange={setName} testid="new-shop-name" />
      <Text name={t("shop.kind")} value={kind} onChange={setKind} testid="new-shop-kind" />
      <Text name={t("shop.area")} value={area} onChange={setArea} testid="new-shop-area" />
      <Text
        name={t("shop.pin")}
        hint={t("shop.pin_help")}
        value={pin}
        onChange={(text) => setPin(digitsOf(text))}
        isNumeric
        max={4}
        testid="new-shop-pin"
      />
    </Form>
  );
}

interface NewTerminalProps {
  api: Api;
  shops: readonly ShopInfo[];
  shop: number | null;
  onClose: () => void;
  onDone: (enrolment: Enrolment) => void;
}

export function NewTerminalForm({
  api,
  shops,
  shop: given,
  onClose,
  onDone,
}: NewTerminalProps): JSX.Element {
  const [shop, setShop] = useState(String(given ?? shops[0]?.shop ?? ""));
  const [label, setLabel] = useState("");
  return (
    <Form
      title={t("terminal.add")}
      submit={t("shop.save")}
      isReady={shop !== "" && label.trim() !== ""}
      onSubmit={async () =>
        onDone(
          await api.post<Enrolment>(`console/shops/${shop}/terminals`, { label: label.trim() }),
        )
      }
      onClose={onClose}
      testid="new-terminal"
    >
      <label class="field">
        <span class="field-label">{t("terminal.shop")}</span>
        <select
          class="field-input"
          data-testid="new-terminal-shop"
          value={shop}
          onChange={(event) => setShop(event.currentTarget.value)}
        >
          {shops.map((known) => (
            <option key={known.shop} value={String(known.shop)}>
              {known.name}
            </option>
          ))}
        </select>
      </label>
      <Text
        name={t("terminal.label")}
        value={label}
        onChange={setLabel}
        testid="new-terminal-label"
      />
    </Form>
  );
}

interface EnrolmentShownProps {
  enrolment: Enrolment;
  onClose: () => void;
}

/** Shown once: neither the gateway nor this page keeps the code. */
export function EnrolmentShown({ enrolment, onClose }: EnrolmentShownProps): JSX.Element {
  const code = enrolment.qr.split("#enrol=")[1] ?? "";
  const copyCode = async (): Promise<void> => {
    toast((await copy(code)) ? t("tail.copied", { n: 1 }) : t("tail.not_copied"));
  };
  return (
    <Dialog title={t("enrolment.title")} testid="enrolment-shown">
      <p class="strong">{t("enrolment.once")}</p>
      <p>{t("enrolment.how")}</p>
      <div class="code-paper">
        {/* The gateway's own picture of the code, over the signed-in line. */}
        <img
          class="enrolment-picture"
          alt={t("enrolment.title")}
          src={`data:image/svg+xml;utf8,${encodeURIComponent(enrolment.svg)}`}
          data-testid="enrolment-qr"
          data-qr={enrolment.qr}
        />
      </div>
      <p class="enrolment-code" data-testid="enrolment-code">
        {code}
      </p>
      <p class="soft small">{t("enrolment.until", { time: fullTime(enrolment.expires_at) })}</p>
      <button
        type="button"
        class="button"
        data-testid="enrolment-copy"
        onClick={() => void copyCode()}
      >
        {t("enrolment.copy")}
      </button>
      <a
        class="button"
        href={enrolment.qr}
        target="_blank"
        rel="noopener"
        data-testid="enrolment-link"
      >
        {t("enrolment.link")}
      </a>
      <button
        type="button"
        class="button button-primary button-wide"
        data-testid="enrolment-done"
        onClick={onClose}
      >
        {t("enrolment.done")}
      </button>
    </Dialog>
  );
}

interface RevokeProps {
  api: Api;
  terminal: Terminal;
  shopName: string;
  onClose: () => void;
  onDone: () => void;
}

/** A dangerous act: what will happen, and the tablet's number typed as the confirmation. */
export function RevokeForm({ api, terminal, shopName, onClose, onDone }: RevokeProps): JSX.Element {
  const [typed, setTyped] = useState("");
  return (
    <Form
      title={t("revoke.title")}
      submit={t("revoke.do")}
      isReady={digitsOf(typed) === String(terminal.terminal)}
      onSubmit={async () => {
        await api.post<Done>(`console/terminals/${terminal.terminal}/revoke`);
        onDone();
      }}
      onClose={onClose}
      testid="revoke"
    >
      <p class="strong">{t("revoke.what", { shop: shopName, label: terminal.label })}</p>
      <p>{t("revoke.keeps")}</p>
      <Text
        name={t("revoke.type", { n: terminal.terminal })}
        value={typed}
        onChange={setTyped}
        isNumeric
        max={20}
        testid="revoke-number"
      />
    </Form>
  );
}
