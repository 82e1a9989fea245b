import { describe, expect, it } from "vitest";
import { Watch } from "../console/watch";
import type { Api } from "../shared/http";
import type { EventLine, Events, TownEvent } from "../shared/protocol";

function line(number: number, kind = "payment", account = 7): EventLine {
  const body = { id: `p${number}`, kind, outcome: "done", at: number, amount: 1 };
  return { number, account, seq: number, kind, at: number, body };
}

/** A town of `count` events, every tenth of them a top-up, behind the HTTP API. */
function townOf(count: number): { api: Api; asked: string[] } {
  const all = Array.from({ length: count }, (_, place) =>
    line(count - place, (count - place) % 10 === 0 ? "top_up" : "payment"),
  );
  const asked: string[] = [];
  const get = async (path: string): Promise<unknown> => {
    asked.push(path);
    const query = new URLSearchParams(path.split("?")[1] ?? "");
    if (path.startsWith("console/events")) {
      const before = Number(query.get("before") ?? count + 1);
      const kind = query.get("kind");
      const limit = Number(query.get("limit"));
      const found = all
        .filter((event) => event.number < before && (!kind || event.kind === kind))
        .slice(0, limit);
      const last = found[found.length - 1];
      const page: Events = {
        events: found,
        next: last && found.length === limit ? last.number : null,
      };
      return page;
    }
    return { alerts: [], shops: [], terminals: [] };
  };
  return { api: { town: "nagaoka", get } as unknown as Api, asked };
}

const tail = (event: EventLine): TownEvent => event;

describe("watching a town", () => {
  it("searches back page by page, until the beginning", async () => {
    const watch = new Watch(townOf(450).api);
    await watch.load();
    expect(watch.filtered.value).toHaveLength(200);
    await watch.searchBack();
    await watch.searchBack();
    expect(watch.filtered.value).toHaveLength(450);
    expect(watch.older.value).toBeNull();
  });

  it("asks the server for a kind, and finds what lies below the rows on screen", async () => {
    const { api, asked } = townOf(1_000);
    const watch = new Watch(api);
    await watch.load();
    watch.choose({ kind: "top_up" });
    expect(watch.filtered.value).toHaveLength(20);
    await watch.searchBack();
    expect(asked[asked.length - 1]).toContain("kind=top_up");
    expect(watch.filtered.value).toHaveLength(100);
    expect(watch.older.value).toBeNull();
  });

  it("goes on where the rows are complete once the filter is taken away", async () => {
    const watch = new Watch(townOf(1_000).api);
    await watch.load();
    watch.choose({ kind: "top_up" });
    await watch.searchBack();
    watch.choose({ kind: "" });
    expect(watch.older.value).toBe(801);
    await watch.searchBack();
    const numbers = watch.filtered.value.map(({ number }) => number);
    for (let number = 1_000; number > 600; number--) expect(numbers).toContain(number);
  });

  it("holds events back while it is paused, and loses none", async () => {
    const watch = new Watch(townOf(10).api);
    await watch.load();
    watch.pause();
    watch.events([tail(line(11)), tail(line(12))], 0);
    expect(watch.filtered.value[0]?.number).toBe(10);
    expect(watch.paused.value).toHaveLength(2);
    watch.run();
    expect(watch.filtered.value.map(({ number }) => number).slice(0, 3)).toEqual([12, 11, 10]);
  });

  it("says what a slow console was spared, and reads it again from there", async () => {
    const watch = new Watch(townOf(10).api);
    await watch.load();
    watch.events([tail(line(500))], 489);
    expect(watch.skipped.value).toBe(489);
    expect(watch.older.value).toBe(500);
  });

  it("keeps an alert while it is active", async () => {
    const watch = new Watch(townOf(0).api);
    const alert = { type: "alert", at: 1, kind: "redis_down", text: "", account: null } as const;
    watch.alerted({ ...alert, active: true, payment: null });
    watch.alerted({ ...alert, active: true, payment: null });
    expect(watch.alerts.value).toHaveLength(1);
    watch.alerted({ ...alert, active: false, payment: null });
    expect(watch.alerts.value).toEqual([]);
  });
});
