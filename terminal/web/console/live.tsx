/** The town at this moment: figures, charts, what needs a person, and everything that happens. */
import type { JSX } from "preact";
import { clockTime } from "../shared/i18n";
import { withSeparators } from "../shared/money";
import type { AlertLine, Figures } from "../shared/protocol";
import { Check, Stop } from "../shared/ui/icons";
import { Chart } from "./chart";
import { Tail } from "./events";
import { pointsOf } from "./series";
import type { Watch } from "./watch";
import { t } from "./words";

export function Live({ watch, now }: { watch: Watch; now: () => number }): JSX.Element {
  return (
    <div class="live">
      <Gauges figures={watch.figures.value} />
      <Charts watch={watch} now={now} />
      <AlertList alerts={watch.alerts.value} />
      <Tail watch={watch} />
    </div>
  );
}

function Gauges({ figures }: { figures: Figures | null }): JSX.Element {
  if (!figures) return <p class="soft">{t("fig.waiting")}</p>;
  const gauge = (name: string, value: number, digits: number, testid: string): JSX.Element => (
    <div class="gauge" data-testid={testid}>
      <dt>{name}</dt>
      <dd>{withSeparators(Math.trunc(value)) + fraction(value, digits)}</dd>
    </div>
  );
  const health = (name: string, isOk: boolean, testid: string): JSX.Element => (
    <div class={isOk ? "gauge" : "gauge gauge-down"} data-testid={testid} data-ok={isOk}>
      <dt>{name}</dt>
      <dd class="gauge-word">
        {isOk ? <Check /> : <Stop />} {isOk ? t("fig.ok") : t("fig.down")}
      </dd>
    </div>
  );
  return (
    <dl class="gauges" data-testid="figures">
      {gauge(t("fig.payments"), figures.payments_per_s, 1, "fig-payments")}
      {gauge(t("fig.refusals"), figures.refusals_per_s, 1, "fig-refusals")}
      {gauge(t("fig.wallets"), figures.wallets, 0, "fig-wallets")}
      {gauge(t("fig.terminals"), figures.terminals, 0, "fig-terminals")}
      {gauge(t("fig.consoles"), figures.consoles, 0, "fig-consoles")}
      {gauge(t("fig.queue"), figures.queue_frames, 0, "fig-queue")}
      {gauge(t("fig.unshown"), figures.unshown, 0, "fig-unshown")}
      {health(t("fig.redis"), figures.redis_ok, "fig-redis")}
      {health(t("fig.postgres"), figures.postgres_ok, "fig-postgres")}
    </dl>
  );
}

function fraction(value: number, digits: number): string {
  return digits === 0 ? "" : (value % 1).toFixed(digits).slice(1);
}

function Charts({ watch, now }: { watch: Watch; now: () => number }): JSX.Element {
  const series = watch.series.value;
  const at = series[series.length - 1]?.at ?? now();
  const line = (name: string, value: (figures: Figures) => number) => ({
    name,
    points: pointsOf(series, value),
  });
  return (
    <div class="charts">
      <Chart
        testid="chart-rate"
        title={t("chart.rate")}
        unit=""
        least={5}
        now={at}
        lines={[
          line(t("chart.payments"), (figures) => figures.payments_per_s),
          line(t("chart.refusals"), (figures) => figures.refusals_per_s),
        ]}
      />
      <Chart
        testid="chart-decide"
        title={t("chart.decide")}
        unit="ms"
        least={10}
        now={at}
        lines={[
          line(t("chart.p50"), (figures) => figures.decide_p50_ms),
          line(t("chart.p99"), (figures) => figures.decide_p99_ms),
        ]}
      />
      <Chart
        testid="chart-shown"
        title={t("chart.shown")}
        unit="ms"
        least={50}
        now={at}
        lines={[
          line(t("chart.p50"), (figures) => figures.both_shown_p50_ms),
          line(t("chart.p99"), (figures) => figures.both_shown_p99_ms),
        ]}
      />
      <Chart
        testid="chart-connected"
        title={t("chart.connected")}
        unit=""
        least={5}
        now={at}
        lines={[
          line(t("fig.wallets"), (figures) => figures.wallets),
          line(t("fig.terminals"), (figures) => figures.terminals),
        ]}
      />
    </div>
  );
}

function AlertList({ alerts }: { alerts: AlertLine[] }): JSX.Element {
  return (
    <section class="alerts" aria-live="polite" data-testid="alerts">
      <h2>
        {t("alerts.title")} {alerts.length > 0 && <span class="badge">{alerts.length}</span>}
      </h2>
      {alerts.length === 0 ? (
        <p class="soft">{t("alerts.none")}</p>
      ) : (
        <ul>
          {alerts.map((alert) => (
            <li
              key={`${alert.kind} ${alert.payment ?? ""} ${alert.account ?? ""}`}
              class="alert"
              data-testid="alert"
              data-kind={alert.kind}
            >
              <Stop />
              <span>
                <b>{alert.text}</b>{" "}
                <span class="soft">
                  {clockTime(alert.at)}
                  {alert.account !== null && ` · ${t("alerts.account", { n: alert.account })}`}
                </span>
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
