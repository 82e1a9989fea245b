/** A new shop, and a new tablet for one. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Api } from "../shared/http";
import { digitsOf } from "../shared/money";
import type { Enrolment, ShopInfo } from "../shared/protocol";
import { Form, Text } from "./form";
import { t } from "./words";

interface NewShopProps {
  api: Api;
  onClose: () => void;
  onDone: (shop: ShopInfo) => void;
}

export function NewShopForm({ api, onClose, onDone }: NewShopProps): JSX.Element {
  const [name, setName] = useState("");
  const [kind, setKind] = useState("");
  const [area, setArea] = useState("");
  const [pin, setPin] = useState("");
  const words = [name, kind, area].map((word) => word.trim());
  return (
    <Form
      title={t("shop.add")}
      submit={t("shop.save")}
      isReady={words.every(Boolean) && /^\d{4}$/.test(pin)}
      onSubmit={async () =>
        onDone(
          await api.post<ShopInfo>("console/shops", {
            name: words[0],
            kind: words[1],
            area: words[2],
            manager_pin: pin,
          }),
        )
      }
      onClose={onClose}
      testid="new-shop"
    >
      <Text name={t("shop.name")} value={name} onChange={setName} testid="new-shop-name" />
      <Text name={t("shop.kind")} value={kind} onChange={setKind} testid="new-shop-kind" />
      <Text name={t("shop.area")} value={area} onChange={setArea} testid="new-shop-area" />
      <Text
        name={t("shop.pin")}
        hint={t("shop.pin_help")}
        value={pin}
        onChange={(text) => setPin(digitsOf(text))}
        isNumeric
        max={4}
        testid="new-shop-pin"
      />
    </Form>
  );
}

interface NewTerminalProps {
  api: Api;
  shops: readonly ShopInfo[];
  shop: number | null;
  onClose: () => void;
  onDone: (enrolment: Enrolment) => void;
}

export function NewTerminalForm({
  api,
  shops,
  shop: given,
  onClose,
  onDone,
}: NewTerminalProps): JSX.Element {
  const [shop, setShop] = useState(String(given ?? shops[0]?.shop ?? ""));
  const [label, setLabel] = useState("");
  return (
    <Form
      title={t("terminal.add")}
      submit={t("shop.save")}
      isReady={shop !== "" && label.trim() !== ""}
      onSubmit={async () =>
        onDone(
          await api.post<Enrolment>(`console/shops/${shop}/terminals`, { label: label.trim() }),
        )
      }
      onClose={onClose}
      testid="new-terminal"
    >
      <label class="field">
        <span class="field-label">{t("terminal.shop")}</span>
        <select
          class="field-input"
          data-testid="new-terminal-shop"
          value={shop}
          onChange={(event) => setShop(event.currentTarget.value)}
        >
          {shops.map((known) => (
            <option key={known.shop} value={String(known.shop)}>
              {known.name}
            </option>
          ))}
        </select>
      </label>
      <Text
        name={t("terminal.label")}
        value={label}
        onChange={setLabel}
        testid="new-terminal-label"
      />
    </Form>
  );
}
