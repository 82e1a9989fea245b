/** Finding the shop to pay: its sticker before the camera, or its number by hand. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { type Explanation, explain } from "../shared/explain";
import type { ShopInfo } from "../shared/protocol";
import { Scanner } from "../shared/scanner";
import { Trouble, Waiting } from "../shared/ui/status";
import { Frame } from "./frame";
import type { Purse } from "./purse";
import { goHome } from "./route";
import { findShop, type Question, questionOf } from "./shops";
import { TouchButton } from "./touch-button";
import { w } from "./words";

/** A sticker has 7 digits, a programme's own store code may have more. */
const STORE_CODE_DIGITS = 15;

export function FindShop({
  purse,
  onFound,
}: {
  purse: Purse;
  onFound: (shop: ShopInfo) => void;
}): JSX.Element {
  const [question, setQuestion] = useState<Question | null>(null);
  const [since, setSince] = useState(0);
  const [trouble, setTrouble] = useState<Explanation | null>(null);

  useEffect(() => {
    if (question === null) return;
    let isOver = false;
    void findShop(purse.api, question).then((found) => {
      if (isOver) return;
      if ("shop" in found) return onFound(found.shop);
      setTrouble(explain(found.trouble, "wallet"));
      setQuestion(null);
    });
    return () => {
      isOver = true;
    };
  }, [question]);

  const ask = (asked: Question): void => {
    setTrouble(null);
    setSince(Date.now());
    setQuestion(asked);
  };

  const read = (text: string): void => {
    const asked = questionOf(text, purse.api.town);
    if ("refused" in asked) setTrouble(asked.refused);
    else ask(asked);
  };

  return (
    <Frame purse={purse} title={w("pay.title")} onBack={goHome} testid="pay-scan">
      {question !== null ? (
        <Waiting what={w("pay.looking")} since={since} next={w("pay.looking_next")} />
      ) : (
        <>
          {trouble && <Trouble explanation={trouble} />}
          <TouchButton town={purse.api.town} onTouch={ask} />
          <Scanner onRead={read} hint={w("pay.scan_hint")} digitsMax={STORE_CODE_DIGITS} />
        </>
      )}
    </Frame>
  );
}
