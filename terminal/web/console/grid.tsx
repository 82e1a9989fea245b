/** A table that filters, sorts, and exports as CSV what is left in it. */
import type { ComponentChild, JSX } from "preact";
import { useState } from "preact/hooks";
import { download } from "./export";
import { type Column, containing, csvOf, type Order, sorted, turned } from "./table";
import { t } from "./words";

export interface GridColumn<Row> extends Column<Row> {
  /** How it looks, where that is more than its value; the CSV has the value. */
  show?: (row: Row) => ComponentChild;
  right?: boolean;
}

export interface GridProps<Row> {
  rows: readonly Row[];
  columns: readonly GridColumn<Row>[];
  keyOf: (row: Row) => string | number;
  /** Of the exported file. */
  name: string;
  empty: string;
  actions?: (row: Row) => ComponentChild;
  testid: string;
}

export function Grid<Row>(props: GridProps<Row>): JSX.Element {
  const { rows, columns, keyOf, name, empty, actions, testid } = props;
  const [text, setText] = useState("");
  const [order, setOrder] = useState<Order | null>(null);
  const left = sorted(containing(rows, columns, text), columns, order);
  return (
    <div class="grid" data-testid={testid}>
      <div class="grid-tools">
        <input
          class="field-input grid-filter"
          type="search"
          placeholder={t("table.filter")}
          aria-label={t("table.filter")}
          data-testid={`${testid}-filter`}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <span class="soft">{t("table.count", { n: left.length })}</span>
        <button
          type="button"
          class="button"
          data-testid={`${testid}-csv`}
          onClick={() => download(`${name}.csv`, csvOf(left, columns))}
        >
          {t("table.csv")}
        </button>
      </div>
      <div class="grid-scroll">
        <table>
          <thead>
            <tr>
              {columns.map((column) => (
                <SortHead
                  key={column.key}
                  title={column.title}
                  isRight={column.right === true}
                  order={order?.key === column.key ? order : null}
                  onTurn={() => setOrder(turned(order, column.key))}
                />
              ))}
              {actions && <th scope="col">{t("col.actions")}</th>}
            </tr>
          </thead>
          <tbody>
            {left.map((row) => (
              <tr key={keyOf(row)} data-key={keyOf(row)}>
                {columns.map((column) => (
                  <td
                    key={column.key}
                    class={column.right ? "right" : ""}
                    data-title={column.title}
                  >
                    {column.show ? column.show(row) : column.value(row)}
                  </td>
                ))}
                {actions && <td class="grid-actions">{actions(row)}</td>}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {left.length === 0 && <p class="grid-empty soft">{empty}</p>}
    </div>
  );
}

interface SortHeadProps {
  title: string;
  isRight: boolean;
  order: Order | null;
  onTurn: () => void;
}

function SortHead({ title, isRight, order, onTurn }: SortHeadProps): JSX.Element {
  const sort = order === null ? "none" : order.down ? "descending" : "ascending";
  return (
    <th scope="col" class={isRight ? "right" : ""} aria-sort={sort}>
      <button type="button" class="grid-sort" onClick={onTurn}>
        {title}
        <span aria-hidden="true">{order === null ? "" : order.down ? " ▼" : " ▲"}</span>
      </button>
    </th>
  );
}
