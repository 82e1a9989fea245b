/** The wallet's screens: one at a time, with results and questions on top. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { explain } from "../shared/explain";
import { language, named } from "../shared/i18n";
import { Toasts, Trouble, Waiting } from "../shared/ui/status";
import { t } from "../shared/words";
import type { Purse } from "./purse";
import { go, route, stickerShop } from "./route";
import { PayCode, TopUpCode } from "./screens/code";
import { Enter } from "./screens/enter";
import { History } from "./screens/history";
import { Home } from "./screens/home";
import { NoticesScreen } from "./screens/notices";
import { Parts } from "./screens/parts";
import { Pay } from "./screens/pay";
import { Question } from "./screens/question";
import { Result } from "./screens/result";
import { Settings } from "./screens/settings";
import { findShop } from "./shops";
import { w } from "./words";

export function App({ purse }: { purse: Purse }): JSX.Element {
  const currency = named(purse.town.value?.currency);
  useEffect(() => {
    document.title = currency ? w("title", { currency }) : w("title.plain");
  }, [currency, language.value]);
  return (
    <>
      <Standing purse={purse} />
      <Toasts />
    </>
  );
}

function Standing({ purse }: { purse: Purse }): JSX.Element {
  const [since] = useState(Date.now);
  switch (purse.standing.value) {
    case "starting":
      return (
        <main class="screen-alone">
          <Waiting what={w("start.waiting")} since={since} next={t("link.reconnecting_next")} />
        </main>
      );
    case "unreachable":
      return (
        <main class="screen-alone">
          <Trouble explanation={explain({ code: "network" }, "wallet")} />
          <p class="centred soft">{t("link.reconnecting_next")}</p>
        </main>
      );
    case "stranger":
      return <Enter purse={purse} />;
    case "owner":
      return <Owner purse={purse} />;
  }
}

function Owner({ purse }: { purse: Purse }): JSX.Element {
  const sticker = stickerShop.value;
  useEffect(() => {
    if (sticker !== null) void openSticker(purse, sticker);
  }, [sticker]);
  const [receipt] = purse.news.results.value;
  const [question] = purse.news.questions.value;
  return (
    <>
      <Screen purse={purse} />
      {question && <Question key={question.refused} purse={purse} question={question} />}
      {receipt && <Result key={receipt.id} purse={purse} receipt={receipt} />}
    </>
  );
}

function Screen({ purse }: { purse: Purse }): JSX.Element {
  const open = route.value;
  switch (open.name) {
    case "pay":
      return <Pay key={open.shop?.shop} purse={purse} chosen={open.shop} />;
    case "code":
      return <PayCode purse={purse} />;
    case "top_up":
      return <TopUpCode purse={purse} />;
    case "history":
      return <History purse={purse} />;
    case "parts":
      return <Parts purse={purse} />;
    case "notices":
      return <NoticesScreen purse={purse} />;
    case "settings":
      return <Settings purse={purse} />;
    default:
      return <Home purse={purse} />;
  }
}

/** A phone's own camera opened a shop's sticker: that shop is chosen. */
async function openSticker(purse: Purse, code: string): Promise<void> {
  stickerShop.value = null;
  const found = await findShop(purse.api, { code });
  go("shop" in found ? { name: "pay", shop: found.shop } : { name: "pay" });
}
