/** A tablet coming and going: its enrolment, shown once; its revocation, typed. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Api } from "../shared/http";
import { fullTime } from "../shared/i18n";
import { digitsOf } from "../shared/money";
import type { Done, Enrolment, Terminal } from "../shared/protocol";
import { Dialog } from "../shared/ui/dialog";
import { toast } from "../shared/ui/status";
import { copy } from "./export";
import { Form, Text } from "./form";
import { t } from "./words";

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
