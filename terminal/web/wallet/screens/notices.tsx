/** The wallet's notices: what people wrote, and what of its value ends, in plain words. */
import type { JSX } from "preact";
import { longDate, named } from "../../shared/i18n";
import type { ExpiryWarning, TownInfo } from "../../shared/protocol";
import { NoticeLines } from "../../shared/ui/notices";
import { t } from "../../shared/words";
import { Frame } from "../frame";
import type { Purse } from "../purse";
import { goHome } from "../route";
import { w } from "../words";
import { amountText, instrumentOf } from "./home";

/** What of value ends: each kind by its name and amount. */
export function endingText(town: TownInfo | null, body: ExpiryWarning): string {
  return body.parts
    .map((part) => {
      const instrument = instrumentOf(town, part);
      const name = named(instrument?.name) || part.instrument;
      return w("notices.expiry_part", { name, amount: amountText(part.amount, instrument) });
    })
    .join(w("notices.and"));
}

export function NoticesScreen({ purse }: { purse: Purse }): JSX.Element {
  return (
    <Frame purse={purse} title={t("notices.title")} onBack={goHome} testid="notices">
      <NoticeLines
        board={purse.notices}
        town={purse.api.town}
        warning={(body) => <Ending town={purse.town.value} body={body} />}
      />
    </Frame>
  );
}

function Ending({ town, body }: { town: TownInfo | null; body: ExpiryWarning }): JSX.Element {
  return (
    <>
      <h2 class="notice-title">{w("notices.expiry", { date: longDate(body.ends_at - 1) })}</h2>
      <p>{endingText(town, body)}</p>
      <p class="small soft">{w("notices.expiry_next")}</p>
    </>
  );
}
