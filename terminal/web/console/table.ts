/** Tables: sorting by a column, and the CSV of exactly what is shown. */

export type Cell = string | number | boolean | null;

export interface Column<Row> {
  key: string;
  title: string;
  value: (row: Row) => Cell;
}

export interface Order {
  key: string;
  down: boolean;
}

/** Touching a column's title sorts by it; touching it again turns the order round. */
export function turned(order: Order | null, key: string): Order {
  return order?.key === key ? { key, down: !order.down } : { key, down: false };
}

/** Sorted by a column: numbers as numbers, words as Japanese sorts them, nothing last. */
export function sorted<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  order: Order | null,
): Row[] {
  const column = columns.find(({ key }) => key === order?.key);
  if (!column || !order) return [...rows];
  const sign = order.down ? -1 : 1;
  return [...rows].sort((one, other) => {
    const [a, b] = [column.value(one), column.value(other)];
    if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
    if (typeof a === "number" && typeof b === "number") return sign * (a - b);
    return sign * String(a).localeCompare(String(b), "ja", { numeric: true });
  });
}

/** Rows of which any cell has the words in it. */
export function containing<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  text: string,
): Row[] {
  const words = text.trim().toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter((row) => {
    const line = columns.map((column) => String(column.value(row) ?? "").toLowerCase()).join(" ");
    return words.every((word) => line.includes(word));
  });
}

/**
 * CSV as Excel in Japan opens it: UTF-8 with a byte order mark, CRLF. A cell that a spreadsheet would
 * run as a formula is made a text, because names in it were typed by strangers.
 */
export function csvOf<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
  const line = (cells: Cell[]): string => `${cells.map(quoted).join(",")}\r\n`;
  const head = line(columns.map(({ title }) => title));
  return `\uFEFF${head}${rows.map((row) => line(columns.map((c) => c.value(row)))).join("")}`;
}

function quoted(cell: Cell): string {
  if (cell === null) return "";
  if (typeof cell !== "string") return String(cell);
  const text = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
}
