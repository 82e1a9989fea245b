/** Notices (お知らせ): what the town tells a wallet or a shop that is no payment; what is unread. */
import { signal } from "@preact/signals";
import type { Api } from "./http";
import { language } from "./i18n";
import type { NoticeLine, Notices, UnreadNotices } from "./protocol";

const PAGE = 30;

export class NoticeBoard {
  readonly lines = signal<NoticeLine[]>([]);
  readonly unread = signal(0);
  readonly state = signal<"loading" | "ready" | "failed">("loading");
  /** What the gateway takes for the page behind the last line; null: there is none. */
  readonly next = signal<number | null>(null);
  private round = 0;

  constructor(
    private readonly api: Pick<Api, "get" | "post">,
    private readonly who: "wallet" | "terminal" = "wallet",
  ) {}

  /** The newest, instead of what was known. */
  async look(): Promise<void> {
    await this.load("", []);
  }

  /** The page behind those that are known. */
  async more(): Promise<void> {
    if (this.next.value === null || this.state.value === "loading") return;
    await this.load(`&before=${this.next.value}`, this.lines.value);
  }

  /** Somebody has seen the newest. The lines stay marked as new until the screen is opened again. */
  async seen(): Promise<void> {
    const newest = this.lines.value[0];
    if (!newest || this.unread.value === 0) return;
    try {
      const left = await this.api.post<UnreadNotices>(`${this.who}/notices/read`, {
        up_to: newest.notice,
      });
      this.unread.value = left.unread;
    } catch {
      // Unread still: they are marked when the screen is opened next.
    }
  }

  /** Something new is there: looks after `wait_ms`, when it is this screen's turn. */
  soon(wait_ms: number): void {
    const mine = this.round;
    setTimeout(() => {
      if (mine === this.round) void this.look();
    }, wait_ms);
  }

  /** Nothing of this wallet stays. */
  forget(): void {
    this.round++;
    this.lines.value = [];
    this.unread.value = 0;
    this.next.value = null;
    this.state.value = "loading";
  }

  private async load(behind: string, before: NoticeLine[]): Promise<void> {
    const mine = ++this.round;
    this.state.value = "loading";
    try {
      const page = await this.api.get<Notices>(
        `${this.who}/notices?limit=${PAGE}&language=${language.value}${behind}`,
      );
      if (mine !== this.round) return;
      this.lines.value = [...before, ...page.notices];
      this.unread.value = page.unread;
      this.next.value = page.next;
      this.state.value = "ready";
    } catch {
      if (mine === this.round) this.state.value = "failed";
    }
  }
}
