/** What the town tells the shop, and the way there. */
import type { JSX } from "preact";
import { Bell } from "../shared/ui/icons";
import { NoticeLines } from "../shared/ui/notices";
import { t as common } from "../shared/words";
import { Step } from "./step";
import type { Till } from "./till";

/** The way to the notices; a dot says that some are unread. */
export function OpenNotices({ till }: { till: Till }): JSX.Element {
  const count = till.notices.unread.value;
  return (
    <button
      type="button"
      class="button button-icon"
      data-testid="open-notices"
      aria-label={count > 0 ? common("notices.unread", { count }) : common("notices.title")}
      onClick={() => till.clerk.notices()}
    >
      <Bell />
      {count > 0 && <span class="unread-dot" data-testid="unread-dot" />}
    </button>
  );
}

export function NoticesStep({ till }: { till: Till }): JSX.Element {
  return (
    <Step
      till={till}
      title={common("notices.title")}
      onBack={() => till.clerk.rest()}
      testid="notices"
    >
      <NoticeLines board={till.notices} town={till.api.town} />
    </Step>
  );
}
