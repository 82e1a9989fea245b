/** Taking a payment or cash for a top-up: scan, amount, check, wait, refusal. One task a screen. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { language } from "../shared/i18n";
import { yen } from "../shared/money";
import { Scanner } from "../shared/scanner";
import { Amount } from "../shared/ui/amount";
import { AmountPad } from "../shared/ui/keypad";
import { Waiting } from "../shared/ui/status";
import { t as common } from "../shared/words";
import { isGiving, type Task } from "./clerk";
import { given, Points } from "./points";
import { Step } from "./step";
import type { Till } from "./till";
import { t } from "./words";

type TaskOf<S extends Task["step"]> = Extract<Task, { step: S }>;

interface StepProps<S extends Task["step"]> {
  till: Till;
  task: TaskOf<S>;
}

const AMOUNT_MAX = 100_000;

export function Scan({ till, task }: StepProps<"scan">): JSX.Element {
  const { amount, trouble, giving } = task;
  return (
    <Step till={till} title={t("scan.title")} onBack={() => till.clerk.rest()} testid="scan-screen">
      {amount !== null && !giving && (
        <p class="step-say" data-testid="scan-amount">
          {t("scan.amount", { amount: yen(amount, language.value) })}
        </p>
      )}
      {giving && (
        <p class="step-say" data-testid="scan-giving">
          <Points till={till} giving={giving} purchase={amount} />
        </p>
      )}
      {trouble && (
        <p class="step-trouble" role="alert" data-testid="scan-trouble">
          {trouble === "sticker" ? t("scan.sticker") : common(`scanned.${trouble}`)}
        </p>
      )}
      <Scanner
        hint={t("scan.help")}
        onRead={(text) => void till.clerk.scanned(text, amount, giving)}
      />
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
  const town = till.counter.town.value;
  const { code, giving } = task;
  const max = (giving ? town?.issuing?.purchase_max : town?.payment_max) ?? AMOUNT_MAX;
  // Too small a purchase brings no point: the button says so before the gateway does.
  const isReady = giving ? given(town?.issuing ?? null, value) > 0 : value > 0;
  const go = (): void => {
    if (!isReady) return;
    if (!code) till.clerk.scan(value, giving);
    else if (giving) till.clerk.issue(code, value);
    else till.clerk.charge(code, value);
  };
  return (
    <Step
      till={till}
      title={giving ? t("issue.title") : t("amount.title")}
      onBack={() => till.clerk.rest()}
      testid="amount-screen"
      act={
        <button
          type="button"
          class="button button-primary button-wide"
          data-testid="amount-go"
          disabled={!isReady}
          onClick={go}
        >
          {!code && t("amount.next")}
          {code && giving && t("issue.do")}
          {code && !giving && t("amount.receive", { amount: yen(value, language.value) })}
        </button>
      }
    >
      {giving ? (
        <p class="centred" data-testid="issue-points">
          <Points till={till} giving={giving} purchase={value} />
        </p>
      ) : (
        <p class="centred soft">
          {code ? t("amount.code_read") : t("amount.max", { amount: yen(max, language.value) })}
        </p>
      )}
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
          <p class="prose">{isGiving(action) ? t("wait.unknown_given") : t("wait.unknown_help")}</p>
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
