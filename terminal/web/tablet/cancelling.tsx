/** A line of the feed opened, and taking it back: two touches and a reason. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { explain } from "../shared/explain";
import { fullTime, language } from "../shared/i18n";
import { yen } from "../shared/money";
import { Amount } from "../shared/ui/amount";
import { AmountPad, PinPad } from "../shared/ui/keypad";
import type { Task } from "./clerk";
import { cancellable, type Line, walletTail } from "./feed";
import { Marks, nameOf, unitOf, unitOfLine } from "./lines";
import { Step } from "./step";
import type { Till } from "./till";
import { t } from "./words";

type TaskOf<S extends Task["step"]> = Extract<Task, { step: S }>;

export function Detail({ till, task }: { till: Till; task: TaskOf<"detail"> }): JSX.Element {
  const line = till.counter.find(task.line);
  const back = (): void => till.clerk.rest();
  if (!line)
    return (
      <Step till={till} title={t("detail.title")} onBack={back} testid="detail-screen" children />
    );
  const isUp = till.connection.link.value.kind === "connected";
  const left = cancellable(line);
  return (
    <Step
      till={till}
      title={t("detail.title")}
      onBack={back}
      testid="detail-screen"
      act={
        left > 0 ? (
          <button
            type="button"
            class="button button-wide"
            data-testid="cancel"
            disabled={!isUp}
            onClick={() => till.clerk.startCancel(line.id)}
          >
            {t("detail.cancel")}
          </button>
        ) : (
          <p class="centred soft">{t("detail.nothing_left")}</p>
        )
      }
    >
      <LineCard till={till} line={line} />
    </Step>
  );
}

function LineCard({ till, line }: { till: Till; line: Line }): JSX.Element {
  return (
    <div class="card stack">
      <p class="step-say">{t(`kind.${line.kind}`)}</p>
      <p class="centred">
        <Amount
          value={line.amount}
          size="large"
          unit={unitOfLine(till, line)}
          sign={line.kind === "reversal" ? "−" : undefined}
        />
      </p>
      {line.parts.length > 0 && (
        <dl class="facts">
          {line.parts.map((part) => (
            <div>
              <dt>{nameOf(till, part.instrument)}</dt>
              <dd>
                <Amount value={part.amount} unit={unitOf(till, part.instrument)} />
              </dd>
            </div>
          ))}
        </dl>
      )}
      {line.purchase !== null && (
        <p class="centred">{t("line.purchase", { amount: yen(line.purchase, language.value) })}</p>
      )}
      <p class="centred">{fullTime(line.at)}</p>
      <p class="centred soft">
        {[
          line.wallet === null ? "" : t("line.customer", { tail: walletTail(line) }),
          line.entry === null ? "" : t("line.entry", { n: line.entry }),
        ]
          .filter(Boolean)
          .join(" · ")}
      </p>
      <p class="detail-marks">
        <Marks till={till} line={line} />
      </p>
    </div>
  );
}

const REASONS = ["amount", "returned", "twice", "wish", "other"] as const;

/** Steps within the cancellation: the reason (and a part), then the manager's PIN where it is needed. */
export function Cancelling({ till, task }: { till: Till; task: TaskOf<"cancel"> }): JSX.Element {
  const line = till.counter.find(task.line);
  const left = line ? cancellable(line) : 0;
  const [amount, setAmount] = useState(task.amount ?? left);
  const [isPart, setPart] = useState(task.amount !== null && task.amount !== left);
  const [reason, setReason] = useState(task.reason);
  const [isOther, setOther] = useState(false);
  const [asksPin, setAsksPin] = useState(task.pin !== "if_needed");
  const limit = till.counter.town.value?.clerk_reversal_max ?? 0;
  const needsPin = amount > limit || task.pin !== "if_needed";
  const isReady = reason.trim() !== "" && amount > 0 && amount <= left;
  const send = (pin: string | null): void =>
    till.clerk.cancel(task.line, reason.trim(), amount === left ? null : amount, pin);
  const back = (): void => {
    if (asksPin) setAsksPin(false);
    else till.clerk.rest();
  };
  if (asksPin) {
    return (
      <ManagerPin
        till={till}
        limit={limit}
        isWrong={task.pin === "wrong"}
        onBack={back}
        onPin={send}
      />
    );
  }
  return (
    <Step
      till={till}
      title={t("cancel.title")}
      onBack={back}
      testid="cancel-screen"
      act={
        <button
          type="button"
          class="button button-primary button-wide"
          data-testid="cancel-do"
          disabled={!isReady}
          onClick={() => (needsPin ? setAsksPin(true) : send(null))}
        >
          {t("cancel.do", { amount: yen(amount, language.value) })}
        </button>
      }
    >
      <div class="cancel">
        <div class="stack">
          <p class="centred soft">{t("cancel.amount")}</p>
          {isPart ? (
            <AmountPad value={amount} max={left} onChange={setAmount} />
          ) : (
            <p class="centred">
              <Amount value={amount} size="huge" testid="cancel-amount" />
            </p>
          )}
          <button
            type="button"
            class="button button-quiet"
            data-testid="cancel-part"
            onClick={() => {
              setAmount(isPart ? left : 0);
              setPart(!isPart);
            }}
          >
            {isPart ? t("cancel.all") : t("cancel.part")}
          </button>
          <p class="centred small soft">
            {line?.kind === "top_up" && t("cancel.help_top_up")}
            {line?.kind === "issue" && t("cancel.help_issue")}
            {line?.kind === "payment" && t("cancel.help")}
          </p>
        </div>
        <fieldset class="reasons">
          <legend>{t("cancel.reason")}</legend>
          {REASONS.map((key) => {
            const words = t(`reason.${key}`);
            const isChosen = key === "other" ? isOther : !isOther && reason === words;
            return (
              <button
                type="button"
                class={isChosen ? "reason reason-chosen" : "reason"}
                aria-pressed={isChosen}
                data-testid={`reason-${key}`}
                onClick={() => {
                  setOther(key === "other");
                  setReason(key === "other" ? "" : words);
                }}
              >
                {words}
              </button>
            );
          })}
          {isOther && (
            <label class="field">
              <span class="field-label">{t("cancel.other")}</span>
              <input
                class="field-input"
                data-testid="reason-text"
                maxLength={200}
                value={reason}
                onInput={(event) => setReason(event.currentTarget.value)}
                autofocus
              />
            </label>
          )}
        </fieldset>
      </div>
    </Step>
  );
}

interface ManagerPinProps {
  till: Till;
  limit: number;
  isWrong: boolean;
  onBack: () => void;
  onPin: (pin: string) => void;
}

function ManagerPin({ till, limit, isWrong, onBack, onPin }: ManagerPinProps): JSX.Element {
  const [pin, setPin] = useState("");
  return (
    <Step till={till} title={t("cancel.pin")} onBack={onBack} testid="manager-pin-screen">
      <p class="step-say">{t("cancel.pin_help", { amount: yen(limit, language.value) })}</p>
      {isWrong && pin === "" && (
        <p class="step-trouble" role="alert">
          {explain({ code: "pin_wrong" }, "shop").what}
        </p>
      )}
      <PinPad value={pin} onChange={setPin} onComplete={onPin} />
    </Step>
  );
}
