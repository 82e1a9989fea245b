/** What is not paid: a question to the payer, or a refusal with the one thing to do about it. */
import type { JSX } from "preact";
import { explain } from "../shared/explain";
import { language, shortTime } from "../shared/i18n";
import { yen } from "../shared/money";
import { Amount } from "../shared/ui/amount";
import { Question, RefusedMark } from "../shared/ui/icons";
import { t as common } from "../shared/words";
import { isGiving, type Task } from "./clerk";
import type { Till } from "./till";
import { t } from "./words";

type TaskOf<S extends Task["step"]> = Extract<Task, { step: S }>;

interface StepProps<S extends Task["step"]> {
  till: Till;
  task: TaskOf<S>;
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
  issue: "refused.title_given",
  grant: "refused.title_given",
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
    // The manager's own limit: their PIN would not help again.
    if (error.code === "over_clerk_limit" && command.manager_pin) return null;
    const words = PIN_NEEDED.has(error.code) ? t("refused.pin") : t("refused.amount");
    return { words, act: () => clerk.cancelAgain(attempt, error.code) };
  }
  if (AMOUNT_WRONG.has(error.code) && command?.type === "charge" && !isFixed) {
    return { words: t("refused.amount"), act: () => clerk.enterAmount(command.code) };
  }
  if (AMOUNT_WRONG.has(error.code) && command?.type === "issue") {
    return { words: t("refused.amount"), act: () => clerk.enterPurchase(command.code) };
  }
  // What the office has not set, no repetition sets.
  if (error.code === "no_preset") return null;
  if (error.retry === "new_id" && command) {
    return { words: t("refused.retry"), act: () => clerk.again(action, attempt) };
  }
  const giving = isGiving(action) ? action : undefined;
  return { words: t("refused.scan"), act: () => clerk.scan(entered, giving) };
}
