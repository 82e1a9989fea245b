/** What the balance is made of: every lot with its expiry and whose money it was. */
import type { JSX } from "preact";
import { longDate, named } from "../../shared/i18n";
import type { Lot } from "../../shared/protocol";
import { Amount } from "../../shared/ui/amount";
import { Frame } from "../frame";
import type { Purse } from "../purse";
import { goHome } from "../route";
import { w } from "../words";
import { instrumentOf, unitOf } from "./home";

const FUNDERS = ["user", "city", "shop", "premium", "exchange"] as const;

/** Whose money it was; a town may have funds of its own, whose codes are no words for people. */
function funderWords(funder: string): string {
  return w(`parts.from.${FUNDERS.find((known) => known === funder) ?? "other"}`);
}

export function Parts({ purse }: { purse: Purse }): JSX.Element {
  const balance = purse.balance.value;
  const town = purse.town.value;
  return (
    <Frame purse={purse} title={w("parts.title")} onBack={goHome} testid="parts">
      {(balance?.parts ?? []).map((part) => {
        const instrument = instrumentOf(town, part);
        return (
          <section class="card stack" key={part.instrument}>
            <div class="section-head">
              <h2>{named(instrument?.name) || part.instrument}</h2>
              <Amount value={part.amount} unit={unitOf(instrument)} />
            </div>
            <ul class="parts">
              {part.lots.map((lot, index) => (
                <LotLine key={index} lot={lot} unit={unitOf(instrument)} />
              ))}
            </ul>
          </section>
        );
      })}
    </Frame>
  );
}

function LotLine({ lot, unit }: { lot: Lot; unit: string | undefined }): JSX.Element {
  return (
    <li class="part">
      <span>
        {lot.expires_at === null
          ? w("home.no_expiry")
          : w("history.expires", { date: longDate(lot.expires_at - 1) })}
      </span>
      <Amount value={lot.amount} unit={unit} />
      <span class="part-next">{funderWords(lot.funder)}</span>
    </li>
  );
}
