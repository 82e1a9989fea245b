/** Taking a payment or cash for a top-up: scan, amount, check, wait, refusal. One task a screen. */
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { explain } from "../shared/explain";
import { language, shortTime } from "../shared/i18n";
import { yen } from "../shared/money";
import { Scanner } from "../shared/scanner";
import { Amount } from "../shared/ui/amount";
import { Back, Question, RefusedMark } from "../shared/ui/icons";
import { AmountPad } from "../shared/ui/keypad";
import { LineState, Waiting } from "../shared/ui/status";
import { t as common } from "../shared/words";
import type { Task } from "./clerk";
import type { Till } from "./till";
import { t } from "./words";

type TaskOf<S extends Task["step"]> = Extract<Task, { step: S }>;

interface StepProps<S extends Task["step"]> {
  till: Till;
  task: TaskOf<S>;
}

const AMOUNT_MAX = 100_000;

/** A task's frame: a way back, a title, the work, and one primary act at the thumb. */
export function Step({
  till,
  title,
  onBack,
  children,
  act,
  testid,
}: {
  till: Till;
  title: string;
  onBack: () => void;
  children: ComponentChildren;
  act?: ComponentChildren;
  testid: string;
}): JSX.Element {
  useEffect(() => {
    const leave = (event: KeyboardEvent): void => {
      if (event.key === "Escape") onBack();
    };
    document.addEventListener("keydown", leave);
    return () => document.removeEventListener("keydown", leave);
  });
  return (
    <main class="step" data-testid={testid}>
      <header class="step-head">
        <button type="button" class="button" data-testid="back" onClick={onBack}>
          <Back />
          {common("action.back")}
        </button>
        <h1>{title}</h1>
        <LineState link={till.connection.link.value} />
      </header>
      <div class="step-work">{children}</div>
      {act && <div class="step-act">{act}</div>}
    </main>
  );
}

export function Scan({ till, task }: StepProps<"scan">): JSX.Element {
  const { amount, trouble } = task;
  return (
    <Step till={till} title={t("scan.title")} onBack={() => till.clerk.rest()} testid="scan-screen">
      {amount !== null && (
        <p class="step-say" data-testid="scan-amount">
          {t("scan.amount", { amount: yen(amount, language.value) })}
        </p>
      )}
      {trouble && (
        <p class="step-trouble" role="alert" data-testid="scan-trouble">
          {trouble === "sticker" ? t("scan.sticker") : common(`scanned.${trouble}`)}
        </p>
      )}
      <Scanner hint={t("scan.help")} onRead={(text) => void till.clerk.scanned(text, amount)} />
    </Step>
  );
}

export function Reading({ till }: { till: Till }): JSX.Element {
  const [since] = useState(Date.now);
  return (
    <Step
      till={till}
      title={t("scan.title")}
      onBack={() => till.clerk.rest()}
      testid="reading-screen"
    >
      <Waiting what={t("scan.reading")} since={since} next={t("wait.slow")} />
    </Step>
  );
}

export function EnterAmount({ till, task }: StepProps<"amount">): JSX.Element {
  const [value, setValue] = useState(0);
  const max = till.counter.town.value?.payment_max ?? AMOUNT_MAX;
  const { code } = task;
  const go = (): void => {
    if (value === 0) return;
    if (code) till.clerk.charge(code, value);
    else till.clerk.scan(value);
  };
  return (
    <Step
      till={till}
      title={t("amount.title")}
      onBack={() => till.clerk.rest()}
      testid="amount-screen"
      act={
        <button
          type="button"
          class="button button-primary button-wide"
          data-testid="amount-go"
          disabled={value === 0}
          onClick={go}
        >
          {code ? t("amount.receive", { amount: yen(value, language.value) }) : t("amount.next")}
        </button>
      }
    >
      <p class="centred soft">
        {code ? t("amount.code_read") : t("amount.max", { amount: yen(max, language.value) })}
      </p>
      <AmountPad value={value} max={max} onChange={setValue} onEnter={go} />
    </Step>
  );
}

export function Check({ till, task }: StepProps<"check">): JSX.Element {
  const { code, amount, entered } = task;
  return (
    <Step
      till={till}
      title={t("check.title")}
      onBack={() => till.clerk.rest()}
      testid="check-screen"
      act={
        <button
          type="button"
          class="button button-primary button-wide"
          data-testid="check-go"
          onClick={() => till.clerk.charge(code, amount, true)}
        >
          {t("amount.receive", { amount: yen(amount, language.value) })}
        </button>
      }
    >
      <div class="step-centre">
        {entered !== null && (
          <p class="step-trouble" role="alert" data-testid="check-differs">
            {t("check.differs", { amount: yen(entered, language.value) })}
          </p>
        )}
        <Amount value={amount} size="huge" testid="check-amount" />
      </div>
    </Step>
  );
}

/** Cash first, value second: the button stands for the money in the clerk's hand. */
export function Cash({ till, task }: StepProps<"cash">): JSX.Element {
  const { code, amount } = task;
  return (
    <Step
      till={till}
      title={t("cash.title")}
      onBack={() => till.clerk.rest()}
      testid="cash-screen"
      act={
        <button
          type="button"
          class="button button-primary button-wide"
          data-testid="cash-taken"
          onClick={() => till.clerk.cashTaken(code, amount)}
        >
          {t("cash.taken")}
        </button>
      }
    >
      <div class="step-centre">
        <p class="step-say">{t("cash.take")}</p>
        <Amount value={amount} size="huge" testid="cash-amount" />
        <p class="soft">{t("cash.help")}</p>
      </div>
    </Step>
  );
}

/** Waiting for the answer; and where it was lost, honestly not knowing. */
export function Wait({ till, task }: StepProps<"waiting">): JSX.Element {
  const { pending, action } = task;
  const amount = pending.kept?.amount ?? null;
  const isLost = pending.phase.value === "checking";
  return (
    <main class="result result-open" data-testid="wait-screen" data-phase={pending.phase.value}>
      {amount !== null && <Amount value={amount} size="huge" />}
      {isLost ? (
        <>
          <h1>{t("wait.unknown")}</h1>
          <p class="prose">{t("wait.unknown_help")}</p>
        </>
      ) : (
        <Waiting what={t(`wait.${action}`)} since={pending.since} next={t("wait.slow")} />
      )}
      <button
        type="button"
        class="button"
        data-testid="wait-leave"
        onClick={() => till.clerk.rest()}
      >
        {t("wait.leave")}
      </button>
    </main>
  );
}

/** The duplicate's question is the payer's to answer; the clerk only needs to know that it is asked. */
export function Asking({ till, task }: StepProps<"asking">): JSX.Element {
  const { question } = task;
  const amount = yen(question.amount, language.value);
  return (
    <div class="result result-ask" role="alert" data-testid="asking">
      <span class="ask-mark">
        <Question />
      </span>
      <h1>{t("ask.title")}</h1>
      <Amount value={question.amount} size="huge" />
      {question.earlier_at != null && (
        <p class="prose">{t("ask.earlier", { time: shortTime(question.earlier_at), amount })}</p>
      )}
      <p class="prose">{t("ask.help")}</p>
      <p class="prose strong">{t("ask.money")}</p>
      <button
        type="button"
        class="button"
        data-testid="ask-leave"
        onClick={() => till.clerk.rest()}
      >
        {t("ask.leave")}
      </button>
    </div>
  );
}

const TITLES = {
  charge: "refused.title",
  top_up: "refused.title_top_up",
  reverse: "refused.title_reverse",
} as const;

/** Unlike a success in colour, shape and sound; says why, that no money moved, and what next. */
export function Refused({ till, task }: StepProps<"refused">): JSX.Element {
  const { action, error, attempt } = task;
  const amount = attempt.command && "amount" in attempt.command ? attempt.command.amount : null;
  const explanation = explain(error, "shop");
  const next = nextOf(till, task);
  return (
    <div class="result result-bad" role="alert" data-testid="refused" data-code={error.code}>
      <RefusedMark />
      <h1>{t(TITLES[action])}</h1>
      {amount != null && <Amount value={amount} size="large" />}
      <p class="refused-what">{explanation.what}</p>
      <p class="strong">{explanation.money}</p>
      <p class="prose">{explanation.next}</p>
      <div class="result-acts">
        {next && (
          <button type="button" class="button" data-testid="refused-next" onClick={next.act}>
            {next.words}
          </button>
        )}
        <button
          type="button"
          class="button button-quiet"
          data-testid="refused-close"
          onClick={() => till.clerk.rest()}
        >
          {common("action.close")}
        </button>
      </div>
    </div>
  );
}

const AMOUNT_WRONG = new Set([
  "over_limit",
  "under_limit",
  "insufficient_funds",
  "amount_required",
]);
const PIN_NEEDED = new Set(["pin_wrong", "over_clerk_limit"]);

interface NextAct {
  words: string;
  act: () => void;
}

/** The one thing to do about a refusal, where there is one. */
function nextOf(till: Till, { action, error, attempt }: TaskOf<"refused">): NextAct | null {
  const { clerk } = till;
  const { command, entered, isFixed } = attempt;
  if (command?.type === "reverse") {
    if (!PIN_NEEDED.has(error.code) && error.code !== "over_reversible") return null;
    const words = PIN_NEEDED.has(error.code) ? t("refused.pin") : t("refused.amount");
    return { words, act: () => clerk.cancelAgain(attempt, error.code) };
  }
  if (AMOUNT_WRONG.has(error.code) && command?.type === "charge" && !isFixed) {
    return { words: t("refused.amount"), act: () => clerk.enterAmount(command.code) };
  }
  if (error.retry === "new_id" && command) {
    return { words: t("refused.retry"), act: () => clerk.again(action, attempt) };
  }
  return { words: t("refused.scan"), act: () => clerk.scan(entered) };
}
