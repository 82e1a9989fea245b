/** The wallet's notices, newest first: what they tell, in plain words. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { longDate, named, shortDate } from "../../shared/i18n";
import type { NoticeLine, TownInfo } from "../../shared/protocol";
import { Waiting } from "../../shared/ui/status";
import { t } from "../../shared/words";
import { Frame } from "../frame";
import type { Purse } from "../purse";
import { goHome } from "../route";
import { w } from "../words";
import { amountText, instrumentOf } from "./home";

/** What of value ends: each kind by its name and amount. */
export function endingText(town: TownInfo | null, line: NoticeLine): string {
  return line.body.parts
    .map((part) => {
      const instrument = instrumentOf(town, part);
      const name = named(instrument?.name) || part.instrument;
      return w("notices.expiry_part", { name, amount: amountText(part.amount, instrument) });
    })
    .join(w("notices.and"));
}

export function NoticesScreen({ purse }: { purse: Purse }): JSX.Element {
  const [since] = useState(Date.now);
  const board = purse.notices;
  useEffect(() => {
    void board.look().then(() => board.seen());
  }, [board]);
  const lines = board.lines.value;
  const state = board.state.value;
  return (
    <Frame purse={purse} title={w("notices.title")} onBack={goHome} testid="notices">
      {lines.length > 0 && (
        <ul class="lines">
          {lines.map((line) => (
            <Line key={line.notice} town={purse.town.value} line={line} />
          ))}
        </ul>
      )}
      {state === "ready" && lines.length === 0 && <p class="soft">{w("notices.none")}</p>}
      {state === "loading" && lines.length === 0 && (
        <Waiting what={w("notices.loading")} since={since} next={w("history.loading_next")} />
      )}
      {state === "failed" && (
        <button type="button" class="button button-wide" onClick={() => void board.look()}>
          {t("action.again")}
        </button>
      )}
      {state === "ready" && board.next.value !== null && (
        <button
          type="button"
          class="button button-wide"
          data-testid="notices-more"
          onClick={() => void board.more()}
        >
          {w("notices.older")}
        </button>
      )}
    </Frame>
  );
}

function Line({ town, line }: { town: TownInfo | null; line: NoticeLine }): JSX.Element {
  return (
    <li class="line notice" data-testid={`notice-${line.notice}`}>
      <p class="small soft">
        {shortDate(line.at)}
        {!line.read && <strong class="notice-new">{w("notices.new")}</strong>}
      </p>
      <h2 class="notice-title">{w("notices.expiry", { date: longDate(line.body.ends_at - 1) })}</h2>
      <p>{endingText(town, line)}</p>
      <p class="small soft">{w("notices.expiry_next")}</p>
    </li>
  );
}
