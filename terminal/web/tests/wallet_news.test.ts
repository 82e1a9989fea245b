// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";
import { Memory } from "../shared/memory";
import type { FeedEvent } from "../shared/protocol";
import { Announcements } from "../wallet/announcements";
import { receiptOf } from "./line";

const NOW_MS = 1_790_000_000_000;

function told(kind: string): number {
  const news = new Announcements(
    new Memory(`news-${kind}`),
    () => undefined,
    () => NOW_MS,
    () => NOW_MS,
  );
  const body = receiptOf(`p-${kind}`, { kind, at: NOW_MS });
  news.event({ type: "event", seq: 1, kind, sound: "", body } as FeedEvent);
  return news.results.value.length;
}

describe("the wallet's news", () => {
  it.each(["payment", "grant", "issue", "reversal"])(
    "tells of a %s on the whole screen",
    (kind) => {
      expect(told(kind)).toBe(1);
    },
  );

  it("leaves what expired at midnight to the history", () => {
    expect(told("expiry")).toBe(0);
  });
});
