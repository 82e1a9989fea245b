/** Points that this counter gives: how many, before they are given. */
import type { JSX } from "preact";
import { language } from "../shared/i18n";
import { withSeparators, yen } from "../shared/money";
import type { IssuingInfo, PresetInfo } from "../shared/protocol";
import type { Giving } from "./clerk";
import { nameOf, unitOf } from "./lines";
import type { Till } from "./till";
import { t } from "./words";

/** So many points for each whole so many yen; the ledger decides by the same rule. */
export function given(issuing: IssuingInfo | null, purchase: number): number {
  if (!issuing) return 0;
  return Math.floor(purchase / issuing.per_yen) * issuing.points;
}

/** The activity that this tablet grants for now; null where there is none, or it is not its time. */
export function granting(preset: PresetInfo | null | undefined): PresetInfo | null {
  return preset?.open && preset.amount !== null ? preset : null;
}

interface PointsProps {
  till: Till;
  giving: Giving;
  purchase: number | null;
}

/** What the next scanned code gets, in words. */
export function Points({ till, giving, purchase }: PointsProps): JSX.Element | null {
  if (giving === "grant") {
    const preset = granting(till.counter.terminal.value?.preset);
    if (!preset?.amount) return null;
    return <>{t("grant.what", { name: preset.name, n: withSeparators(preset.amount) })}</>;
  }
  const issuing = till.counter.town.value?.issuing ?? null;
  if (!issuing) return null;
  const points = given(issuing, purchase ?? 0);
  if (points === 0) return <>{t("issue.none", { amount: yen(issuing.per_yen, language.value) })}</>;
  const unit = unitOf(till, issuing.instrument) ?? nameOf(till, issuing.instrument);
  return <>{t("issue.what", { n: withSeparators(points), unit })}</>;
}
