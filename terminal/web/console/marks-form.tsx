/** What identifies a shop beside its sticker: its marks, to look at, add and take off. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Explanation } from "../shared/explain";
import type { Api } from "../shared/http";
import type { Done, Mark, Marks, NewMark, Scheme, ShopInfo } from "../shared/protocol";
import { Trouble } from "../shared/ui/status";
import { t as common } from "../shared/words";
import { Form, Text } from "./form";
import { troubleOf } from "./places";
import { t } from "./words";

const SCHEMES: readonly Scheme[] = ["jpqr", "store_code", "device", "stamp"];
// A JPQR sticker's whole text is the longest.
const MARK_MAX = 512;

interface MarksProps {
  api: Api;
  shop: ShopInfo;
  onClose: () => void;
}

export function MarksForm({ api, shop, onClose }: MarksProps): JSX.Element {
  const [marks, setMarks] = useState<Mark[]>([]);
  const [scheme, setScheme] = useState<Scheme>("jpqr");
  const [text, setText] = useState("");
  const [trouble, setTrouble] = useState<Explanation | null>(null);
  const path = `console/shops/${shop.shop}/marks`;

  const load = async (): Promise<void> => setMarks((await api.get<Marks>(path)).marks);
  useEffect(() => {
    load().catch((error: unknown) => setTrouble(troubleOf(error)));
  }, [path]);

  const remove = async (mark: Mark): Promise<void> => {
    try {
      const body: NewMark = { scheme: mark.scheme, mark: mark.mark };
      await api.post<Done>(`${path}/remove`, body);
      setTrouble(null);
      await load();
    } catch (error) {
      setTrouble(troubleOf(error));
    }
  };

  return (
    <Form
      title={t("marks.title", { shop: shop.name })}
      submit={t("marks.add")}
      leave={common("action.close")}
      isReady={text.trim() !== ""}
      onSubmit={async () => {
        const body: NewMark = { scheme, mark: text.trim() };
        await api.post<Mark>(path, body);
        setText("");
        await load();
      }}
      onClose={onClose}
      testid="marks"
    >
      {trouble && <Trouble explanation={trouble} />}
      {marks.length === 0 ? (
        <p class="soft">{t("marks.none")}</p>
      ) : (
        <ul class="stack" data-testid="mark-list">
          {marks.map((mark) => (
            <li key={`${mark.scheme} ${mark.mark}`} class="mark" data-mark={mark.mark}>
              <span class="soft small">{t(`marks.${mark.scheme}`)}</span>
              <span class="mark-text">{mark.mark}</span>
              <button
                type="button"
                class="button"
                data-testid="mark-remove"
                aria-label={t("marks.remove_one", { mark: mark.mark })}
                onClick={() => void remove(mark)}
              >
                {t("marks.remove")}
              </button>
            </li>
          ))}
        </ul>
      )}
      <label class="field">
        <span class="field-label">{t("marks.scheme")}</span>
        <select
          class="field-input"
          data-testid="mark-scheme"
          value={scheme}
          onChange={(event) => {
            const chosen = SCHEMES.find((known) => known === event.currentTarget.value);
            if (chosen) setScheme(chosen);
          }}
        >
          {SCHEMES.map((known) => (
            <option key={known} value={known}>
              {t(`marks.${known}`)}
            </option>
          ))}
        </select>
      </label>
      <Text
        name={t("marks.text")}
        hint={t(`marks.${scheme}_hint`)}
        value={text}
        onChange={setText}
        max={MARK_MAX}
        testid="mark-text"
      />
      <a
        href={`/api/${api.town}/console/shops/${shop.shop}/unified-sticker.svg`}
        target="_blank"
        rel="noopener"
        data-testid="unified-sticker"
      >
        {t("marks.sticker")}
      </a>
    </Form>
  );
}
