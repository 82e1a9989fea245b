/** What fills the whole glass until it is touched: the amount and a gold coin, or honest other news. */
import type { JSX } from "preact";
import { explain } from "../shared/explain";
import { clockTime, language, shortTime } from "../shared/i18n";
import { yen } from "../shared/money";
import type { Receipt } from "../shared/protocol";
import { Amount } from "../shared/ui/amount";
import { useFocusInside } from "../shared/ui/dialog";
import { Koban, RefusedMark } from "../shared/ui/icons";
import type { Absence, Sum } from "./absence";
import { isGiving } from "./clerk";
import { walletTail } from "./feed";
import { nameOf, unitOf } from "./lines";
import type { Till } from "./till";
import { t } from "./words";

export function News({ till }: { till: Till }): JSX.Element | null {
  const news = till.announcer.showing.value;
  const close = (): void => till.announcer.dismiss();
  switch (news?.kind) {
    case undefined:
      return null;
    case "done":
      return <Done till={till} receipt={news.receipt} also={news.also} onClose={close} />;
    case "away":
      return <Away absence={news.absence} onClose={close} />;
    case "not_done":
      return (
        <NotDone
          title={t("wait.not_done", { amount: yen(news.amount, language.value) })}
          onClose={close}
        />
      );
    case "not_given":
      return <NotDone title={t("wait.not_given")} onClose={close} />;
  }
}

type Title = "done.payment" | "done.top_up" | "done.issue" | "done.grant" | "done.reversal";

const TITLES: Record<string, Title> = {
  payment: "done.payment",
  top_up: "done.top_up",
  issue: "done.issue",
  grant: "done.grant",
  reversal: "done.reversal",
};

interface DoneProps {
  till: Till;
  receipt: Receipt;
  also: readonly Receipt[];
  onClose: () => void;
}

/** The one screen that everybody in front of the counter must understand from two metres. */
function Done({ till, receipt, also, onClose }: DoneProps): JSX.Element {
  const tail = walletTail({ wallet: receipt.wallet ?? null });
  const parts = receipt.parts ?? [];
  const isBack = receipt.kind === "reversal";
  const title = t(TITLES[receipt.kind] ?? "done.payment");
  return (
    <Whole
      class={isBack ? "result-open" : "result-good"}
      title={title}
      onClose={onClose}
      testid="success"
    >
      <div data-testid="success-receipt" data-id={receipt.id} data-kind={receipt.kind}>
        <Koban check={!isBack} />
      </div>
      <Amount
        value={receipt.amount}
        size="huge"
        unit={isGiving(receipt.kind) && parts[0] ? unitOf(till, parts[0].instrument) : undefined}
        sign={isBack ? "−" : undefined}
        testid="success-amount"
      />
      <h1>{title}</h1>
      {isBack && <p class="strong">{backWords(till, receipt)}</p>}
      {receipt.activity != null && <p class="strong">{receipt.activity}</p>}
      {receipt.purchase != null && (
        <p class="strong">
          {t("line.purchase", { amount: yen(receipt.purchase, language.value) })}
        </p>
      )}
      <p class="success-facts">
        {[
          clockTime(receipt.at),
          tail && t("line.customer", { tail }),
          receipt.entry == null ? "" : t("line.entry", { n: receipt.entry }),
        ]
          .filter(Boolean)
          .join(" · ")}
      </p>
      {parts.length > 1 && (
        <p class="success-facts">
          {parts.map((part, place) => (
            <span key={part.instrument}>
              {place > 0 && " + "}
              {nameOf(till, part.instrument)}{" "}
              <Amount value={part.amount} unit={unitOf(till, part.instrument)} />
            </span>
          ))}
        </p>
      )}
      {also.length > 0 && (
        <ul
          class="success-also"
          data-testid="success-also"
          aria-label={t("done.also", { n: also.length })}
        >
          {also.map((other) => (
            <li>
              <span>{clockTime(other.at)}</span> <Amount value={other.amount} />
            </li>
          ))}
        </ul>
      )}
    </Whole>
  );
}

/** A payment taken back is the customer's again; a top-up taken back is cash to be handed over. */
function backWords(till: Till, receipt: Receipt): string {
  const original = till.counter.find(receipt.refers ?? null);
  if (original?.kind === "issue") return t("done.reversal_issue");
  if (original?.kind !== "top_up") return t("done.reversal_help");
  return t("done.reversal_cash", { amount: yen(receipt.amount, language.value) });
}

function Away({ absence, onClose }: { absence: Absence; onClose: () => void }): JSX.Element {
  const sum = (name: string, { count, amount }: Sum, testid: string): JSX.Element | null =>
    count === 0 ? null : (
      <div>
        <dt>
          {name} <span class="soft">{t("day.count", { n: count })}</span>
        </dt>
        <dd>
          <Amount value={amount} testid={testid} />
        </dd>
      </div>
    );
  return (
    <Whole class="result-open" title={t("away.title")} onClose={onClose} testid="away">
      <h1>{t("away.title")}</h1>
      <p class="soft">
        {t("away.from_to", { from: shortTime(absence.from), to: shortTime(absence.to) })}
      </p>
      <dl class="facts facts-large">
        {sum(t("kind.payment"), absence.payments, "away-payments")}
        {sum(t("kind.top_up"), absence.top_ups, "away-top-ups")}
        {sum(t("kind.issue"), absence.issues, "away-issues")}
        {sum(t("kind.reversal"), absence.reversals, "away-reversals")}
        {sum(t("kind.question"), absence.questions, "away-questions")}
      </dl>
      <span class="button">{t("away.see")}</span>
    </Whole>
  );
}

function NotDone({ title, onClose }: { title: string; onClose: () => void }): JSX.Element {
  const words = explain({ code: "not_sent" }, "shop");
  return (
    <Whole class="result-bad" title={title} onClose={onClose} testid="not-done">
      <RefusedMark />
      <h1>{title}</h1>
      <p class="strong">{words.money}</p>
      <p class="prose">{t("wait.not_done_help")}</p>
    </Whole>
  );
}

interface WholeProps {
  class: string;
  title: string;
  onClose: () => void;
  testid: string;
  children: JSX.Element | (JSX.Element | null | false)[];
}

/** The whole glass is the button: wet hands, gloves and elbows close it too. */
function Whole({ class: look, title, onClose, testid, children }: WholeProps): JSX.Element {
  const box = useFocusInside<HTMLDivElement>();
  const press = (event: KeyboardEvent): void => {
    if (!["Escape", "Enter", " "].includes(event.key)) return;
    event.preventDefault();
    onClose();
  };
  return (
    <div
      ref={box}
      class={`result news ${look}`}
      role="alertdialog"
      aria-modal="true"
      aria-label={title}
      tabIndex={-1}
      data-testid={testid}
      onClick={onClose}
      onKeyDown={press}
    >
      {children}
      <button type="button" class="button button-quiet news-close" data-focus>
        {t("done.close")}
      </button>
    </div>
  );
}
