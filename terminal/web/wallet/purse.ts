/** The wallet put together: who is signed in, the line, the balance, and what is still open. */
import { signal } from "@preact/signals";
import type { Pending } from "../shared/commands";
import { Connection } from "../shared/connection";
import { whenSeen } from "../shared/device";
import type { Trouble } from "../shared/explain";
import { Api, ApiFailure } from "../shared/http";
import { Memory } from "../shared/memory";
import { NoticeBoard } from "../shared/notices";
import type { Balance, Ready, Receipt, StatusBody, TownInfo, WalletInfo } from "../shared/protocol";
import { useTownColour } from "../shared/ui/theme";
import { Announcements } from "./announcements";

/** `starting`: not yet known. `unreachable`: nobody answers; tried again by itself. */
export type Standing = "starting" | "unreachable" | "stranger" | "owner";

/** A payment whose outcome this page is finding out. */
export interface OpenPayment {
  pending: Pending<Receipt>;
  state: "checking" | "done" | "not_made" | "refused";
  trouble?: Trouble;
}

const AGAIN_MS = 3_000;

/** What a signed-in wallet has; another wallet on the same device has another. */
interface Owned {
  connection: Connection;
  news: Announcements;
}

export class Purse {
  readonly api: Api;
  readonly notices: NoticeBoard;
  readonly standing = signal<Standing>("starting");
  readonly town = signal<TownInfo | null>(null);
  readonly me = signal<WalletInfo | null>(null);
  readonly balance = signal<Balance | null>(null);
  readonly isBalanceOld = signal(false);
  readonly open = signal<OpenPayment[]>([]);
  /** Counts up whenever the history may have grown. */
  readonly moves = signal(0);
  /** Receipts that reversals refer to, by id: what was cancelled tells where the money went. */
  private readonly originals = signal<ReadonlyMap<string, Receipt>>(new Map());
  private readonly wanted = new Set<string>();
  private balanceRound = 0;
  private owned: Owned | null = null;

  constructor(town: string) {
    this.api = new Api(town);
    this.notices = new NoticeBoard(this.api);
  }

  get connection(): Connection {
    return this.mine().connection;
  }

  get news(): Announcements {
    return this.mine().news;
  }

  /** Finds out who this is, and opens the line if there is a wallet. */
  async start(): Promise<void> {
    try {
      this.town.value ??= await this.api.get<TownInfo>("town");
      useTownColour(this.town.value.colour);
      const me = await this.api.get<WalletInfo>("wallet");
      this.me.value = me;
      this.own(me);
      this.standing.value = "owner";
      this.connection.start();
    } catch (failure) {
      if (failure instanceof ApiFailure && failure.status === 401) {
        this.standing.value = "stranger";
      } else {
        this.standing.value = "unreachable";
        setTimeout(() => void this.start(), AGAIN_MS);
      }
    }
  }

  private mine(): Owned {
    if (!this.owned) throw new Error("nobody is signed in");
    return this.owned;
  }

  private own(me: WalletInfo): void {
    const memory = new Memory(`${this.api.town}.wallet.${me.wallet}`);
    let opened_ms = Number.POSITIVE_INFINITY;
    const connection = new Connection({
      town: this.api.town,
      role: "wallet",
      memory,
      ticket: () => this.api.ticket("wallet"),
      listener: {
        load: (ready) => {
          opened_ms = Math.min(opened_ms, ready.server_time);
          void this.load(ready);
        },
        event: (event) => {
          news.event(event);
          if (event.kind !== "duplicate_question") this.moved(event.body);
        },
        message: (message) => {
          if (message.type === "shown") news.shopHasShown(message.payments);
          if (message.type === "notice" && message.kind === "notices") {
            this.notices.soon(message.retry_after_ms ?? 0);
          }
        },
      },
    });
    const news = new Announcements(
      memory,
      (seq, stage) => connection.acknowledge(seq, stage),
      () => connection.serverNow(),
      () => opened_ms,
    );
    this.owned = { connection, news };
    for (const pending of connection.commands.recovered) this.watch(pending);
    connection.link.subscribe((link) => {
      if (link.kind === "ended" && link.reason === "signed_out") this.leave();
    });
  }

  /** The balance and the newest lines have what came before `seq`: once seen, that is shown. */
  private async load(ready: Ready): Promise<void> {
    void this.notices.look();
    await this.refresh();
    if (!this.isBalanceOld.value) {
      whenSeen(() => this.connection.acknowledge(ready.seq, "shown"));
    }
  }

  /** Nothing of this wallet stays on the screen; what is still open is asked when it comes back. */
  private leave(): void {
    this.owned?.connection.stop();
    this.balance.value = null;
    this.notices.forget();
    this.open.value = [];
    this.me.value = null;
    this.standing.value = "stranger";
  }

  async signOut(): Promise<void> {
    await this.api.post("wallet/sign-out");
    this.leave();
  }

  /** The balance as the gateway has it now. An older answer never replaces a newer one. */
  async refresh(): Promise<void> {
    this.moves.value++;
    const round = ++this.balanceRound;
    try {
      const balance = await this.api.get<Balance>("wallet/balance");
      if (round !== this.balanceRound) return;
      this.balance.value = balance;
      this.isBalanceOld.value = false;
    } catch {
      if (round === this.balanceRound) this.isBalanceOld.value = true;
    }
  }

  /** The outcome of this screen's own payment came: shown in full, and the balance follows. */
  paid(receipt: Receipt): void {
    this.news.result(receipt);
    this.moved(receipt);
  }

  /** Follows a payment that nobody is looking at, until its outcome is known. */
  watch(pending: Pending<Receipt>): void {
    const put = (payment: OpenPayment): void => {
      const others = this.open.value.filter((other) => other.pending.id !== pending.id);
      this.open.value = [...others, payment];
    };
    put({ pending, state: "checking" });
    void pending.answer.then((answer) => {
      if (answer.ok) {
        if (this.news.isNew(answer.result)) {
          this.settled(pending.id);
          this.paid(answer.result);
        } else {
          put({ pending, state: "done" });
        }
      } else if (answer.error.code === "not_sent") put({ pending, state: "not_made" });
      else if (answer.error.code === "duplicate_suspected" && answer.error.detail) {
        this.settled(pending.id);
        this.news.ask(answer.error.detail);
      } else put({ pending, state: "refused", trouble: answer.error });
    });
  }

  /** What a reversal reversed, or null until the gateway has told. Rendering again when it has. */
  original(reversal: Receipt): Receipt | null {
    const id = reversal.refers;
    if (id == null) return null;
    const known = this.originals.value.get(id) ?? null;
    if (known === null && !this.wanted.has(id)) {
      this.wanted.add(id);
      this.api
        .get<StatusBody>(`wallet/payments/${id}`)
        .then(({ receipt }) => receipt && this.learn([receipt]))
        .catch(() => this.wanted.delete(id));
    }
    return known;
  }

  learn(receipts: Receipt[]): void {
    const known = new Map(this.originals.value);
    for (const receipt of receipts) known.set(receipt.id, receipt);
    this.originals.value = known;
  }

  settled(id: string): void {
    this.open.value = this.open.value.filter((other) => other.pending.id !== id);
  }

  /** The receipt says what is left; the parts and expiries follow from the gateway. */
  private moved(receipt: Receipt): void {
    const balance = this.balance.value;
    if (receipt.balance && balance && receipt.at >= balance.at) {
      const total = Object.values(receipt.balance).reduce((sum, amount) => sum + amount, 0);
      this.balance.value = { ...balance, total, at: receipt.at };
    }
    void this.refresh();
  }
}
