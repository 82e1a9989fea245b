import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { clockTime, fullTime } from "../shared/i18n";
import type { SessionLine } from "../shared/protocol";
import { Grid, type GridColumn } from "./grid";
import type { Watch } from "./watch";
import { t } from "./words";

const AGAIN_MS = 5_000;

/** Who is connected to the gateway that answers; a growing queue is a reader in trouble. */
export function Connected({ watch }: { watch: Watch }): JSX.Element {
  useEffect(() => {
    void watch.loadSessions();
    const timer = setInterval(() => void watch.loadSessions(), AGAIN_MS);
    return () => clearInterval(timer);
  }, [watch]);
  const columns: GridColumn<SessionLine>[] = [
    { key: "role", title: t("col.role"), value: (line) => t(`session.${line.role}`) },
    { key: "name", title: t("col.name"), value: (line) => line.name },
    { key: "account", title: t("col.account"), value: (line) => line.account, right: true },
    {
      key: "since",
      title: t("col.since"),
      value: (line) => fullTime(line.since),
      show: (line) => clockTime(line.since),
    },
    { key: "queue", title: t("col.queue"), value: (line) => line.queue_frames, right: true },
    { key: "unacked", title: t("col.unacked"), value: (line) => line.unacked, right: true },
  ];
  return (
    <section class="stack">
      <div>
        <h2>{t("sessions.title")}</h2>
        <p class="small soft">{t("sessions.help")}</p>
      </div>
      <Grid
        rows={watch.sessions.value ?? []}
        columns={columns}
        keyOf={(line) => line.session}
        name="sessions"
        empty={t("sessions.empty")}
        testid="sessions"
      />
    </section>
  );
}
