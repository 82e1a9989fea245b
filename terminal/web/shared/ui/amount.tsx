import type { JSX } from "preact";
import { language } from "../i18n";
import { withSeparators } from "../money";
import { t } from "../words";

export interface AmountProps {
  value: number;
  size?: "text" | "large" | "huge";
  /** The unit of something that isn't yen: ポイント. */
  unit?: string | undefined;
  sign?: "+" | "−" | undefined;
  testid?: string;
}

/** An amount in big figures with a small unit: 1,234円, or ¥1,234. */
export function Amount({ value, size = "text", unit, sign, testid }: AmountProps): JSX.Element {
  const before = language.value !== "ja" && unit === undefined;
  const after = before ? "" : (unit ?? t("yen.unit"));
  return (
    <span class={`amount amount-${size}`} data-testid={testid} data-amount={value}>
      {sign && <span class="amount-before">{sign}</span>}
      {before && <span class="amount-before">¥</span>}
      {withSeparators(value)}
      {after && <span class="amount-unit">{language.value === "ja" ? after : ` ${after}`}</span>}
    </span>
  );
}
