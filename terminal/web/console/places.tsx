/** Shops and their tablets: add, enrol, print the sticker, revoke. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { type Explanation, explain } from "../shared/explain";
import { type Api, ApiFailure } from "../shared/http";
import { fullTime } from "../shared/i18n";
import type { Enrolment, ShopInfo, Terminal } from "../shared/protocol";
import { Plus } from "../shared/ui/icons";
import { toast } from "../shared/ui/status";
import { Grid, type GridColumn } from "./grid";
import { MarksForm } from "./marks-form";
import { NewShopForm, NewTerminalForm } from "./new-forms";
import { EnrolmentShown, RevokeForm } from "./terminal-forms";
import type { Watch } from "./watch";
import { t } from "./words";

// A tablet that has just been enrolled shows up while the operator still looks.
const AGAIN_MS = 5_000;

type Open =
  | { form: "shop" }
  | { form: "terminal"; shop: number | null }
  | { form: "enrolment"; enrolment: Enrolment }
  | { form: "revoke"; terminal: Terminal }
  | { form: "marks"; shop: ShopInfo };

export interface PlacesProps {
  api: Api;
  watch: Watch;
  mayChange: boolean;
}

export function Places({ api, watch, mayChange }: PlacesProps): JSX.Element {
  const [open, setOpen] = useState<Open | null>(null);
  const [shop, setShop] = useState<number | null>(null);
  const close = (): void => setOpen(null);
  const refresh = (): void => {
    watch.loadPlaces().catch(() => undefined);
  };
  useEffect(() => {
    refresh();
    const timer = setInterval(refresh, AGAIN_MS);
    return () => clearInterval(timer);
  }, [watch]);
  const enrolAgain = async (terminal: Terminal): Promise<void> => {
    try {
      const path = `console/terminals/${terminal.terminal}/enrolment`;
      setOpen({ form: "enrolment", enrolment: await api.post<Enrolment>(path) });
      refresh();
    } catch (error) {
      toast(troubleOf(error).what);
    }
  };
  return (
    <div class="places">
      <Shops
        watch={watch}
        town={api.town}
        chosen={shop}
        mayChange={mayChange}
        onChoose={setShop}
        onAdd={() => setOpen({ form: "shop" })}
        onMarks={(marked) => setOpen({ form: "marks", shop: marked })}
      />
      <Terminals
        watch={watch}
        shop={shop}
        mayChange={mayChange}
        onAdd={() => setOpen({ form: "terminal", shop })}
        onEnrolAgain={(terminal) => void enrolAgain(terminal)}
        onRevoke={(terminal) => setOpen({ form: "revoke", terminal })}
      />
      {open?.form === "shop" && (
        <NewShopForm
          api={api}
          onClose={close}
          onDone={(made) => {
            close();
            refresh();
            toast(t("shop.saved", { name: made.name, code: made.code }));
          }}
        />
      )}
      {open?.form === "marks" && <MarksForm api={api} shop={open.shop} onClose={close} />}
      {open?.form === "terminal" && (
        <NewTerminalForm
          api={api}
          shops={watch.shops.value}
          shop={open.shop}
          onClose={close}
          onDone={(enrolment) => {
            setOpen({ form: "enrolment", enrolment });
            refresh();
          }}
        />
      )}
      {open?.form === "enrolment" && (
        <EnrolmentShown
          enrolment={open.enrolment}
          onClose={() => {
            close();
            refresh();
          }}
        />
      )}
      {open?.form === "revoke" && (
        <RevokeForm
          api={api}
          terminal={open.terminal}
          shopName={nameOf(watch, open.terminal.shop)}
          onClose={close}
          onDone={() => {
            toast(t("revoke.done", { n: open.terminal.terminal }));
            close();
            refresh();
          }}
        />
      )}
    </div>
  );
}

export function troubleOf(error: unknown): Explanation {
  const failure = error instanceof ApiFailure ? error : null;
  return explain(failure?.detail ?? { code: failure?.code ?? "fault" }, "shop");
}

function nameOf(watch: Watch, shop: number): string {
  return watch.shops.value.find((known) => known.shop === shop)?.name ?? String(shop);
}

interface ShopsProps {
  watch: Watch;
  town: string;
  chosen: number | null;
  mayChange: boolean;
  onChoose: (shop: number | null) => void;
  onAdd: () => void;
  onMarks: (shop: ShopInfo) => void;
}

function Shops(props: ShopsProps): JSX.Element {
  const { watch, town, chosen, mayChange, onChoose, onAdd, onMarks } = props;
  const columns: GridColumn<ShopInfo>[] = [
    { key: "name", title: t("col.shop"), value: (shop) => shop.name },
    { key: "code", title: t("col.code"), value: (shop) => shop.code },
    { key: "kind", title: t("col.shop_kind"), value: (shop) => shop.kind },
    { key: "area", title: t("col.area"), value: (shop) => shop.area },
    { key: "account", title: t("col.account"), value: (shop) => shop.shop, right: true },
  ];
  return (
    <section class="stack">
      <div class="places-head">
        <h2>{t("places.shops")}</h2>
        {mayChange && (
          <button type="button" class="button" data-testid="shop-add" onClick={onAdd}>
            <Plus /> {t("shop.add")}
          </button>
        )}
      </div>
      <Grid
        rows={watch.shops.value}
        columns={columns}
        keyOf={(shop) => shop.shop}
        name="shops"
        empty=""
        testid="shops"
        actions={(shop) => (
          <>
            <button
              type="button"
              class="button"
              data-testid="shop-terminals"
              aria-pressed={chosen === shop.shop}
              onClick={() => onChoose(chosen === shop.shop ? null : shop.shop)}
            >
              {chosen === shop.shop ? t("shop.all") : t("shop.terminals")}
            </button>
            <a
              class="button"
              data-testid="shop-sticker"
              href={`/${town}/console/sticker/${shop.shop}`}
              target="_blank"
              rel="noopener"
            >
              {t("shop.sticker")}
            </a>
            {mayChange && (
              <button
                type="button"
                class="button"
                data-testid="shop-marks"
                onClick={() => onMarks(shop)}
              >
                {t("shop.marks")}
              </button>
            )}
          </>
        )}
      />
    </section>
  );
}

interface TerminalsProps {
  watch: Watch;
  shop: number | null;
  mayChange: boolean;
  onAdd: () => void;
  onEnrolAgain: (terminal: Terminal) => void;
  onRevoke: (terminal: Terminal) => void;
}

const STATES = ["waiting", "enrolled", "revoked"] as const;

function stateWords(terminal: Terminal): string {
  const known = STATES.find((state) => state === terminal.state);
  const words = known ? t(`state.${known}`) : terminal.state;
  if (terminal.wiped_at !== null) return `${words} · ${t("state.wiped")}`;
  return terminal.connected ? `${words} · ${t("state.connected")}` : words;
}

function Terminals(props: TerminalsProps): JSX.Element {
  const { watch, shop, mayChange, onAdd, onEnrolAgain, onRevoke } = props;
  const columns: GridColumn<Terminal>[] = [
    { key: "terminal", title: "#", value: (each) => each.terminal, right: true },
    { key: "label", title: t("col.label"), value: (each) => each.label },
    { key: "shop", title: t("col.shop"), value: (each) => nameOf(watch, each.shop) },
    {
      key: "state",
      title: t("col.state"),
      value: stateWords,
      show: (each) => (
        <span class={`state state-${each.connected ? "connected" : each.state}`}>
          {stateWords(each)}
        </span>
      ),
    },
    {
      key: "enrolled",
      title: t("col.enrolled"),
      value: (each) => (each.enrolled_at === null ? null : fullTime(each.enrolled_at)),
    },
  ];
  const rows = watch.terminals.value.filter((each) => shop === null || each.shop === shop);
  return (
    <section class="stack">
      <div class="places-head">
        <h2>
          {t("places.terminals")}
          {shop !== null && <span class="soft"> — {nameOf(watch, shop)}</span>}
        </h2>
        {mayChange && (
          <button type="button" class="button" data-testid="terminal-add" onClick={onAdd}>
            <Plus /> {t("terminal.add")}
          </button>
        )}
      </div>
      <Grid
        rows={rows}
        columns={columns}
        keyOf={(each) => each.terminal}
        name="terminals"
        empty=""
        testid="terminals"
        actions={(each) =>
          mayChange && each.state !== "revoked" ? (
            <>
              <button
                type="button"
                class="button"
                data-testid="terminal-enrol"
                title={t("again.what")}
                onClick={() => onEnrolAgain(each)}
              >
                {t("terminal.enrol_again")}
              </button>
              <button
                type="button"
                class="button"
                data-testid="terminal-revoke"
                onClick={() => onRevoke(each)}
              >
                {t("terminal.revoke")}
              </button>
            </>
          ) : null
        }
      />
    </section>
  );
}
