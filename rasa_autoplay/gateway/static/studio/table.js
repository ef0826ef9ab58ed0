// Tables that one can sort and copy.

import { h, icon, replace } from "./dom.js";
import { copy } from "./notice.js";
import { plural } from "./format.js";

const COPY = "M9 9h10v11H9zM15 9V4H5v11h4";

/**
 * Make a table.
 *
 * @param columns each `{title, value(row), cell?(row), align?, sortable?, width?}`: `value` sorts and is copied, `cell`
 *   is what is shown (a node or a text; by default the value), `align: "end"` is for numbers.
 * @param rows the data; any objects.
 * @param caption says what the table shows; it is read aloud and shown above it.
 * @param sortBy the title of the column that sorts at first; `descending` its direction.
 * @param empty a node to show without rows.
 * @param rowAttributes(row) attributes of a row, optional.
 * @return the element; its `update(rows)` shows other rows and keeps the order.
 */
export function table({ columns, rows, caption, sortBy, descending = false, empty, rowAttributes }) {
  let shown = rows;
  let order = { column: columns.find(({ title }) => title === sortBy), descending };
  const body = h("tbody");
  const heads = columns.map((column) => headOf(column, () => sort(column)));
  const copyButton = h(
    "button",
    { type: "button", class: "button button-small", title: "Copy as a table", onclick: () => copy(asTsv(columns, sorted(shown, order)), `${plural(shown.length, "row")} copied.`) },
    icon(COPY),
    "Copy",
  );
  const scroller = h(
    "div",
    { class: "table-scroller", role: "region", "aria-label": caption, tabindex: "0" },
    h("table", { class: "table" }, h("caption", { class: "visually-hidden" }, caption), h("thead", null, h("tr", null, heads.map(({ head }) => head))), body),
  );
  const nothing = h("div", null, empty ?? h("p", { class: "soft" }, "Nothing yet."));
  const element = h("div", { class: "table-box" }, h("div", { class: "table-head" }, h("span", { class: "soft small" }, caption), copyButton), scroller, nothing);

  function sort(column) {
    order = { column, descending: order.column === column ? !order.descending : column.align === "end" };
    draw();
  }

  function draw() {
    for (const { column, head, mark } of heads) {
      const isSorted = column === order.column;
      if (isSorted) head.setAttribute("aria-sort", order.descending ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
      if (mark) mark.textContent = isSorted ? (order.descending ? "↓" : "↑") : "";
    }
    replace(body, sorted(shown, order).map((row) => h("tr", rowAttributes?.(row), columns.map((column) => h("td", { class: column.align === "end" && "end" }, column.cell ? column.cell(row) : textOf(column.value(row)))))));
    scroller.hidden = copyButton.hidden = !shown.length;
    nothing.hidden = Boolean(shown.length);
  }

  element.update = (more) => {
    shown = more;
    draw();
  };
  draw();
  return element;
}

function headOf(column, sort) {
  const style = column.width && { "inline-size": column.width };
  const attributes = { scope: "col", class: column.align === "end" && "end", style };
  if (column.sortable === false) return { column, head: h("th", attributes, column.title) };
  const mark = h("span", { class: "sort-mark", "aria-hidden": "true" });
  return { column, mark, head: h("th", attributes, h("button", { type: "button", class: "sort", onclick: sort }, column.title, mark)) };
}

function sorted(rows, { column, descending }) {
  if (!column) return rows;
  const sign = descending ? -1 : 1;
  return [...rows].sort((a, b) => compare(column.value(a), column.value(b), sign));
}

/** What is missing comes last in both directions. */
function compare(a, b, sign) {
  const missing = (value) => value === null || value === undefined || Number.isNaN(value);
  if (missing(a) || missing(b)) return missing(a) - missing(b);
  if (typeof a === "number" && typeof b === "number") return sign * (a - b);
  return sign * String(a).localeCompare(String(b), undefined, { numeric: true });
}

function asTsv(columns, rows) {
  const lines = rows.map((row) => columns.map(({ value }) => cellText(value(row))));
  return [columns.map(({ title }) => cellText(title)), ...lines].map((cells) => cells.join("\t")).join("\n");
}

/** One line, and never a formula: a spreadsheet would run what a user wrote. */
function cellText(value) {
  const text = textOf(value).replace(/[\t\r\n]+/g, " ");
  return typeof value !== "number" && /^[=+\-@]/.test(text) ? `'${text}` : text;
}

function textOf(value) {
  return value === null || value === undefined ? "" : String(value);
}
