/** Finding the shop to pay: its sticker before the camera, or its number by hand. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { type Explanation, explain } from "../shared/explain";
import type { ShopInfo } from "../shared/protocol";
import { Scanner } from "../shared/scanner";
import { readScanned } from "../shared/sticker";
import { Trouble, Waiting } from "../shared/ui/status";
import { t } from "../shared/words";
import { Frame } from "./frame";
import type { Purse } from "./purse";
import { goHome } from "./route";
import { findShop } from "./shops";
import { w } from "./words";

export function FindShop({
  purse,
  onFound,
}: {
  purse: Purse;
  onFound: (shop: ShopInfo) => void;
}): JSX.Element {
  const [code, setCode] = useState<string | null>(null);
  const [since, setSince] = useState(0);
  const [trouble, setTrouble] = useState<Explanation | null>(null);

  useEffect(() => {
    if (code === null) return;
    let isOver = false;
    void findShop(purse.api, code).then((found) => {
      if (isOver) return;
      if ("shop" in found) return onFound(found.shop);
      setTrouble(explain(found.trouble, "wallet"));
      setCode(null);
    });
    return () => {
      isOver = true;
    };
  }, [code]);

  const read = (text: string): void => {
    const scanned = readScanned(text, purse.api.town);
    if (scanned.kind === "shop") {
      setTrouble(null);
      setSince(Date.now());
      setCode(scanned.code);
      return;
    }
    const money = t("money.untouched");
    if (scanned.kind === "one_time" || scanned.kind === "enrolment") {
      setTrouble({ what: t("scanned.not_shop"), money, next: t("scanned.foreign_next") });
    } else {
      setTrouble({
        what: t(`scanned.${scanned.kind}`),
        money,
        next: t(`scanned.${scanned.kind}_next`),
      });
    }
  };

  return (
    <Frame purse={purse} title={w("pay.title")} onBack={goHome} testid="pay-scan">
      {code !== null ? (
        <Waiting what={w("pay.looking")} since={since} next={w("pay.looking_next")} />
      ) : (
        <>
          {trouble && <Trouble explanation={trouble} />}
          <Scanner onRead={read} hint={w("pay.scan_hint")} digitsMax={7} />
        </>
      )}
    </Frame>
  );
}
